"""The calls that read from an MLflow server.

Parameters and page sizes hold for 2.x and 3.x alike. What a server answers is decoded into
:mod:`~opsboard_adapters.mlflow.structs`.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote

from opsboard.adapter import Forbidden, Malformed, NotFound, SourceError
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import (
    PartialList,
    RequestFactory,
    as_partial_list,
    gather_bounded,
    is_server_error,
)
from opsboard_adapters.mlflow import structs
from opsboard_adapters.mlflow.logged_models import (
    GetLoggedModelResponse,
    LoggedModel,
    name_of_logged_model,
)
from opsboard_adapters.mlflow.structs import (
    GetModelResponse,
    GetRunResponse,
    GetUserResponse,
    GetVersionResponse,
    MetricHistory,
    MLflowExperiment,
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    RegisteredModel,
    in_order,
    thinned,
)
from opsboard_adapters.mlflow.transport import (
    ListField,
    MLflowTransport,
    Parameters,
    is_named,
    quoted,
    whole,
)

T = TypeVar("T")
BULK_INTERVAL: Final = "ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
MODELS_PER_PAGE: Final = 1_000
VERSIONS_PER_PAGE: Final = 2_000
RUNS_PER_PAGE: Final = 500
EXPERIMENTS_PER_PAGE: Final = 1_000
POINTS_PER_PAGE: Final = 20_000
LOGGED_PER_PAGE: Final = 50
IDS_PER_QUERY: Final = 100
"""Run ids named in one filter: it travels in a request body, but databases bound its length."""

_STEPS: Final = (-(2**31), 2**31 - 1)
"""The steps that can be asked for: ``int32`` in MLflow's ``service.proto``, although steps are 64
bits long."""

VERSION: Final = re.compile(r"\d[\w.+-]{0,39}")

_MODELS: Final = ListField("registered_models", RegisteredModel, structs.name_of_model)
_VERSIONS: Final = ListField("model_versions", MLflowVersion, structs.name_of_version)
_EXPERIMENTS: Final = ListField("experiments", MLflowExperiment, structs.name_of_experiment)
_LOGGED: Final = ListField("models", LoggedModel, name_of_logged_model)
_RUNS: Final = ListField("runs", MLflowRun, structs.name_of_run)
_VALUES: Final = ListField("metrics", MLflowMetric, structs.name_of_value)


@dataclass(frozen=True, slots=True)
class RunsFound:
    """The *runs* that exist of those asked about; *unread* are the ids that nothing is known of,
    for the *faults* of their batches. *answered* is whether any request was answered."""

    runs: Sequence[MLflowRun] = ()
    unread: frozenset[str] = frozenset()
    faults: Sequence[SourceError] = ()
    answered: bool = False


class MLflowApi(MLflowTransport):
    """One server: what it has, asked for and decoded.

    Records that cannot be read are left out, and noted in the *skips* that are given.
    """

    has_intervals = True
    """Whether the server has the call for histories spread over time (MLflow 2.5), as it seems."""

    # --- the registry ---

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

    async def raw_model(self, name: str) -> dict[str, Any]:
        """Return a registered model as the server describes it."""
        body = await self.get("registered-models/get", {"name": name})
        return _inner(body, "registered_model", f"model {name}")

    async def raw_version(self, name: str, version: str) -> dict[str, Any]:
        """Return a version as the server describes it."""
        body = await self.get("model-versions/get", {"name": name, "version": version})
        return _inner(body, "model_version", f"version {version} of {name}")

    # --- tracking ---

    async def experiments(self, skips: SkippedRecords, view: str = "ALL") -> PartialList[str]:
        """Return the ids of all experiments, those too that are deleted: versions outlive them."""
        query = {"view_type": view}
        pages = self.pages("experiments/search", query, EXPERIMENTS_PER_PAGE, _EXPERIMENTS, skips)
        found = await whole(pages)
        return PartialList([one.experiment_id for one in found.items], found.error)

    async def run(self, run_id: str) -> MLflowRun:
        """Return a run."""
        return (await self.typed("runs/get", {"run_id": run_id}, GetRunResponse)).run

    async def raw_run(self, run_id: str) -> dict[str, Any]:
        """Return a run as the server describes it."""
        return _inner(await self.get("runs/get", {"run_id": run_id}), "run", f"run {run_id}")

    async def runs_of(
        self, run_ids: Sequence[str], experiments: Sequence[str], skips: SkippedRecords
    ) -> RunsFound:
        """Return those of the runs that exist, deleted or not, many to a request."""
        batches = _batches(run_ids)
        work = [partial(self._batch, batch, experiments, skips) for batch in batches]
        answers = await self._asked(work)
        runs: list[MLflowRun] = []
        unread: set[str] = set()
        faults: list[SourceError] = []
        for batch, answer in zip(batches, map(as_partial_list, answers), strict=True):
            runs += answer.items
            if answer.error is not None:
                faults.append(answer.error)
                unread |= set(batch) - {run.id for run in answer.items}
        answered = any(not isinstance(answer, SourceError) for answer in answers)
        return RunsFound(runs, frozenset(unread), faults, answered=answered)

    async def _asked(self, work: Sequence[RequestFactory[T]]) -> list[T | SourceError]:
        """Return the results of *work*; what fails among others is retried automatically.

        A server on Python 3.11 that parses two lists of ids at a time breaks now and then: "AST
        constructor recursion depth mismatch" (https://github.com/python/cpython/issues/106905).
        """
        found = await gather_bounded(work, self.at_once)
        broken = [number for number, one in enumerate(found) if is_server_error(one)]
        if len(broken) < len(found):
            again = await gather_bounded([work[number] for number in broken], 1)
            for number, one in zip(broken, again, strict=True):
                found[number] = one
        return found

    async def _batch(
        self, run_ids: Sequence[str], experiments: Sequence[str], skips: SkippedRecords
    ) -> PartialList[MLflowRun]:
        names = ", ".join(quoted(run_id) for run_id in run_ids)
        condition = f"attributes.run_id IN ({names})"
        return await self.search_runs(condition, experiments, skips, view="ALL")

    # --- logged models (MLflow 3) ---

    async def logged_model(self, model_id: str) -> LoggedModel:
        """Return a logged model, deleted or not. Raises :exc:`NotFound`."""
        path = f"logged-models/{quote(model_id, safe='')}"
        query: Parameters = {"allow_deleted": "true"}
        return (await self.typed(path, query, GetLoggedModelResponse)).model

    async def logged_models(
        self, model_ids: Sequence[str], experiments: Sequence[str], skips: SkippedRecords
    ) -> dict[str, LoggedModel | SourceError]:
        """Return what each of *model_ids* came to.

        They are searched for, many to a request; what is not found so is asked for by itself: a
        search leaves out what is deleted, and servers differ in what it may ask for.
        """
        batches = _batches(model_ids)
        work = [partial(self._logged, batch, experiments, skips) for batch in batches]
        found: dict[str, LoggedModel | SourceError] = {}
        answers = map(as_partial_list, await self._asked(work))
        for batch, answer in zip(batches, answers, strict=True):
            if answer.error is not None and not isinstance(answer.error, NotFound | Malformed):
                found |= dict.fromkeys(batch, answer.error)
            found |= {one.id: one for one in answer.items}
        rest = [one for one in model_ids if one not in found]
        alone = await gather_bounded(
            [partial(self.logged_model, one) for one in rest], self.at_once
        )
        found |= dict(zip(rest, alone, strict=True))
        return {one: found[one] for one in model_ids}

    async def _logged(
        self, model_ids: Sequence[str], experiments: Sequence[str], skips: SkippedRecords
    ) -> PartialList[LoggedModel]:
        names = ", ".join(quoted(model_id) for model_id in model_ids)
        query = {
            "experiment_ids": list(experiments),
            "filter": f"model_id IN ({names})",
            "max_results": self.page_size(LOGGED_PER_PAGE),
        }
        return await whole(self.searched("logged-models/search", query, _LOGGED, skips))

    async def search_runs(
        self,
        condition: str,
        experiments: Sequence[str],
        skips: SkippedRecords,
        limit: int | None = None,
        *,
        view: str = "ACTIVE_ONLY",
    ) -> PartialList[MLflowRun]:
        """Return the runs that meet *condition*, newest first, at most about *limit*.

        Of those that are deleted, *view* says whether they count.
        """
        if not experiments:
            return PartialList()
        query: dict[str, Any] = {
            "experiment_ids": list(experiments),
            "filter": condition,
            "run_view_type": view,
            "order_by": ["attributes.start_time DESC"],
            "max_results": self.page_size(RUNS_PER_PAGE),
        }
        return await whole(self.searched("runs/search", query, _RUNS, skips), limit)

    async def history(self, run_id: str, metric: str, count: int, last: int = 0) -> MetricHistory:
        """Return about *count* values of a metric, spread over all of its time.

        *last* is the step of the present one, as far as it is known.
        """
        if self.has_intervals:
            with suppress(NotFound, Malformed):
                return await self._intervals(run_id, metric, count, last)
        found = await self._whole_history(run_id, metric, count)
        self.has_intervals = False  # the run is there, so that call is not: a server before 2.5
        return found

    async def _whole_history(self, run_id: str, metric: str, count: int) -> MetricHistory:
        query: Parameters = {"run_id": run_id, "metric_key": metric}
        skips = SkippedRecords(f"history of {metric}")
        pages = self.pages("metrics/get-history", query, POINTS_PER_PAGE, _VALUES, skips)
        points = (await whole(pages)).items
        return MetricHistory(thinned(in_order(points), count), doubtful=True)

    async def _intervals(self, run_id: str, metric: str, count: int, last: int) -> MetricHistory:
        query: Parameters = {"run_ids": run_id, "metric_key": metric, "max_results": count}
        if last <= _STEPS[1]:  # left open, 2.x begins at step 0, and has no negative ones
            query = {**query, "start_step": _STEPS[0], "end_step": _STEPS[1]}
        request = self._request("GET", BULK_INTERVAL, query)
        skips = SkippedRecords(f"history of {metric}")
        points, _ = await self.page(request, _VALUES, skips)
        return MetricHistory(thinned(in_order(points), count), doubtful=skips.count > 0)

    # --- the server ---

    async def current_user(self, username: str = "") -> str:
        """Return how the server calls who asks, ``""`` where it does not say.

        Servers with logins say it since 3.x. Before, they say of the user *username* whether there
        is one, and that to nobody but that user and administrators.
        """
        with suppress(NotFound, Malformed, Forbidden):
            return (await self.typed("users/current", {}, GetUserResponse)).user.username
        with suppress(NotFound, Malformed, Forbidden):
            if username:
                query = {"username": username}
                return (await self.typed("users/get", query, GetUserResponse)).user.username
        return ""

    async def version(self) -> str:
        """Return the version of the server, or ``""`` where it does not say."""
        try:
            response = await self._send(self._client.build_request("GET", "version"))
        except NotFound:
            return ""
        text = response.text.strip()  # declared as a web page, although it is none
        return text if VERSION.fullmatch(text) else ""


def _no_prompts(found: Sequence[MLflowVersion]) -> list[MLflowVersion]:
    return [version for version in found if not is_prompt(version.tags)]


def is_prompt(tags: Mapping[str, str]) -> bool:
    """Return whether it is a prompt, which 3.x keeps among the models, and some servers list."""
    return tags.get("mlflow.prompt.is_prompt", "").lower() == "true"


def _inner(body: Mapping[str, Any], key: str, what: str) -> dict[str, Any]:
    inner = body.get(key)
    if not isinstance(inner, dict):
        raise Malformed(f"{what}: the answer has no {key}", "is the URL that of an MLflow server?")
    return inner


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY)]
