"""The calls that read from the registry of an MLflow server: models, versions and prompts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import PartialList
from opsboard_adapters.mlflow import structs
from opsboard_adapters.mlflow.structs import (
    GetModelResponse,
    GetVersionResponse,
    MLflowVersion,
    RegisteredModel,
)
from opsboard_adapters.mlflow.transport import (
    ListField,
    MLflowTransport,
    Parameters,
    inner_object,
    is_named,
    quoted,
    whole,
)

MODELS_PER_PAGE: Final = 1_000
VERSIONS_PER_PAGE: Final = 2_000

_MODELS: Final = ListField("registered_models", RegisteredModel, structs.name_of_model)
_VERSIONS: Final = ListField("model_versions", MLflowVersion, structs.name_of_version)
_IS_PROMPT: Final = "mlflow.prompt.is_prompt"
_PROMPTS: Final = f"tags.`{_IS_PROMPT}` = 'true'"


class RegistryCalls(MLflowTransport):
    """What a registry has, asked for and decoded."""

    # --- models ---

    async def models(self, skips: SkippedRecords) -> PartialList[RegisteredModel]:
        """Return all registered models, with their aliases."""
        found = await whole(
            self.pages("registered-models/search", {}, MODELS_PER_PAGE, _MODELS, skips)
        )
        return PartialList([one for one in found.items if not is_prompt(one.tags)], found.error)

    async def count_up_to(self, limit: int) -> tuple[int, bool]:
        """Return how many models there are, counted up to *limit*, and whether there are more."""
        request = self._request(
            "GET", "api/2.0/mlflow/registered-models/search", {"max_results": limit}
        )
        skips = SkippedRecords("models")
        found, token = await self.page(request, _MODELS, skips)
        return len(found) + skips.count, bool(token)

    async def versions(
        self, skips: SkippedRecords, model: str | None = None
    ) -> PartialList[MLflowVersion]:
        """Return all versions, or those of *model*."""
        query = {} if model is None else {"filter": is_named(model)}
        pages = self.pages("model-versions/search", query, VERSIONS_PER_PAGE, _VERSIONS, skips)
        found = await whole(pages)
        kept = [one for one in _no_prompts(found.items) if model in {None, one.name}]
        return PartialList(kept, found.error)

    async def versions_of_run(self, run_id: str, skips: SkippedRecords) -> Sequence[MLflowVersion]:
        """Return the versions that the run *run_id* trained."""
        query = {"filter": f"run_id = {quoted(run_id)}"}
        pages = self.pages("model-versions/search", query, VERSIONS_PER_PAGE, _VERSIONS, skips)
        return _no_prompts((await whole(pages)).items)

    async def latest_changes(self, count: int, skips: SkippedRecords) -> list[MLflowVersion]:
        """Return the *count* versions that changed last, latest first."""
        parameters: Parameters = {
            "order_by": ["last_updated_timestamp DESC"],
            "max_results": self.page_size(count),
        }
        request = self._request("GET", "api/2.0/mlflow/model-versions/search", parameters)
        found, _ = await self.page(request, _VERSIONS, skips)
        return _no_prompts(found)

    async def model(self, name: str) -> RegisteredModel:
        """Return a registered model."""
        answer = await self.typed("registered-models/get", {"name": name}, GetModelResponse)
        return answer.registered_model

    async def version_of(self, name: str, version: str) -> MLflowVersion:
        """Return a version of a model."""
        query = {"name": name, "version": version}
        return (await self.typed("model-versions/get", query, GetVersionResponse)).model_version

    async def version_artifact(self, name: str, version: str, path: str) -> str:
        """Return the text of an artifact of a version. Raises :exc:`NotFound`."""
        query = {"name": name, "version": version, "path": path}
        return await self.text("model-versions/get-artifact", query)

    async def raw_model(self, name: str) -> dict[str, Any]:
        """Return a registered model as the server describes it."""
        body = await self.get("registered-models/get", {"name": name})
        return inner_object(body, "registered_model", f"model {name}")

    async def raw_version(self, name: str, version: str) -> dict[str, Any]:
        """Return a version as the server describes it."""
        body = await self.get("model-versions/get", {"name": name, "version": version})
        return inner_object(body, "model_version", f"version {version} of {name}")

    # --- prompts: kept among the models, which no search finds without their tag ---

    async def prompts(self, skips: SkippedRecords) -> Sequence[RegisteredModel]:
        """Return the prompts, which are kept among the registered models since 2.21."""
        query: Parameters = {"filter": _PROMPTS}
        pages = self.pages("registered-models/search", query, MODELS_PER_PAGE, _MODELS, skips)
        found = await whole(pages)
        return [one for one in found.items if is_prompt(one.tags)]

    async def prompt_versions(
        self, name: str, skips: SkippedRecords, limit: int
    ) -> Sequence[MLflowVersion]:
        """Return the versions of a prompt, about the newest *limit*."""
        query: Parameters = {
            "filter": f"{is_named(name)} AND {_PROMPTS}",
            "order_by": ["version_number DESC"],
        }
        found = await self._prompt_versions(query, skips, limit)
        return [one for one in found if one.name == name]

    async def newest_prompt_versions(
        self, skips: SkippedRecords, limit: int
    ) -> Sequence[MLflowVersion]:
        """Return about *limit* versions, of all prompts, the newest first."""
        query: Parameters = {"filter": _PROMPTS, "order_by": ["creation_timestamp DESC"]}
        return await self._prompt_versions(query, skips, limit)

    async def _prompt_versions(
        self, query: Parameters, skips: SkippedRecords, limit: int
    ) -> Sequence[MLflowVersion]:
        pages = self.pages("model-versions/search", query, limit, _VERSIONS, skips)
        return [one for one in (await whole(pages, limit)).items if is_prompt(one.tags)]


def _no_prompts(found: Sequence[MLflowVersion]) -> list[MLflowVersion]:
    return [version for version in found if not is_prompt(version.tags)]


def is_prompt(tags: Mapping[str, str]) -> bool:
    """Return whether it is a prompt, which 3.x keeps among the models, and some servers list."""
    return tags.get(_IS_PROMPT, "").lower() == "true"
