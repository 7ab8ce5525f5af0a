"""From a request to a frozen plan: drafted, allowed or not, tried, and free of secrets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from opsboard.adapter.actions.action import (
    Action,
    AdapterFault,
    Draft,
    PermissionAnswer,
    precondition_named,
    returned,
)
from opsboard.adapter.actions.contexts import ReadContext
from opsboard.adapter.actions.findings import DestinationFinding, blocker, note, warning
from opsboard.adapter.errors import RequestRefused, SourceError, Unsupported
from opsboard.adapter.forms import Form, Request
from opsboard.adapter.plans import LONGEST_TIMEOUT, Finding, Permission, Plan
from opsboard.adapter.start_findings import Severity, StartState
from opsboard.masking import sounds_secret
from opsboard.text.validation_text import validation_summary

C = TypeVar("C")
P = TypeVar("P")

DRY_RUNS: Final = 3
"""How often a dry run is tried, where the object has moved between reading it and the try."""


@dataclass(frozen=True, slots=True)
class ActionPlanner(Generic[C, P]):
    """Makes the plan of *request*. *reading* opens contexts, each with a memo of its own."""

    action: Action[C, P]
    request: Request
    reading: Callable[[], AbstractAsyncContextManager[ReadContext[C]]]

    async def plan(self) -> Plan:
        """Return the plan. Raises :exc:`SourceError` where there is nothing to plan."""
        action = self.action
        async with self.reading() as ctx:
            values, documents = await self._values(ctx)
            drafted = await action.draft(ctx, self.request, values)
            draft: Draft[P] = returned(action.spec.id, "draft", drafted, Draft)
            written = action.write_payload(draft.payload)
            named = await action.precondition(ctx, draft.payload)
            precondition = precondition_named(action.spec.id, named)
            if not precondition:
                raise AdapterFault(action.spec.id, "sets no precondition")
            permission = await self._permission(ctx, draft.payload)
            dry_run, finding = await self._dry_run(ctx, draft, permission)
            answers: dict[str, Any] = {
                "permission": permission.permission,
                "permission_note": permission.note,
                "dry_run": dry_run,
                "values": {
                    k: v for k, v in values.items() if not (sounds_secret(k) or k in documents)
                },
                "precondition": precondition,
                "payload": written,
            }
            try:
                plan = self._plan(ctx, draft, (*draft.findings, *finding), answers)
            except (ValidationError, AttributeError, TypeError) as error:
                fault = f"has drafted what is no plan: {_in_short(error)}"
                raise AdapterFault(action.spec.id, fault) from None
            self._refuse_secrets(ctx, plan)
        return plan

    async def _values(self, ctx: ReadContext[C]) -> tuple[dict[str, str], frozenset[str]]:
        """Return the values of the form, and which of them are documents."""
        shown = await self.action.form(ctx, self.request)
        form = returned(self.action.spec.id, "form", shown, Form)
        if faults := form.faults(self.request.values):
            raise self.action.invalid_values(self.request, faults)
        documents = frozenset(one.name for one in form.inputs if one.document)
        return form.filled(self.request.values), documents

    def _plan(
        self,
        ctx: ReadContext[C],
        draft: Draft[P],
        found: Sequence[Finding],
        answers: Mapping[str, Any],
    ) -> Plan:
        spec, own = self.action.spec, ctx.source.name
        return Plan(
            id=ctx.plan_id,
            made_at=ctx.now(),
            action=spec.id,
            title=draft.title or spec.title,
            ref=self.request.ref,
            executor=own if self.action.names_executor or own != self.request.ref.source else "",
            target=draft.target,
            name=draft.name,
            environment=draft.environment,
            environments=draft.environments,
            disruptive=spec.disruptive if draft.disruptive is None else draft.disruptive,
            before=draft.before,
            after=draft.after,
            origin=draft.origin,
            destination=draft.destination,
            target_id=draft.target_id,
            undo=draft.undo,
            changes=draft.changes,
            facts=draft.facts,
            findings=tuple(Finding(severity=one.severity, text=one.text) for one in found),
            start_state=self._start_state,
            about_destination=tuple(
                one.text for one in found if isinstance(one, DestinationFinding)
            ),
            timeout=min(draft.timeout, LONGEST_TIMEOUT),
            **answers,
        )

    @property
    def _start_state(self) -> StartState:
        has_checks = type(self.action).start_checks is not Action.start_checks
        return StartState.CHECKING if has_checks else StartState.NOT_CHECKED

    async def _permission(self, ctx: ReadContext[C], payload: P) -> PermissionAnswer:
        try:
            return await self.action.permission(ctx, payload)
        except SourceError as error:
            return PermissionAnswer(Permission.UNKNOWN, f"cannot be asked: {error.message}")

    # --- the dry run -----------------------------------------------------------------------------

    async def _dry_run(
        self, ctx: ReadContext[C], draft: Draft[P], permission: PermissionAnswer
    ) -> tuple[str, tuple[Finding, ...]]:
        """Return what is said of the dry run, and the finding that comes of it."""
        if type(self.action).dry_run is Action.dry_run:
            return "", ()
        if permission.permission is Permission.DENIED:
            return "no dry run: it is not permitted", ()
        if any(one.severity is Severity.BLOCKER for one in draft.findings):
            return "no dry run: it cannot be carried out", ()
        try:
            return await self._tried(ctx, draft.payload), ()
        except SourceError as error:
            said, level = _of_dry_run(error)
            return said, (level(said),)

    async def _tried(self, ctx: ReadContext[C], payload: P) -> str:
        """Return what the server says to a try; to another where the object has moved since."""
        try:
            return await self.action.dry_run(ctx, payload)
        except RequestRefused as refusal:
            last, version = refusal, await self.action.version(ctx, payload)
        for _ in range(DRY_RUNS - 1):
            async with self.reading() as again:
                now = await self.action.version(again, payload)
                if not last.conflict or now == version:
                    break
                try:
                    return await self.action.dry_run(again, payload)
                except RequestRefused as refusal:
                    last, version = refusal, now
        raise last

    # --- secrets ---------------------------------------------------------------------------------

    def _refuse_secrets(self, ctx: ReadContext[C], plan: Plan) -> None:
        """Raise :exc:`AdapterFault` where a registered secret is in what goes on record."""
        if self.action.payload_may_hold_secrets:
            return
        for part in ("payload", "precondition"):
            if any(map(ctx.source.holds_secret, _texts(getattr(plan, part)))):
                fault = f"has put a secret into the {part} of its plan"
                raise AdapterFault(self.action.spec.id, fault)


def _in_short(error: Exception) -> str:
    """Return what is wrong, field by field, without what pydantic adds for programmers."""
    return validation_summary(error) if isinstance(error, ValidationError) else str(error)


def _of_dry_run(error: SourceError) -> tuple[str, Callable[[str], Finding]]:
    """Return what an error of a dry run means for the plan, and how grave that is."""
    if isinstance(error, RequestRefused):
        return f"the server would refuse it: {error.message}", blocker
    if isinstance(error, Unsupported):
        return f"no dry run here: {error.message}", note
    return f"the dry run failed: {error.message}", warning


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)
