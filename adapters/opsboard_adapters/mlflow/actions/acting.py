"""Acting on models: what a source hands its requests to."""

from collections.abc import AsyncIterator

from opsboard.adapter import (
    Context,
    Form,
    Permit,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
    Unsupported,
)
from opsboard.environments.names import UNKNOWN
from opsboard.records import Kind, Ref
from opsboard_adapters.mlflow.actions import outcome
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage
from opsboard_adapters.mlflow.actions.execute import execute
from opsboard_adapters.mlflow.actions.form import chosen, make_form
from opsboard_adapters.mlflow.actions.permission import permission
from opsboard_adapters.mlflow.actions.plan import make_plan
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot, SnapshotReader
from opsboard_adapters.mlflow.actions.specs import ROLLBACK
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import split_version_id
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.settings import MLflowSettings


class Acting:
    """Rolls models of one source back, and forward."""

    def __init__(
        self,
        settings: MLflowSettings,
        context: Context,
        api: MLflowApi,
        registry_api: MLflowApi,
        login: MLflowLogin,
    ) -> None:
        self._leading = settings.leading_aliases
        self._context = context
        self._registry_api = registry_api
        self._login = login
        self._reader = SnapshotReader(settings, context, api, registry_api)

    async def form(self, request: Request) -> Form:
        """Return which alias can be moved, and to which versions."""
        model, fixed = _subject(request)
        return self._form(request, await self._reader.snapshot(model, fixed), fixed)

    def _form(self, request: Request, standing: ModelSnapshot, fixed: str) -> Form:
        now = self._context.now()
        return make_form(standing, self._leading, request.values, now, fixed=fixed)

    async def plan(self, request: Request) -> Plan:
        """Return what moving it would mean. Raises :exc:`Unsupported` for unfit values."""
        model, fixed = _subject(request)
        standing = await self._reader.snapshot(model, fixed)
        values = _fitting(self._form(request, standing, fixed), request, model)
        _, pointer = chosen(standing, self._leading, values)
        return make_plan(
            request,
            values,
            pointer,
            standing.version(fixed or values["to"]),
            standing,
            permission=await permission(self._registry_api, self._login, model),
            environments=self._environments(pointer, standing),
            now=self._context.now(),
        )

    def _environments(self, pointer: AliasOrStage, standing: ModelSnapshot) -> tuple[str, ...]:
        """Return what is touched: that of the alias, of its name, and that of the model."""
        named = self._context.environment_of(pointer.name, standing.name)
        model = standing.translator.model(standing.model, standing.origins, ()).environment
        every = self._context.environments_of(pointer.name, standing.name)
        told = dict.fromkeys(filter(None, (named, model, *every)))
        return tuple(name for name in told if name != UNKNOWN) or (UNKNOWN,)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        """Move it. See :func:`opsboard_adapters.mlflow.actions.execute.execute`."""
        return await execute(plan, permit, self._registry_api, self._reader)

    def observe(self, plan: Plan) -> AsyncIterator[Progress]:
        """Yield where it points."""
        return outcome.observe(plan, self._reader, self._context)

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        """Return what became of *plan*."""
        return await outcome.reconcile(plan, self._reader)


def _fitting(form: Form, request: Request, model: str) -> dict[str, str]:
    """Return the values of *form*, filled in. Raises :exc:`Unsupported`."""
    faults, values = form.faults(request.values), form.filled(request.values)
    if "to" in faults and not values.get("to"):
        raise Unsupported(
            f"{model} has no earlier version to go back to", "choose the version that is to serve"
        )
    for name, fault in faults.items():
        raise Unsupported(f"{name} {fault}", "look at the form for what can be chosen")
    return values


def _subject(request: Request) -> tuple[str, str]:
    """Return the model, and the version where one is fixed. Raises :exc:`Unsupported`."""
    ref: Ref = request.ref
    if request.action == ROLLBACK.id and ref.kind is Kind.MODEL:
        return ref.id, ""
    if request.action == ROLLBACK.id and ref.kind is Kind.MODEL_VERSION:
        return split_version_id(ref.id)
    raise Unsupported(f"{request.action} is not offered for a {ref.kind}")
