"""A source: a connected instance of an adapter."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from opsboard.adapter.changes import Change
from opsboard.adapter.comparison import Comparand
from opsboard.adapter.errors import NotFound, Unsupported
from opsboard.adapter.listings import ListingCatalog, ListingQuery, ListingUpdate
from opsboard.adapter.log_query import LogQuery
from opsboard.adapter.object_pages import Description, ObjectTree
from opsboard.adapter.permit import Permit
from opsboard.adapter.training_inputs import TrainingInputs
from opsboard.frozen import Frozen, frozen, frozen_unchecked
from opsboard.records import JSON, Ref, Status
from opsboard.text.sanitize import Text

if TYPE_CHECKING:
    from opsboard.adapter.actions.runner import ActionRunner
    from opsboard.adapter.details import Detail, Series
    from opsboard.adapter.forms import Form, Request
    from opsboard.adapter.log_line import LogLine, LogPart
    from opsboard.adapter.plans import Plan, Progress, Receipt, ReconcileResult
    from opsboard.adapter.start_findings import Holding, Need, StartReport
    from opsboard.records.claims import Identity


@frozen_unchecked
class Check(Frozen):
    """A line of ``opsboard doctor``: *subject* (``reachable``, ``logged in``, ...), verdict."""

    subject: str
    status: Status
    message: str
    hint: str = ""


@frozen
class Principal(Frozen):
    """Who asks, as the server names them: the owner of a history, whatever token they use.

    *name* is for the screen. *id* is what stays when they are renamed, where the server has one.
    A server that asks nobody who they are has one principal: :data:`ANYBODY`.
    """

    name: Text
    id: Text = ""

    @property
    def key(self) -> str:
        """What their history is kept under."""
        return self.id or self.name


ANYBODY: Final = Principal(name="anybody")
"""The principal of a server that has no logins: all see the same."""


class Source(ABC):
    """A connected instance of an adapter. Closed by leaving the context that made it.

    One that can act sets :attr:`action_runner`; everything under *acting* follows from it.
    """

    action_runner: "ActionRunner[Any] | None" = None
    """Plans and carries out the actions: see :mod:`opsboard.adapter.actions`."""

    address: str = ""
    """Where the server is, without a login in it: ``https://mlflow.example``.

    The history is kept under it, and under :meth:`principal`. A source that does not say it has a
    history of its own under its name in the config.
    """

    async def principal(self) -> Principal | None:
        """Return who the server says that asks; ``None`` where it does not say.

        Asked once after connecting, and again after a login was refused. What one principal has
        seen is never shown to another. Where it is ``None``, the history is kept for this very
        login, and a rotated token begins a new one; so return it wherever the server can be asked:
        a SelfSubjectReview, ``GET /user``. Raises :exc:`SourceError` where it could not be asked.
        """
        return None

    @abstractmethod
    def changes(self) -> AsyncIterator[Change]:
        """Yield what changes, beginning with everything there is, without end.

        Called again after it raised :class:`SourceError`; what a restart would cost needlessly
        (ETags, resource versions) is kept on the instance.
        """

    @abstractmethod
    def checks(self) -> AsyncIterator[Check]:
        """Test the source for ``opsboard doctor``; never raise, say it as a failed check."""

    def enrich(self, identities: "frozenset[Identity]") -> None:  # noqa: B027 - it may be ignored
        """Take note of *identities* that other sources have stated, and that are in use now.

        They are of the types in :attr:`Adapter.enriches`. Nothing is asked here: what this source
        knows of them comes as records in :meth:`changes`, at its own pace and within its budget.
        Called in the loop that runs :meth:`changes`, each time with all of them. By default they
        are ignored. Where :attr:`is_enriching` says so then, a pause of :meth:`changes` ends.
        """

    @property
    def is_enriching(self) -> bool:
        """Whether :meth:`changes` has yet to tell what is known of what :meth:`enrich` told last.

        A command that reads the sources once waits for as long as it is so, within its time. By
        default nothing is waited for.
        """
        return False

    async def detail(self, ref: Ref) -> "Detail":
        """Return the page of *ref*. Asked on demand, and again on every refresh of the screen.

        By default, the board shows the fields of the record.
        """
        raise Unsupported(f"{ref.kind} {ref.id} has no details")

    def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator["LogLine"]:
        """Yield the lines of the log of *ref* that *query* asks for, in the order of their times.

        Lines of one part stay in the order in which they were written, whatever their times say. A
        source that follows resumes by itself where its connection breaks, and neither repeats nor
        loses a line that the server still has.
        """
        raise Unsupported(f"{ref.kind} {ref.id} has no log")

    async def log_parts(self, ref: Ref) -> "Sequence[LogPart]":
        """Return what the log of *ref* has lines of, those that have failed first.

        By default nothing is known but what the lines themselves say.
        """
        return ()

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as the server describes it, without secrets in it."""
        raise Unsupported(f"{ref.kind} {ref.id} has no raw form")

    async def describe(self, ref: Ref) -> Description:
        """Return *ref* described in one text, as the usual tool of its server does.

        By default, the board writes the sections of its detail as text.
        """
        raise Unsupported(f"{ref.kind} {ref.id} has no description of its own")

    async def tree(self, ref: Ref) -> ObjectTree:
        """Return what owns *ref* and what it owns, by the ids of its server, never by names."""
        raise Unsupported(f"no {ref.kind.replace('-', ' ')} of {ref.source} has owners")

    async def comparand(self, ref: Ref) -> Comparand:
        """Return *ref* as one side of a comparison: see :mod:`opsboard.adapter.comparison`.

        What cannot be read of it is told in its notes. By default nothing can be compared.
        """
        raise Unsupported(f"{ref.kind} {ref.id} cannot be compared")

    async def metric_series(self, ref: Ref, metrics: Sequence[str]) -> "Sequence[Series]":
        """Return the values of those of *metrics* that *ref* has over its steps, for charts.

        The title of each is the metric. By default there are none.
        """
        return ()

    async def training_inputs(self, ref: Ref) -> TrainingInputs:
        """Return what the version of the model *ref* that serves was trained with.

        Retraining starts from it. What cannot be read is told in it. By default nothing is known.
        """
        return TrainingInputs()

    async def holds(self, need: "Need") -> "Holding | None":
        """Return whether it has what *need* names; ``None`` where that would not be here.

        Asked while a plan is made that needs it, and only of the types in :attr:`Adapter.holds`: by
        reading only, of the server itself, within a few seconds. Raises :exc:`SourceError` where it
        could not be told. By default nothing is known.
        """
        return None

    # --- listings --------------------------------------------------------------------------------

    async def listing_types(self) -> ListingCatalog:
        """Return what else the server can list: see :mod:`opsboard.adapter.listings`.

        Asked when somebody types a command, and again on a refresh; by default there is nothing.
        Raises :exc:`SourceError` where nothing at all is known.
        """
        return ListingCatalog()

    def listing(self, name: str, query: ListingQuery) -> AsyncIterator[ListingUpdate]:
        """Yield the rows of the listing *name*, then what changes, while somebody looks.

        It ends only by being closed, which ends its watches too. What a part of the server refuses
        is told in the notes; raises :exc:`SourceError` where there is nothing to show. What is
        held in memory is bounded, and what is left out by that is told.
        """
        raise NotFound(f"this source has no listing {name!r}")

    # --- acting ----------------------------------------------------------------------------------

    async def form(self, request: "Request") -> "Form":
        """Return what can be filled in for *request*; by reading only."""
        return await self._action_runner_for(request.action).form(request)

    async def plan(self, request: "Request") -> "Plan":
        """Return what *request* would do; by reading only, and dry runs.

        What stands against it is in the plan. Raises :exc:`SourceError` where there is nothing
        to plan: the target is gone, a value is not one of the form's.
        """
        return await self._action_runner_for(request.action).plan(request)

    def start_checks(self, plan: "Plan") -> AsyncIterator["StartReport"]:
        """Yield what would stop what *plan* brings back from starting; by reading only.

        Each check is yielded as it ends, within a few seconds; what could not be told is a finding
        too. Asked once for a plan whose ``start_state`` is ``checking``.
        """
        return self._action_runner_for(plan.action).start_checks(plan)

    async def execute(self, plan: "Plan", permit: Permit) -> "Receipt":
        """Carry out *plan*, once, and return as soon as the server has taken it.

        Raises :exc:`PreconditionFailed` where its precondition does not hold any more,
        :exc:`OutcomeUnknown` where no answer came to what was sent, and another :exc:`SourceError`
        where nothing was done. Never sends twice what has an effect twice.
        """
        return await self._action_runner_for(plan.action).execute(plan, permit)

    def observe(self, plan: "Plan", receipt: "Receipt") -> AsyncIterator["Progress"]:
        """Yield how it goes on, until one with a verdict; by reading only.

        May be called in a later session, with plan and receipt from the audit trail.
        """
        return self._action_runner_for(plan.action).observe(plan, receipt)

    async def reconcile(self, plan: "Plan") -> "ReconcileResult":
        """Look whether *plan* was carried out, where nobody saw the outcome; by reading only.

        Looks once and says what is there: the core looks again, and judges by the time that has
        passed (:class:`~opsboard.adapter.ReconcileResult`). Called when nothing of the plan is
        sent any more by any program; what was sent may still be on its way.
        """
        return await self._action_runner_for(plan.action).reconcile(plan)

    def _action_runner_for(self, action: str) -> "ActionRunner[Any]":
        if self.action_runner is None:
            raise Unsupported(f"{action} is not offered by this source")
        return self.action_runner
