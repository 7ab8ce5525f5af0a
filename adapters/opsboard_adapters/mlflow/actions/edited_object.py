"""What people write tags and descriptions to: a model, a version of it, or a run.

The description of a run is a tag of it, as MLflow's own page writes it.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from opsboard.adapter.actions import PermissionAnswer, ReadContext
from opsboard.environments.names import UNKNOWN
from opsboard.records import Kind, Ref, listed_key
from opsboard_adapters.mlflow.actions.permission import (
    permission_on_experiment,
    permission_on_model,
)
from opsboard_adapters.mlflow.actions.snapshot import ModelReader
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import split_version_id
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion, RegisteredModel

NOTE: Final = "mlflow.note.content"
"""The tag of a run that is its description."""

Noted: TypeAlias = RegisteredModel | MLflowVersion | MLflowRun


@dataclass(frozen=True, slots=True)
class EditedObject:
    """The *model*, its *version* where one is named, or the *run*."""

    model: str = ""
    version: str = ""
    run: str = ""

    @property
    def title(self) -> str:
        if self.run:
            return f"run {self.run}"
        return f"version {self.version} of {self.model}" if self.version else f"model {self.model}"

    async def read(self, ctx: ReadContext[ModelReader]) -> Noted:
        """Return it as it is now, asked for once."""
        return await ctx.once(self, lambda: self._get(ctx.client))

    async def _get(self, reader: ModelReader) -> Noted:
        if self.run:
            return await reader.tracking_api.run(self.run)
        if self.version:
            return await reader.registry_api.version_of(self.model, self.version)
        return await reader.registry_api.model(self.model)

    async def name(self, ctx: ReadContext[ModelReader]) -> str:
        """Return what people call it."""
        found = await self.read(ctx)
        return found.info.run_name or self.run if isinstance(found, MLflowRun) else self.model

    async def environments(self, ctx: ReadContext[ModelReader]) -> tuple[str, ...]:
        """Return what its names say: those of a model and its aliases, a run and its experiment."""
        if self.run:
            names = [await self.name(ctx), (await self._experiment(ctx)).name]
        else:
            model = await EditedObject(self.model).read(ctx)
            aliases = model.aliases if isinstance(model, RegisteredModel) else {}
            led = [one for one, to in aliases.items() if not self.version or to == self.version]
            names = [*led, self.model]
        found = dict.fromkeys(ctx.source.environments_of(*names))
        return tuple(name for name in found if name != UNKNOWN) or (UNKNOWN,)

    async def _experiment(self, ctx: ReadContext[ModelReader]) -> Any:
        found = await self.read(ctx)
        identity = found.info.experiment_id if isinstance(found, MLflowRun) else ""
        api = ctx.client.tracking_api
        return await ctx.once(("experiment", identity), lambda: api.experiment(identity))

    async def permission(self, ctx: ReadContext[ModelReader]) -> PermissionAnswer:
        reader = ctx.client
        if not self.run:
            return await permission_on_model(self.model, reader.registry_api, reader.login)
        found = await self.read(ctx)
        experiment = found.info.experiment_id if isinstance(found, MLflowRun) else ""
        return await permission_on_experiment(experiment, reader.tracking_api, reader.login)

    def api(self, reader: ModelReader) -> MLflowApi:
        """Return the server that keeps it."""
        return reader.tracking_api if self.run else reader.registry_api

    def change(self, key: str, value: str | None) -> tuple[str, str, dict[str, Any]]:
        """Return method, path and body of the request that writes *value*.

        That is to the tag *key*, or where that is empty, to the description.
        """
        body: dict[str, Any] = {"run_id": self.run} if self.run else {"name": self.model}
        path = "runs" if self.run else "model-versions" if self.version else "registered-models"
        if self.version:
            body["version"] = self.version
        if not key and not self.run:
            return "PATCH", f"{path}/update", {**body, "description": value or ""}
        body["key"] = key or NOTE
        if value is not None:
            return "POST", f"{path}/set-tag", {**body, "value": value}
        return "POST" if self.run else "DELETE", f"{path}/delete-tag", body


def edited_object(ref: Ref) -> EditedObject:
    """Return what *ref* names."""
    if ref.kind is Kind.LISTED:
        return EditedObject(run=listed_key(ref)[1])
    if ref.kind is Kind.MODEL_VERSION:
        return EditedObject(*split_version_id(ref.id))
    return EditedObject(ref.id)


def tags_of(found: Noted) -> dict[str, str]:
    """Return the tags of *found*."""
    return dict(found.data.tags if isinstance(found, MLflowRun) else found.tags)


def description_of(found: Noted) -> str:
    """Return the description of *found*, ``""`` for none."""
    return found.data.tags.get(NOTE, "") if isinstance(found, MLflowRun) else found.description
