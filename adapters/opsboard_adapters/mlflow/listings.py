"""What a server lists beyond the board: experiments, runs, prompts, traces, and logged models of 3.

They are asked for again while somebody looks, the more seldom the longer nothing changes. Runs are
searched for in MLflow's own language by the server itself:
https://mlflow.org/docs/latest/ml/search/search-runs/
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

from opsboard.adapter import (
    ListingCatalog,
    ListingColumn,
    ListingColumnType,
    ListingQuery,
    ListingRow,
    ListingType,
    ListingUpdate,
    NotFound,
)
from opsboard.records import Status
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.mlflow import prompt_versions
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import RUNS_LISTING
from opsboard_adapters.mlflow.logged_models import LoggedModel
from opsboard_adapters.mlflow.metric_order import MetricOrder
from opsboard_adapters.mlflow.run_rows import RunRows, split_experiment
from opsboard_adapters.mlflow.sections import iso
from opsboard_adapters.mlflow.states import MODEL_STATES, TRACE_STATES
from opsboard_adapters.mlflow.structs import (
    MLflowExperiment,
    MLflowTrace,
    RegisteredModel,
    moment,
)

MAX_ROWS: Final = 500
"""Rows of a listing: the newest ones."""
FASTEST, SLOWEST = 5.0, 60.0
"""Seconds between two questions: while runs are under way or rows change, and at most."""
LANGUAGE: Final = "MLflow search"

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
_Listed: TypeAlias = tuple[tuple[ListingColumn, ...], Sequence[ListingRow]]

RUNS: Final = ListingType(
    name=RUNS_LISTING,
    title="Training runs",
    aliases=("mlruns",),
    filter_language=LANGUAGE,
    compared=True,
    order="-started",
)
EXPERIMENTS: Final = ListingType(
    name="experiments", title="Experiments", aliases=("experiment", "exp"), filter_language=LANGUAGE
)
LOGGED_MODELS: Final = ListingType(
    name="logged-models", title="Logged models", aliases=("loggedmodels",), filter_language=LANGUAGE
)
PROMPTS: Final = ListingType(name="prompts", title="Prompts", aliases=("prompt",))
TRACES: Final = ListingType(
    name="traces",
    title="Traces",
    aliases=("trace",),
    filter_language=LANGUAGE,
    order="-started",
)
_TIME, _NUMBER = ListingColumnType.TIME, ListingColumnType.NUMBER
_COLUMNS: Final = {
    "experiments": (
        ListingColumn(name="id", type=_NUMBER),
        ListingColumn(name="created", type=_TIME),
        ListingColumn(name="changed", type=_TIME),
    ),
    "prompts": (
        ListingColumn(name="latest", type=_NUMBER),
        ListingColumn(name="aliases"),
        ListingColumn(name="description"),
        ListingColumn(name="changed", type=_TIME),
    ),
    prompt_versions.LISTING.name: prompt_versions.COLUMNS,
    "traces": (
        ListingColumn(name="experiment"),
        ListingColumn(name="input"),
        ListingColumn(name="took", type=_NUMBER),
        ListingColumn(name="started", type=_TIME),
        ListingColumn(name="trace", wide=True),
    ),
    "logged-models": (
        ListingColumn(name="registered"),
        ListingColumn(name="experiment"),
        ListingColumn(name="type"),
        ListingColumn(name="run", wide=True),
        ListingColumn(name="created", type=_TIME),
    ),
}
TRACED: Final = 100
"""Experiments whose traces are listed, those that changed last: they travel in the address."""
INPUT: Final = 200
"""Characters of the input of a trace."""


class MLflowListings:
    """The listings of one tracking server.

    Their pauses are not those of the source, which tell when the board is next up to date.
    """

    def __init__(
        self,
        api: MLflowApi,
        order: MetricOrder,
        sleep: Sleep = asyncio.sleep,
        *,
        registry_api: MLflowApi | None = None,
    ) -> None:
        self._api, self._order, self._sleep = api, order, sleep
        self._registry_api = registry_api or api
        self._readers: dict[str, Callable[[str], Awaitable[Sequence[ListingRow]]]] = {
            "experiments": self._experiments,
            "logged-models": self._logged_models,
            "prompts": self._prompts,
            prompt_versions.LISTING.name: self._prompt_versions,
            "traces": self._traces,
        }

    async def types(self) -> ListingCatalog:
        """Return what can be listed. MLflow 2 has no logged models, and says so when asked."""
        prompts = (PROMPTS, prompt_versions.LISTING)
        return ListingCatalog(types=(EXPERIMENTS, RUNS, LOGGED_MODELS, *prompts, TRACES))

    async def watch(self, name: str, query: ListingQuery) -> AsyncIterator[ListingUpdate]:
        """Yield the rows of a listing, then what changes of them. It has no end of its own."""
        read = self._reader(name)
        known: tuple[ListingColumn, ...] = ()
        shown: dict[str, ListingRow] = {}
        pause = FASTEST
        first = True
        while True:
            columns, rows = await read(query.text.strip())
            now = {row.key: row for row in rows[:MAX_ROWS]}
            changed = [row for key, row in now.items() if shown.get(key) != row]
            removed = [key for key in shown if key not in now]
            notes = (f"only the newest {MAX_ROWS}",) if len(rows) > MAX_ROWS else ()
            if first or changed or removed:
                more = columns if first or columns != known else None
                yield ListingUpdate(changed, removed, more, complete=True, notes=notes)
            moves = bool(changed or removed) or any(r.status is Status.RUNNING for r in rows)
            shown, known, first = now, columns, False
            pause = FASTEST if moves else min(pause * 1.5, SLOWEST)
            await self._sleep(pause)

    def _reader(self, name: str) -> Callable[[str], Awaitable[_Listed]]:
        """Return what reads the rows of a listing. Raises :exc:`NotFound` where there is none."""
        if name == RUNS_LISTING:
            return partial(self._runs, RunRows(self._order))
        if (rows := self._readers.get(name)) is None:
            raise NotFound(f"this source has no listing {name!r}")
        columns = _COLUMNS[name]

        async def read(text: str) -> _Listed:
            return columns, await rows(text)

        return read

    async def _experiments(self, text: str) -> Sequence[ListingRow]:
        found = await self._api.all_experiments(SkippedRecords("experiments"), text)
        return [
            ListingRow(
                key=one.experiment_id,
                name=one.name or one.experiment_id,
                cells=(
                    one.experiment_id,
                    iso(moment(one.creation_time)),
                    iso(moment(one.last_update_time)),
                ),
                created_at=moment(one.creation_time),
            )
            for one in found
        ]

    async def _names(self) -> dict[str, MLflowExperiment]:
        found = await self._api.all_experiments(SkippedRecords("experiments"), "")
        return {one.experiment_id: one for one in found}

    async def _runs(self, table: RunRows, text: str) -> _Listed:
        names = await self._names()
        ids, condition = split_experiment(text, names)
        found = await self._api.search_runs(condition, ids, SkippedRecords("runs"), MAX_ROWS + 1)
        return table.columns(found.items), table.rows(found.items, names)

    async def _prompts(self, _text: str) -> Sequence[ListingRow]:
        found = await self._registry_api.prompts(SkippedRecords("prompts"))
        return [_prompt_row(one) for one in found]

    async def _prompt_versions(self, _text: str) -> Sequence[ListingRow]:
        return await prompt_versions.prompt_version_rows(self._registry_api, MAX_ROWS + 1)

    async def _traces(self, text: str) -> Sequence[ListingRow]:
        names = await self._names()
        newest = sorted(names.values(), key=lambda one: one.last_update_time, reverse=True)
        ids = [one.experiment_id for one in newest[:TRACED]]
        found = await self._api.traces(text, ids, SkippedRecords("traces"), MAX_ROWS + 1)
        return [_trace_row(one, names) for one in found]

    async def _logged_models(self, text: str) -> Sequence[ListingRow]:
        names = await self._names()
        skips = SkippedRecords("logged models")
        found = await self._api.search_logged_models(text, list(names), skips, MAX_ROWS + 1)
        return [_model_row(one, names) for one in found]


def _model_row(one: LoggedModel, names: dict[str, MLflowExperiment]) -> ListingRow:
    info = one.info
    experiment = names.get(info.experiment_id)
    created = moment(info.creation_timestamp_ms)
    return ListingRow(
        key=one.id,
        name=info.name or one.id,
        cells=(
            ", ".join(f"{name} v{version}" for name, version in one.registered_as),
            experiment.name if experiment else info.experiment_id,
            info.model_type,
            info.source_run_id,
            iso(created),
        ),
        status=MODEL_STATES.get(info.status.removeprefix("LOGGED_MODEL_")),
        created_at=created,
    )


def _prompt_row(one: RegisteredModel) -> ListingRow:
    latest = max((version.number for version in one.latest_versions), default=0)
    aliases = ", ".join(f"{name} {to}" for name, to in sorted(one.aliases.items()))
    changed = moment(one.last_updated_timestamp)
    return ListingRow(
        key=one.name,
        name=one.name,
        cells=(str(latest or ""), aliases, one.description, iso(changed)),
        created_at=moment(one.creation_timestamp),
    )


def _trace_row(one: MLflowTrace, names: dict[str, MLflowExperiment]) -> ListingRow:
    experiment = names.get(one.experiment_id)
    started = moment(one.timestamp_ms)
    seconds = one.execution_time_ms / 1000
    return ListingRow(
        key=one.request_id,
        name=one.tags.get("mlflow.traceName", "") or one.request_id,
        cells=(
            experiment.name if experiment else one.experiment_id,
            one.metadata.get("mlflow.traceInputs", "")[:INPUT],
            f"{seconds:g}s" if seconds else "",
            iso(started),
            one.request_id,
        ),
        status=TRACE_STATES.get(one.status),
        created_at=started,
    )
