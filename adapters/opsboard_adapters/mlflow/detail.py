"""The detail pages of a model, a version and a measure of drift."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, Literal

from opsboard.adapter import Detail, Fact, Facts, Section, Series, SourceError
from opsboard.records import Drift, Model, ModelVersion
from opsboard_adapters.listing.completeness import ScopeCompleteness, SkippedRecords, unread_section
from opsboard_adapters.listing.partial import PartialList, collecting_errors, gather_bounded
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.model_page import drift_charts, drift_grid, under_way
from opsboard_adapters.mlflow.poller import ModelPoller
from opsboard_adapters.mlflow.sections import (
    COMPARED,
    datasets_grid,
    drift_facts,
    iso,
    labelled,
    left_out,
    logged_model,
    metrics_grid,
    model_facts,
    no_run,
    pairs_grid,
    passage,
    series,
    version_facts,
    versions_grid,
)
from opsboard_adapters.mlflow.structs import (
    MetricHistory,
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    RegisteredModel,
    moment,
    thinned,
)

VERSIONS: Final = 100
"""Versions of a model that are compared."""
CHARTS: Final = 2
"""Metrics of the version that serves whose history is plotted on the page of its model."""
PLOTTED: Final = 6
"""Metrics of a version whose history is plotted."""
POINTS: Final = 200
"""Points of a plot: more do not fit a terminal."""


class MLflowDetailReader:
    """Reads one thing as it is now, and describes it."""

    def __init__(self, registry_api: MLflowApi, api: MLflowApi, watch: ModelPoller) -> None:
        self._registry_api = registry_api
        self._api = api
        self._watch = watch
        self._registry = watch.registry
        self._translator = watch.translator

    async def model(self, name: str) -> Detail:
        """Return a registered model with its versions side by side."""
        missing = ScopeCompleteness("versions")
        model, versions = await asyncio.gather(
            self._registry_api.model(name), self._registry_api.versions(missing.skipped, name)
        )
        self._learn(model, versions)
        shown = self._shown(name)
        origins, found = await self._watch.runs.origins_of(shown)
        faults = [*([versions.error] if versions.error else []), *found.faults]
        drifts = [one for one in self._watch.drifts if one.model == name]
        looked = self._watch.is_looked_at(name)
        record = self._translator.model(model, origins, drifts, looked=looked)

        def make(one: MLflowVersion) -> ModelVersion:
            return self._translator.version(one, origins.of(one))

        rows = await missing.build_records(make, shown, lambda one: " v".join(one.key))
        told = [origins.of(one) for one in shown]
        leading = origins.of(self._registry.shown(name))
        names = self._translator.names(told, leading)
        return Detail(
            record=record,
            sections=(
                Facts(title="Model", facts=model_facts(model, record)),
                *await self._charts(record, origins, drifts, faults),
                *await under_way(self._translator, told, self._api, faults),
                *passage("Description", model.description),
                versions_grid(rows, names[:COMPARED]),
                *left_out("Not compared here", names[COMPARED:], "each version's page has its own"),
                *self._left_out(name, shown),
                drift_grid(drifts),
                pairs_grid("Tags", model.tags),
                *unread_section(faults, missing.skipped),
            ),
        )

    async def _charts(
        self,
        model: Model,
        origins: VersionOrigins,
        drifts: Sequence[Drift],
        faults: list[SourceError],
    ) -> Sequence[Series]:
        """Return how the version that serves drifts, and how it was trained; else the latest."""
        leading = self._registry.version(model.name, model.serving or model.latest)
        if leading is None:
            return ()
        own = [one for one in drifts if one.version == leading.version]
        readings = [(one, self._watch.runs.history(one)) for one in self._watch.readings.values()]
        plots = await self._plots(origins.of(leading), faults, CHARTS, f" of v{leading.version}")
        return [*drift_charts(own, readings), *plots]

    def _learn(self, model: RegisteredModel, versions: PartialList[MLflowVersion]) -> None:
        self._registry.add_model(model)
        whole = versions.error is None
        self._registry.replace_versions_of(model.name, versions.items, whole=whole)

    def _shown(self, name: str) -> list[MLflowVersion]:
        """Return the newest versions, and those in use, however old they are."""
        known, in_use = self._registry.versions_of(name), self._registry.in_use(name)
        older = [one for one in known[VERSIONS:] if one.version in in_use]
        return [*known[:VERSIONS], *older]

    def _left_out(self, name: str, shown: Sequence[MLflowVersion]) -> tuple[Facts, ...]:
        count = self._registry.count(name)
        if count <= len(shown):
            return ()
        text = f"{len(shown):,} of {count:,}: the newest, and those in use"
        return (Facts(title="Versions shown", facts=labelled(("Shown", text))),)

    async def version(self, name: str, version: str) -> Detail:
        """Return a version with the run that trained it, and the model that the run logged."""
        known, model = await asyncio.gather(
            self._registry_api.version_of(name, version), self._registry_api.model(name)
        )
        self._registry.add_model(model)
        faults: list[SourceError] = []
        origin = await self._watch.runs.origin_of(known, faults)
        record = self._translator.version(known, origin)
        return Detail(
            record=record,
            sections=(
                Facts(title="Version", facts=version_facts(known, record)),
                *passage("Description", known.description),
                *(() if origin.run else no_run(known, faults)),
                *(await self.origin_sections(origin, faults)),
                pairs_grid("Tags", known.tags),
                *unread_section(faults, SkippedRecords("run")),
            ),
        )

    async def origin_sections(
        self, origin: VersionOrigin, faults: list[SourceError]
    ) -> list[Section]:
        """Return what *origin*, a run and what it logged, says; *faults* what could not be read."""
        run = origin.run
        measured = self._translator.ordered(origin.measurements)
        return [
            *([Facts(title="Training run", facts=self._run_facts(run))] if run else []),
            *logged_model(origin),
            *([metrics_grid(measured)] if measured or run else []),
            *([pairs_grid("Parameters", origin.params)] if origin.params or run else []),
            *await self._plots(origin, faults, PLOTTED),
            *self._not_plotted(origin),
            *([datasets_grid(run)] if run else []),
        ]

    async def _plots(
        self, origin: VersionOrigin, faults: list[SourceError], most: int, of: str = ""
    ) -> list[Series]:
        """Return plots of the first metrics, at most *most*, *of* which is added to their names."""
        chosen = self._plotted(origin)[:most]
        work = [partial(self._history, origin, one) for one in chosen]
        found: list[Series] = []
        for metric, history in zip(
            chosen, await gather_bounded(work, self._api.at_once), strict=True
        ):
            if isinstance(history, SourceError):
                faults.append(history)
            elif len(history.points) > 1:
                found.append(series(f"{metric.key}{of}", history.points))
        return found

    def _plotted(self, origin: VersionOrigin) -> list[MLflowMetric]:
        """Return the metrics that are plotted first: those with steps, and others after them.

        Nothing says how often a metric without a step was logged, before its history is read.
        """
        ordered = self._translator.ordered(origin.measurements)
        own = [one for one in ordered if not one.key.startswith("system/")]
        return [*(one for one in own if one.step != 0), *(one for one in own if one.step == 0)]

    def _not_plotted(self, origin: VersionOrigin) -> tuple[Facts, ...]:
        missing = [one.key for one in self._plotted(origin)[PLOTTED:] if one.step != 0]
        where = "`metrics` in the config says which come first"
        return left_out("Not plotted", missing, where)

    async def _history(self, origin: VersionOrigin, metric: MLflowMetric) -> MetricHistory:
        """Return the values of *metric*: a run mixes those of all models that it logged."""
        own = origin.logged.history(metric.key) if origin.logged else ()
        if own or origin.run is None:
            return MetricHistory(thinned(own, POINTS))
        return await self._api.history(origin.run.id, metric.key, POINTS, metric.step)

    async def _points(self, reading: DriftReading) -> list[MLflowMetric]:
        """Return the values of *reading* over time, as they are now."""
        if reading.logged is not None:
            logged = await self._api.logged_model(reading.logged.id)
            return thinned(logged.history(reading.metric), POINTS)
        step = reading.latest.step
        return (await self._api.history(reading.run.id, reading.metric, POINTS, step)).points

    def run_url(self, run: MLflowRun) -> str:
        """Return the address of the page of *run*."""
        return self._translator.links.run(run.info.experiment_id, run.id)

    def _run_facts(self, run: MLflowRun) -> tuple[Fact, ...]:
        info = run.info
        return labelled(
            ("Name", info.run_name),
            ("Run", info.run_id),
            ("Status", info.status + (" (deleted)" if run.deleted else "")),
            ("By", run.data.tags.get("mlflow.user") or info.user_id),
            ("Started", iso(moment(info.start_time))),
            ("Ended", iso(moment(info.end_time))),
            ("Source", run.data.tags.get("mlflow.source.name", "")),
            ("Commit", run.data.tags.get("mlflow.source.git.commit", "")),
            ("Page", self._translator.links.run(info.experiment_id, info.run_id)),
        )

    async def drift(self, reading: DriftReading) -> Detail:
        """Return a drift measure over time, against its threshold.

        All of it is of one look: the value that is told is the last point of the plot.
        """
        faults: list[SourceError] = []
        run: MLflowRun | None = None
        points: list[MLflowMetric] = []
        with collecting_errors(faults):
            points = await self._points(reading)
        with collecting_errors(faults):  # after its history, so that it is no older
            run = await self._api.run(reading.run.id)
        now = self._translator.refreshed_drift(reading, run, points)
        own = [*(one for one in points if one != now.latest), now.latest]
        record = self._translator.drift(now, own)
        axis: Literal["", "time"] = "time" if now.earlier else ""
        return Detail(
            record=record,
            sections=(
                series(now.metric, [*now.earlier, *own][-POINTS:], record.threshold, axis),
                Facts(title="Drift", facts=drift_facts(record, now)),
                Facts(title="Measuring run", facts=self._run_facts(now.run)),
                *unread_section(faults, SkippedRecords("history")),
            ),
        )
