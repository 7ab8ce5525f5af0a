"""Moving the alias of a model, or its stage, to another version: back, or forward.

MLflow has no compare-and-set. So the alias is read right before it is moved, and again right
after; and a mark is left as a tag of the model, ``opsboard.plan.ALIAS``: before the alias is moved
it holds the id of the plan, and the word ``done`` behind that once it is moved. The mark tells a
plan that was interrupted from one that nobody began. Another tag, ``opsboard.previous.ALIAS``,
keeps what served before, since MLflow does not.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from opsboard.adapter import (
    Form,
    OutcomeUnknown,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    SourceError,
    StartCheck,
    Unsupported,
    Verdict,
)
from opsboard.adapter.actions import (
    Action,
    Draft,
    PermissionAnswer,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.environments.names import UNKNOWN
from opsboard.records import Kind
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage, versions_at, versions_text
from opsboard_adapters.mlflow.actions.candidates import default_target, versions_served
from opsboard_adapters.mlflow.actions.comparison import differences, facts_of, moves
from opsboard_adapters.mlflow.actions.findings import findings
from opsboard_adapters.mlflow.actions.form import chosen_alias, make_form
from opsboard_adapters.mlflow.actions.permission import permission_on_model
from opsboard_adapters.mlflow.actions.snapshot import ModelReader, ModelSnapshot
from opsboard_adapters.mlflow.actions.specs import OBSERVED_FOR, ROLLBACK
from opsboard_adapters.mlflow.actions.start_checks import version_checks
from opsboard_adapters.mlflow.links import split_version_id, version_ref
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.structs import MLflowVersion

_SET_TAG: Final = "registered-models/set-tag"


@dataclass(frozen=True, slots=True)
class ModelRollbackPayload:
    """What is moved, from where to where.

    *pointer* is an alias, or a stage behind ``stage:``. *before* are the versions that it points to
    when it is planned, separated by commas; *mark_before* is what the mark says then, and *trace*
    what the tag will say that keeps what served before.
    """

    to: str
    trace: str
    model: str
    pointer: str
    before: str
    mark_before: str

    @property
    def alias(self) -> AliasOrStage:
        return AliasOrStage(self.pointer)

    @property
    def versions_before(self) -> tuple[str, ...]:
        return tuple(filter(None, self.before.split(",")))

    @property
    def title(self) -> str:
        return f"{self.alias.title} of {self.model}"


class RollbackModel(Action[ModelReader, ModelRollbackPayload]):
    """Lets an alias, or a stage, point to another version of its model."""

    spec = ROLLBACK
    payload = ModelRollbackPayload

    def default_version(self, alias: AliasOrStage, snapshot: ModelSnapshot) -> str:
        """Return the version that is offered first; ``""`` where there is none."""
        return default_target(alias, snapshot)

    # --- planning --------------------------------------------------------------------------------

    async def form(self, ctx: ReadContext[ModelReader], request: Request) -> Form:
        """Return which alias can be moved, and to which versions, unless a version is given."""
        snapshot, fixed = await read_snapshot(ctx, request)
        leading = ctx.client.settings.leading_aliases
        return make_form(
            snapshot,
            leading,
            request.values,
            ctx.now(),
            default_version=self.default_version,
            fixed=fixed,
        )

    def invalid_values(self, request: Request, faults: Mapping[str, str]) -> SourceError:
        if "to" in faults and not request.values.get("to"):
            return Unsupported(
                f"{_subject(request)[0]} has no earlier version to go back to",
                "choose the version that is to serve",
            )
        name, fault = next(iter(faults.items()))
        return Unsupported(f"{name} {fault}", "look at the form for what can be chosen")

    async def draft(
        self, ctx: ReadContext[ModelReader], request: Request, values: Mapping[str, str]
    ) -> Draft[ModelRollbackPayload]:
        snapshot, fixed = await read_snapshot(ctx, request)
        alias = chosen_alias(snapshot, ctx.client.settings.leading_aliases, values)
        target = snapshot.version(fixed or values["to"])
        before = versions_at(alias, snapshot.name, snapshot.registry)
        if before == (target.version,):
            raise Unsupported(
                f"{alias.title} of {snapshot.name} points to version {target.version} already",
                "choose another version",
            )
        current = snapshot.registry.version(snapshot.name, before[0]) if before else None
        environments = _environments(ctx, alias, snapshot)
        return Draft(
            payload=ModelRollbackPayload(
                to=target.version,
                trace=versions_served(alias, snapshot),
                model=snapshot.name,
                pointer=alias.word,
                before=",".join(before),
                mark_before=snapshot.model.tags.get(alias.mark, ""),
            ),
            title=f"{_verb(current, target)} {snapshot.name}",
            target=f"Model {snapshot.name} ({alias.title}) in {request.ref.source}",
            name=snapshot.name,
            environment=environments[0] if environments[0] != UNKNOWN else "",
            environments=environments,
            before=versions_text(before),
            after=versions_text((target.version,)),
            origin=before,
            destination=(target.version,),
            changes=(
                *moves(alias, before, target),
                *differences(current, target, snapshot),
            ),
            facts=facts_of(alias, target, snapshot),
            findings=tuple(findings(alias, before, target, snapshot)),
            timeout=OBSERVED_FOR,
        )

    async def precondition(
        self, ctx: ReadContext[ModelReader], payload: ModelRollbackPayload
    ) -> Mapping[str, str]:
        """Return where the alias points, and what its mark says. The version has to be there."""
        registry = await _registry(ctx, payload.model)
        if registry.version(payload.model, payload.to) is None:
            raise PreconditionFailed(
                f"version {payload.to} of {payload.model} is gone",
                "plan again, with another version",
            )
        return {
            "model": payload.model,
            "pointer": payload.pointer,
            "version": ",".join(versions_at(payload.alias, payload.model, registry)),
            "mark": registry.models[payload.model].tags.get(payload.alias.mark, ""),
        }

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        title = self.read_payload(plan).title
        hint = "look at who moved it, and plan again"
        seen, planned = (_split(one["version"]) for one in (now, plan.precondition))
        if seen == planned:
            return PreconditionFailed(f"another plan has moved {title} since, and back", hint)
        return PreconditionFailed(
            f"{title} points to {versions_text(seen)} now, and pointed to {versions_text(planned)}",
            hint,
        )

    async def permission(
        self, ctx: ReadContext[ModelReader], payload: ModelRollbackPayload
    ) -> PermissionAnswer:
        return await permission_on_model(payload.model, ctx.client.registry_api, ctx.client.login)

    async def start_checks(
        self, ctx: PlanContext[ModelReader], payload: ModelRollbackPayload
    ) -> Sequence[StartCheck]:
        async def registry_of(name: str) -> RegistryState:
            return await _registry(ctx, name)

        reader = ctx.client
        snapshot = await reader.snapshot(payload.model, payload.to, registry_of)
        target = snapshot.version(payload.to)
        return version_checks(reader, snapshot, payload.versions_before, target)

    # --- carrying out ----------------------------------------------------------------------------

    async def send(self, ctx: SendContext[ModelReader], payload: ModelRollbackPayload) -> Receipt:
        """Leave the mark, move the alias, note that it is done. Without a mark nothing is moved."""
        try:
            await _tag(ctx, payload, payload.alias.mark, ctx.plan_id)
        except OutcomeUnknown as error:
            raise SourceError(f"nothing was moved: {error.message}", error.hint) from None
        await _move(ctx, payload)
        noted = await _note_done(ctx, payload)
        seen = None
        with suppress(SourceError):
            registry = await ctx.client.registry(payload.model)  # afresh, and not from the memo
            seen = versions_at(payload.alias, payload.model, registry)
        return _receipt(ctx.plan, payload, seen, noted=noted)

    # --- afterwards ------------------------------------------------------------------------------

    async def observe(
        self, ctx: PlanContext[ModelReader], payload: ModelRollbackPayload, receipt: Receipt
    ) -> Progress:
        registry = await _registry(ctx, payload.model)
        now = versions_at(payload.alias, payload.model, registry)
        message = f"{payload.title} points to {versions_text(now)}"
        if now != (payload.to,):
            message = f"{message}: somebody else has moved it"
            return Progress(message=message, total=1, verdict=Verdict.FAILED)
        return Progress(
            message=message,
            done=1,
            total=1,
            verdict=Verdict.SUCCEEDED,
            produced=version_ref(ctx.plan.ref.source, payload.model, payload.to),
        )

    async def reconcile(
        self, ctx: PlanContext[ModelReader], payload: ModelRollbackPayload
    ) -> ReconcileResult:
        """Tell by the mark, and by where the alias points.

        The alias is moved only once the server has taken the mark: without one, nothing that would
        move it was sent. With one, that may be under way, and MLflow would not refuse it.
        """
        registry = await _registry(ctx, payload.model)
        now = versions_at(payload.alias, payload.model, registry)
        mark = registry.models[payload.model].tags.get(payload.alias.mark, "")
        outcome, why = _outcome(ctx.plan_id, payload, now, mark)
        is_done = outcome is ReconcileOutcome.DONE
        return ReconcileResult(
            outcome=outcome,
            message=f"{payload.title} points to {versions_text(now)}: {why}",
            receipt=_receipt(ctx.plan, payload, now) if is_done else None,
            final=outcome is ReconcileOutcome.NOT_DONE and mark != ctx.plan_id,
        )

    def read_payload(self, plan: Plan) -> ModelRollbackPayload:
        """Return the payload; plans of the first version keep a part of it in the precondition."""
        precondition = plan.precondition
        old = {
            "model": precondition.get("model"),
            "pointer": precondition.get("pointer"),
            "before": precondition.get("version"),
            "mark_before": precondition.get("mark"),
        }
        return super().read_payload(plan.model_copy(update={"payload": {**old, **plan.payload}}))


# --- reading -------------------------------------------------------------------------------------


async def read_snapshot(
    ctx: ReadContext[ModelReader], request: Request
) -> tuple[ModelSnapshot, str]:
    """Return the model that *request* is about, and the version where one is given."""
    model, fixed = _subject(request)

    async def registry_of(name: str) -> RegistryState:
        return await _registry(ctx, name)

    read = partial(ctx.client.snapshot, model, fixed, registry_of)
    return await ctx.once(("snapshot", model, fixed), read), fixed


def _subject(request: Request) -> tuple[str, str]:
    if request.ref.kind is Kind.MODEL_VERSION:
        return split_version_id(request.ref.id)
    return request.ref.id, ""


async def _registry(ctx: ReadContext[ModelReader], model: str) -> RegistryState:
    return await ctx.once(("registry", model), lambda: ctx.client.registry(model))


def _environments(
    ctx: ReadContext[ModelReader], alias: AliasOrStage, snapshot: ModelSnapshot
) -> tuple[str, ...]:
    """Return what is touched: the environments of the alias, of its name, and of the model."""
    named = ctx.source.environment_of(alias.name, snapshot.name)
    model = snapshot.translator.model(snapshot.model, snapshot.origins, ()).environment
    every = ctx.source.environments_of(alias.name, snapshot.name)
    found = dict.fromkeys(filter(None, (named, model, *every)))
    return tuple(name for name in found if name != UNKNOWN) or (UNKNOWN,)


# --- sending -------------------------------------------------------------------------------------


async def _tag(
    ctx: SendContext[ModelReader], payload: ModelRollbackPayload, key: str, value: str
) -> None:
    body = {"name": payload.model, "key": key, "value": value}
    await ctx.client.registry_api.change("POST", _SET_TAG, body, ctx.permit)


async def _move(ctx: SendContext[ModelReader], payload: ModelRollbackPayload) -> None:
    body: dict[str, Any] = {"name": payload.model, "version": payload.to}
    path = "registered-models/alias"
    if payload.alias.is_stage:
        path = "model-versions/transition-stage"
        body |= {"stage": payload.alias.name, "archive_existing_versions": True}
    else:
        body |= {"alias": payload.alias.name}
    await ctx.client.registry_api.change("POST", path, body, ctx.permit)


async def _note_done(ctx: SendContext[ModelReader], payload: ModelRollbackPayload) -> bool:
    """Note what served before, and that it is done; return whether that was possible."""
    try:
        await _tag(ctx, payload, payload.alias.trace, payload.trace)
        await _tag(ctx, payload, payload.alias.mark, _done_mark(ctx.plan_id))
    except SourceError:
        return False  # it is moved all the same
    return True


def _done_mark(plan_id: str) -> str:
    return f"{plan_id} done"


def _receipt(
    plan: Plan, payload: ModelRollbackPayload, seen: tuple[str, ...] | None, *, noted: bool = True
) -> Receipt:
    """Return what to say of a plan that the server took; *seen* is where the alias was after."""
    message = f"{payload.title} was moved to version {payload.to}"
    if seen is not None and seen != (payload.to,):
        message += f", and somebody else has moved it on to {versions_text(seen)}"
    if not noted:
        message += "; what served before could not be noted"
    produced = version_ref(plan.ref.source, payload.model, payload.to)
    return Receipt(message=message, reference=plan.id, produced=produced)


def _outcome(
    plan_id: str, payload: ModelRollbackPayload, now: tuple[str, ...], mark: str
) -> tuple[ReconcileOutcome, str]:
    if mark == _done_mark(plan_id):
        return ReconcileOutcome.DONE, "it was moved, as the mark on the model says"
    if mark == plan_id:
        return _interrupted(payload, now)
    if mark == payload.mark_before:
        why = "there is no mark of this plan on the model, so it was not begun"
        return ReconcileOutcome.NOT_DONE, why
    return ReconcileOutcome.UNKNOWN, "another plan has left its mark since"


def _interrupted(
    payload: ModelRollbackPayload, now: tuple[str, ...]
) -> tuple[ReconcileOutcome, str]:
    if now == (payload.to,):
        return ReconcileOutcome.DONE, "it was begun, and points to where it should"
    if now == payload.versions_before:
        return ReconcileOutcome.NOT_DONE, "it was begun, and points to where it did before"
    return ReconcileOutcome.UNKNOWN, "it was begun, and somebody has moved it since"


def _split(versions: str) -> tuple[str, ...]:
    return tuple(filter(None, versions.split(",")))


def _verb(current: MLflowVersion | None, target: MLflowVersion) -> str:
    if current is None:
        return "Serve"
    return "Promote" if target.number > current.number else "Roll back"
