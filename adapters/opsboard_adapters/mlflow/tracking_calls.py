"""The calls that read from the tracking store: experiments, runs, metrics and logged models."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote

from opsboard.adapter import Malformed, NotFound, SourceError
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
    GetExperimentResponse,
    GetRunResponse,
    MetricHistory,
    MLflowExperiment,
    MLflowMetric,
    MLflowRun,
    in_order,
    thinned,
)
from opsboard_adapters.mlflow.transport import (
    ListField,
    MLflowTransport,
    Parameters,
    inner_object,
    quoted,
    whole,
)

T = TypeVar("T")
BULK_INTERVAL: Final = "ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
RUNS_PER_PAGE: Final = 500
EXPERIMENTS_PER_PAGE: Final = 1_000
POINTS_PER_PAGE: Final = 20_000
LOGGED_PER_PAGE: Final = 50
IDS_PER_QUERY: Final = 100
"""Run ids named in one filter: it travels in a request body, but databases bound its length."""

_STEPS: Final = (-(2**31), 2**31 - 1)
"""The steps that can be asked for: ``int32`` in MLflow's ``service.proto``, although steps are 64
bits long."""

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


class TrackingCalls(MLflowTransport):
    """What a tracking store has, asked for and decoded."""

    has_intervals = True
    """Whether the server has the call for histories spread over time (MLflow 2.5), as it seems."""

    # --- experiments ---

    async def experiments(self, skips: SkippedRecords, view: str = "ALL") -> PartialList[str]:
        """Return the ids of all experiments, those too that are deleted: versions outlive them."""
        query = {"view_type": view}
        pages = self.pages("experiments/search", query, EXPERIMENTS_PER_PAGE, _EXPERIMENTS, skips)
        found = await whole(pages)
        return PartialList([one.experiment_id for one in found.items], found.error)

    async def all_experiments(
        self, skips: SkippedRecords, condition: str
    ) -> Sequence[MLflowExperiment]:
        """Return the experiments that meet *condition*, those in the bin left out."""
        query = {"view_type": "ACTIVE_ONLY", **({"filter": condition} if condition else {})}
        pages = self.pages("experiments/search", query, EXPERIMENTS_PER_PAGE, _EXPERIMENTS, skips)
        return (await whole(pages)).items

    async def experiment(self, experiment_id: str) -> MLflowExperiment:
        """Return an experiment. Raises :exc:`NotFound`."""
        query = {"experiment_id": experiment_id}
        return (await self.typed("experiments/get", query, GetExperimentResponse)).experiment

    async def experiment_names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return what people call the experiments *ids*; the id of one that cannot be read."""
        asked = list(dict.fromkeys(ids))
        found = await gather_bounded([partial(self.experiment, one) for one in asked], self.at_once)
        return {
            identity: identity if isinstance(one, SourceError) else one.name or identity
            for identity, one in zip(asked, found, strict=True)
        }

    # --- runs ---

    async def run(self, run_id: str) -> MLflowRun:
        """Return a run."""
        return (await self.typed("runs/get", {"run_id": run_id}, GetRunResponse)).run

    async def artifact(self, run_id: str, path: str) -> bytes:
        """Return an artifact of a run, as its page has it. Raises :exc:`NotFound`."""
        return await self.content("get-artifact", {"run_id": run_id, "path": path})

    async def raw_run(self, run_id: str) -> dict[str, Any]:
        """Return a run as the server describes it."""
        return inner_object(await self.get("runs/get", {"run_id": run_id}), "run", f"run {run_id}")

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

    # --- logged models (MLflow 3) ---

    async def search_logged_models(
        self, condition: str, experiments: Sequence[str], skips: SkippedRecords, limit: int
    ) -> Sequence[LoggedModel]:
        """Return the logged models that meet *condition*, about *limit*. MLflow 2 has none."""
        query: dict[str, Any] = {
            "experiment_ids": list(experiments),
            "filter": condition,
            "max_results": self.page_size(LOGGED_PER_PAGE),
        }
        return (
            await whole(self.searched("logged-models/search", query, _LOGGED, skips), limit)
        ).items

    async def logged_model(self, model_id: str) -> LoggedModel:
        """Return a logged model, deleted or not. Raises :exc:`NotFound`."""
        path = f"logged-models/{quote(model_id, safe='')}"
        query: Parameters = {"allow_deleted": "true"}
        return (await self.typed(path, query, GetLoggedModelResponse)).model

    async def logged_model_file(self, model_id: str, path: str) -> str:
        """Return the text of an artifact of a logged model. Raises :exc:`NotFound`."""
        where = f"ajax-api/2.0/mlflow/logged-models/{quote(model_id, safe='')}/artifacts/files"
        return await self.text(where, {"artifact_file_path": path})

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


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY)]
