"""One model, version or drift measure from near."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from opsboard.adapter import (
    Detail,
    Fact,
    Facts,
    NotFound,
    Section,
    Series,
    SourceError,
)
from opsboard.records import Drift, ModelVersion
from opsboard_adapters.http.skips import Skips
from opsboard_adapters.mlflow.api import Api, RunsFound
from opsboard_adapters.mlflow.drift import Reading
from opsboard_adapters.mlflow.registry import Registry
from opsboard_adapters.mlflow.runs import Runs
from opsboard_adapters.mlflow.sections import (
    datasets_grid,
    drift_facts,
    drift_grid,
    iso,
    labelled,
    metrics_grid,
    model_facts,
    no_run,
    pairs_grid,
    passage,
    series,
    version_facts,
    versions_grid,
)
from opsboard_adapters.mlflow.shapes import (
    Measurement,
    RegisteredModel,
    Run,
    Version,
    moment,
)
from opsboard_adapters.mlflow.translate import Translator
from opsboard_adapters.partial import Listing, each, kept
from opsboard_adapters.shortfall import Shortfall, unread

VERSIONS: Final = 100
"""Versions of a model that are compared."""
PLOTTED: Final = 6
"""Metrics of a version whose history is plotted."""
POINTS: Final = 200
"""Points of a plot: more do not fit a terminal."""


class Close:
    """Reads one thing as it is now, and describes it."""

    def __init__(
        self,
        registry_api: Api,
        api: Api,
        runs: Runs,
        registry: Registry,
        translator: Translator,
    ) -> None:
        self._registry_api = registry_api
        self._api = api
        self._runs = runs
        self._registry = registry
        self._translator = translator

    async def model(self, name: str, drifts: Sequence[Drift]) -> Detail:
        """Return a registered model with its versions side by side."""
        missing = Shortfall("versions")
        model, versions = await asyncio.gather(
            self._registry_api.model(name), self._registry_api.versions(missing.skips, name)
        )
        self._learn(model, versions)
        shown = self._registry.versions_of(name)[:VERSIONS]
        runs, faults = await self._training([one.run_id for one in shown if one.run_id])
        if versions.fault is not None:
            faults.insert(0, versions.fault)
        record = self._translator.model(model, runs, drifts)

        def make(one: Version) -> ModelVersion:
            return self._translator.version(one, runs.get(one.run_id))

        rows = await missing.made(make, shown, lambda one: " v".join(one.key))
        return Detail(
            record=record,
            sections=(
                Facts(title="Model", facts=model_facts(model, record.serving, record.latest)),
                *passage("Description", model.description),
                versions_grid(rows),
                drift_grid(drifts),
                pairs_grid("Tags", model.tags),
                *unread(faults, missing.skips),
            ),
        )

    def _learn(self, model: RegisteredModel, versions: Listing[Version]) -> None:
        self._registry.models = {**self._registry.models, model.name: model}
        whole = versions.fault is None
        self._registry.replace_versions_of(model.name, versions.items, whole=whole)

    async def _training(self, run_ids: Sequence[str]) -> tuple[dict[str, Run], list[SourceError]]:
        """Return runs by id, those that cannot be read now as they are known, and why."""
        try:
            found = await self._runs.runs_of(run_ids)
        except SourceError as error:
            found = RunsFound(unread=frozenset(run_ids), faults=[error])
        known = {key: self._runs.known[key] for key in found.unread if key in self._runs.known}
        return known | {run.id: run for run in found.runs}, list(found.faults)

    async def version(self, name: str, version: str) -> Detail:
        """Return a version with the run that trained it."""
        known, model = await asyncio.gather(
            self._registry_api.version_of(name, version), self._registry_api.model(name)
        )
        self._registry.models = {**self._registry.models, name: model}
        faults: list[SourceError] = []
        run = self._runs.known.get(known.run_id)
        with kept(faults):
            run = await self._run(known.run_id)
        record = self._translator.version(known, run)
        return Detail(
            record=record,
            sections=(
                Facts(title="Version", facts=version_facts(known, record)),
                *passage("Description", known.description),
                *(await self._run_sections(run, faults) if run else no_run(known, faults)),
                pairs_grid("Tags", known.tags),
                *unread(faults, Skips("run")),
            ),
        )

    async def _run(self, run_id: str) -> Run | None:
        if not run_id:
            return None
        try:
            return await self._api.run(run_id)
        except NotFound:
            return None

    async def _run_sections(self, run: Run, faults: list[SourceError]) -> list[Section]:
        return [
            Facts(title="Training run", facts=self._run_facts(run)),
            metrics_grid(self._translator.ordered(run.data.metrics)),
            pairs_grid("Parameters", run.data.params),
            *await self._plots(run, faults),
            datasets_grid(run),
        ]

    async def _plots(self, run: Run, faults: list[SourceError]) -> list[Series]:
        ordered = self._translator.ordered(run.data.metrics)
        stepped = [one for one in ordered if one.step > 0 and not one.key.startswith("system/")]
        chosen = stepped[:PLOTTED]
        work = [partial(self._api.history, run.id, one.key, POINTS) for one in chosen]
        found: list[Series] = []
        for metric, history in zip(chosen, await each(work, self._api.at_once), strict=True):
            if isinstance(history, SourceError):
                faults.append(history)
            elif len(history.points) > 1:
                found.append(series(metric.key, history.points))
        return found

    def _run_facts(self, run: Run) -> tuple[Fact, ...]:
        info = run.info
        return labelled(
            ("Name", info.run_name),
            ("Run", info.run_id),
            ("Status", info.status + (" (deleted)" if info.lifecycle_stage == "deleted" else "")),
            ("By", run.data.tags.get("mlflow.user") or info.user_id),
            ("Started", iso(moment(info.start_time))),
            ("Ended", iso(moment(info.end_time))),
            ("Source", run.data.tags.get("mlflow.source.name", "")),
            ("Commit", run.data.tags.get("mlflow.source.git.commit", "")),
            ("Page", self._translator.links.run(info.experiment_id, info.run_id)),
        )

    async def drift(self, reading: Reading) -> Detail:
        """Return a drift measure over time, against its threshold."""
        points: list[Measurement] = []
        faults: list[SourceError] = []
        with kept(faults):
            history = await self._api.history(reading.run.id, reading.metric, POINTS)
            points = history.points
        own = points or [reading.latest]
        record = self._translator.drift(reading, own)
        return Detail(
            record=record,
            sections=(
                series(reading.metric, [*reading.earlier, *own][-POINTS:], record.threshold),
                Facts(title="Drift", facts=drift_facts(record, reading)),
                Facts(title="Measuring run", facts=self._run_facts(reading.run)),
                *unread(faults, Skips("history")),
            ),
        )
