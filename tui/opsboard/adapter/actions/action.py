"""The base of an action, and what it returns."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isabstract
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from opsboard.adapter.action_spec import ActionSpec
from opsboard.adapter.actions.contexts import PlanContext, ReadContext, SendContext
from opsboard.adapter.details import Fact
from opsboard.adapter.errors import Malformed, Misconfigured, PreconditionFailed, SourceError
from opsboard.adapter.forms import Form, Request
from opsboard.adapter.plans import (
    DEFAULT_TIMEOUT,
    Difference,
    Finding,
    Permission,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
)
from opsboard.adapter.start_findings import StartCheck
from opsboard.environments.names import UNKNOWN

C = TypeVar("C")
P = TypeVar("P")

SHORTEST_PACE: Final = 2.0
LONGEST_PACE: Final = 15.0
"""Seconds between two polls of an observation, where an action does not say otherwise."""


class AdapterFault(SourceError):
    """An action breaks a promise of the toolkit: a fault of its adapter, and of nobody else."""

    def __init__(self, action: str, fault: str) -> None:
        super().__init__(
            f"the action {action!r} {fault}", "this is a fault of the adapter: report it there"
        )


class PermissionAnswer(NamedTuple):
    """Whether the server would permit an action, and from what that is known."""

    permission: Permission
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Generic[P]):
    """What an action would do, before the runner has asked about permission and dry run.

    *payload* is all that the later phases need. *target* names what is acted on in full, *name* is
    what has to be typed to confirm. All other fields are as in :class:`~opsboard.adapter.Plan`;
    *title* and *disruptive* are those of the action's spec where they are left out. *environments*
    are all that are touched: say so, since a plan of unknown environments is judged by the
    strictest rule there is.
    """

    payload: P
    target: str
    name: str
    before: str = ""
    after: str = ""
    title: str = ""
    environment: str = ""
    environments: tuple[str, ...] = (UNKNOWN,)
    disruptive: bool | None = None
    origin: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    target_id: str = ""
    undo: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Difference, ...] = ()
    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    timeout: float = DEFAULT_TIMEOUT


class Action(ABC, Generic[C, P]):
    """One thing that can be done to records; *C* is the type of the client, *P* of the payload.

    An action holds no state: all that it needs is handed to it. Set :attr:`spec` and
    :attr:`payload`, and implement :meth:`draft`, :meth:`precondition`, :meth:`send`,
    :meth:`observe` and :meth:`reconcile`. Everything else has a default. Raise
    :exc:`~opsboard.adapter.SourceError` where something cannot be read or done.
    """

    spec: ActionSpec
    """What menus, the command line and the policy know of it."""

    payload: type[P]
    """A frozen dataclass or pydantic model that goes through JSON unharmed. It is kept in the audit
    trail, and read again by later sessions: give new fields a default."""

    payload_may_hold_secrets: ClassVar[bool] = False
    """Whether a registered secret in the payload is the user's own wish: a command line of the
    config, say. It is masked on record, and a later session cannot reconcile such a plan."""

    names_executor: ClassVar[bool] = False
    """Whether plans name their source as ``executor`` also where it acts on a record of its own.
    Both mean the same (:attr:`~opsboard.adapter.Plan.by`); scripts may read either in the JSON."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        payload = getattr(cls, "payload", None)
        if payload is not None and not _is_frozen(payload):
            raise TypeError(f"{cls.__qualname__}.payload has to be a frozen dataclass or model")

    # --- planning: by reading only ---------------------------------------------------------------

    async def form(self, ctx: ReadContext[C], request: Request) -> Form:
        """Return what can be filled in; by default nothing."""
        return Form()

    @abstractmethod
    async def draft(
        self, ctx: ReadContext[C], request: Request, values: Mapping[str, str]
    ) -> Draft[P]:
        """Return what it would do with *values*, those of the form with its defaults.

        What stands against it is a finding of the draft. Raise where there is nothing to plan: the
        target is gone, nothing to go back to.
        """

    @abstractmethod
    async def precondition(self, ctx: ReadContext[C], payload: P) -> Mapping[str, str]:
        """Return what must be the same when it is sent, by name; at least one entry.

        Called when planning, and again right before it is sent, with a fresh context. All that can
        tell that the world is another by then: a resource version, the number of an attempt, where
        an alias points. Read here what :meth:`send` needs: it gets the same memo.
        """

    async def permission(self, ctx: ReadContext[C], payload: P) -> PermissionAnswer:
        """Return whether the server would permit it, as far as that can be asked."""
        return PermissionAnswer(Permission.UNKNOWN, "the server does not say what is permitted")

    async def dry_run(self, ctx: ReadContext[C], payload: P) -> str:
        """Have the server try it without effect; return what to say of that, ``""`` if it cannot.

        Raise :exc:`~opsboard.adapter.RequestRefused` where the server would refuse it, and
        :exc:`~opsboard.adapter.Unsupported` where it cannot try just this.
        """
        return ""

    async def start_checks(self, ctx: PlanContext[C], payload: P) -> Sequence[StartCheck]:
        """Return the checks of whether what it brings back will start; by default there are none.

        Called after the plan was made. All checks run at once, each for a few seconds at most, and
        one that fails or takes longer becomes a finding that it could not be told.
        """
        return ()

    async def version(self, ctx: ReadContext[C], payload: P) -> str:
        """Return the version of the object that requests name, or ``""`` where they name none.

        Where they do, the server refuses a request for any other version: so a request that was
        refused for its version may be repeated for the new one, and one that is under way for an
        old version can do no harm any more.
        """
        return ""

    def invalid_values(self, request: Request, faults: Mapping[str, str]) -> SourceError:
        """Return the error for values that the form does not take; *faults* are by name."""
        said = "; ".join(f"{name} {fault}" for name, fault in faults.items())
        return Misconfigured(f"{self.spec.title}: {said}", "see the choices in its form")

    # --- carrying out ----------------------------------------------------------------------------

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        """Return the error for a world that is *now* another than that of *plan*."""
        changed = ", ".join(
            f"{name} is {now.get(name) or 'nothing'} now, and was {then or 'nothing'}"
            for name, then in plan.precondition.items()
            if now.get(name) != then
        )
        return PreconditionFailed(
            f"{plan.target} has changed since the plan was made: {changed}", "plan it again"
        )

    @abstractmethod
    async def send(self, ctx: SendContext[C], payload: P) -> Receipt:
        """Do it, once; return as soon as the server has taken it.

        Called once for a plan, with an open permit, right after the precondition was found to hold.
        Raise :exc:`~opsboard.adapter.NotSent` where nothing has left,
        :exc:`~opsboard.adapter.RequestRefused` where the server refused it, and
        :exc:`~opsboard.adapter.OutcomeUnknown` where no answer came. The runner takes
        :exc:`~opsboard.adapter.Unreachable`, :exc:`~opsboard.adapter.Malformed` and everything
        unforeseen for an unknown outcome, too.
        """

    # --- afterwards: by reading only -------------------------------------------------------------

    @abstractmethod
    async def observe(self, ctx: PlanContext[C], payload: P, receipt: Receipt) -> Progress:
        """Look once at how it goes on; give a verdict as soon as there is one.

        Called again and again (:func:`~opsboard.adapter.actions.poll_until_verdict`), maybe in a
        later session, with a fresh memo each time. That the server cannot be reached for a while
        need not be caught.
        """

    def pace(self, client: C, unchanged: int) -> float:
        """Return the seconds until the next look, after so many looks that saw nothing new."""
        return min(SHORTEST_PACE * 1.5 ** min(unchanged, 10), LONGEST_PACE)

    @abstractmethod
    async def reconcile(self, ctx: PlanContext[C], payload: P) -> ReconcileResult:
        """Look once whether it was carried out, where nobody saw the outcome.

        By a mark that :meth:`send` left, or a key that the server takes once. See
        :class:`~opsboard.adapter.ReconcileResult` for what to return. Where :meth:`version` names
        one, the runner fills in ``version`` and ``final``.
        """

    # --- the payload -----------------------------------------------------------------------------

    def read_payload(self, plan: Plan) -> P:
        """Return the payload of *plan*. Raises :exc:`Malformed` where it is of another shape."""
        try:
            return TypeAdapter(self.payload).validate_python(dict(plan.payload))
        except ValidationError as error:
            where = "; ".join(".".join(map(str, one["loc"])) for one in error.errors())
            raise Malformed(
                f"the plan of {plan.action} has a payload that cannot be read: {where}",
                "it was made by another version of opsboard: plan it again",
            ) from None

    def write_payload(self, payload: P) -> dict[str, Any]:
        """Return *payload* as JSON. Raises :exc:`AdapterFault` where it comes back as another."""
        if not isinstance(payload, self.payload):
            fault = f"has drafted a {type(payload).__name__}, and says {self.payload.__name__}"
            raise AdapterFault(self.spec.id, fault)
        shape = TypeAdapter(self.payload)
        written: dict[str, Any] = shape.dump_python(payload, mode="json")
        if shape.validate_python(written) != payload:
            raise AdapterFault(self.spec.id, "has a payload that does not go through JSON unharmed")
        return written


R = TypeVar("R")


def returned(action: str, method: str, value: object, cls: type[R]) -> R:
    """Return *value*, which *method* of *action* returned. Raises :exc:`AdapterFault` for another.

    A third party's method may return anything.
    """
    if not isinstance(value, cls):
        fault = f"returns {type(value).__name__} from {method}(), and no {cls.__name__}"
        raise AdapterFault(action, fault)
    return value


def precondition_named(action: str, named: object) -> dict[str, str]:
    """Return what the ``precondition`` of *action* has *named*. Raises :exc:`AdapterFault`."""
    if not isinstance(named, Mapping):
        fault = f"returns {type(named).__name__} from precondition(), and no mapping"
        raise AdapterFault(action, fault)
    for name, value in named.items():
        if not (isinstance(name, str) and isinstance(value, str)):
            fault = f"returns from precondition() {name!r:.60}: {type(value).__name__}, and no text"
            raise AdapterFault(action, fault)
    return dict(named)


def _is_frozen(payload: Any) -> bool:
    if isinstance(config := getattr(payload, "model_config", None), dict):
        return bool(config.get("frozen"))
    parameters = getattr(payload, "__dataclass_params__", None)
    return bool(parameters is not None and parameters.frozen)


def is_complete(action: type[Action[Any, Any]]) -> bool:
    """Tell whether *action* can be used: nothing is left abstract, spec and payload are given."""
    return not isabstract(action) and hasattr(action, "spec") and hasattr(action, "payload")
