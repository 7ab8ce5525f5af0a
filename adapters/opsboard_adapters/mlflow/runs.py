"""The runs that matter: those that trained the versions shown, and those that monitor them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Final, TypeAlias

from opsboard.adapter import NotFound, SourceError, Unreachable
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import (
    HOST_WIDE,
    PartialList,
    as_partial_list,
    collecting_errors,
    gather_bounded,
)
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import (
    MetricHistory,
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    thinned,
)
from opsboard_adapters.mlflow.tracking_calls import RunsFound
from opsboard_adapters.mlflow.training_runs import TrainingRuns, TrainingRunsFound

MONITORS: Final = 5_000
"""Monitoring runs kept per tag, the newest ones."""
HISTORIES: Final = 100
"""Metric histories read in one round; the others follow in the next ones."""
IN_SLICE: Final = 500
"""Versions whose origins are read before the changes are reported."""
TREND: Final = 60
"""Values that a trend holds."""


_HistoryKey: TypeAlias = tuple[str, MLflowMetric]


class RunTracker:
    """What is known of runs: those that trained versions (*training*), and their *monitors*.

    What could not be read is as it was known before, and asked for again in the next round;
    *training_faults* and *monitoring_faults* say why. *skips* takes note of runs that are odd.
    """

    def __init__(
        self,
        api: MLflowApi,
        settings: MLflowSettings,
        registry: RegistryState,
        now: Callable[[], datetime],
        skips: SkippedRecords,
    ) -> None:
        self._api = api
        self._settings = settings
        self._now = now
        self._skips = skips
        self._experiments: Sequence[str] = ()
        self._measures = settings.drift_by_name or bool(settings.drift)
        """Whether anything at all may measure drift."""
        self._changes = 0
        self._full = False
        self._monitors_due = True
        self._monitors_whole = False
        self._monitors_seen = False
        self._histories: dict[_HistoryKey, MetricHistory] = {}
        self._again: set[_HistoryKey] = set()
        """Histories that are doubtful, and read again."""
        self._refused: dict[_HistoryKey, SourceError] = {}
        self._registry = registry
        self.training = TrainingRuns(api, skips, registry)
        self.monitors: dict[str, MLflowRun] = {}
        self.training_faults: Sequence[SourceError] = ()
        self.monitoring_faults: Sequence[SourceError] = ()

    @property
    def changes(self) -> int:
        """A counter that grows with every change."""
        return self._changes + self.training.changes

    @property
    def history_faults(self) -> Sequence[SourceError]:
        """Why some histories could not be read."""
        return tuple(self._refused.values())

    @property
    def active(self) -> bool:
        """Whether a monitoring run is under way, and may log at any time."""
        return any(run.active for run in self.monitors.values())

    def is_looked_at(self, version: MLflowVersion) -> bool:
        """Return whether it has been looked whether *version* drifts."""
        if not self._measures:
            return True
        return self._monitors_seen and self.training.is_looked_at(version)

    def is_expected(self, version: MLflowVersion) -> bool:
        """Return whether runs of *version* are still to be read, and nothing stands in the way."""
        if self.training.is_expected(version):
            return True
        return self._measures and not (self._monitors_seen or self.monitoring_faults)

    async def begin(
        self, *wanted: Sequence[MLflowVersion], full: bool
    ) -> list[Sequence[MLflowVersion]]:
        """Return what is due of *wanted*, what matters most first, in slices to be read.

        There is one at least, as monitoring runs are looked for in any case. Raises
        :exc:`SourceError` where nothing can be read.
        """
        self._full, self._monitors_due = full, True
        if full:
            self._skips.reset()
            self._api.has_intervals = True
            self._again = {key for key, one in self._histories.items() if one.doubtful}
            self.training.retain(chain.from_iterable(wanted), self._registry.versions())
        try:
            fault = await self._read_experiments()
        except SourceError as error:
            self.monitoring_faults = [error]
            raise
        faults = [] if fault is None else [fault]
        self.training_faults, self.monitoring_faults = faults, faults
        due = ([one for one in some if self.training.is_due(one, full=full)] for some in wanted)
        return [
            some[start : start + IN_SLICE]
            for some in due
            for start in range(0, len(some), IN_SLICE)
        ] or [[]]

    async def read(self, part: Sequence[MLflowVersion]) -> bool:
        """Read the origins of *part*, and the monitoring runs if it is the first slice.

        Return whether to go on. Raises :exc:`SourceError` where nothing at all could be read.
        """
        training, monitoring = await asyncio.gather(
            self.training.read(part, self._experiments, full=self._full),
            self._read_monitors_once(),
        )
        self.training_faults = [*self.training_faults, *training.faults]
        self.monitoring_faults = [*self.monitoring_faults, *monitoring.faults]
        if monitoring.faults and not (monitoring.answered or training.answered):
            self._changes += 1
            raise monitoring.faults[0]
        return training.answered or not any(
            isinstance(fault, (Unreachable, *HOST_WIDE)) for fault in training.faults
        )

    async def _read_experiments(self) -> SourceError | None:
        """Read which experiments there are; keep those known before if some cannot be read."""
        found: PartialList[str]
        try:
            found = await self._api.experiments(self._skips)
        except SourceError as error:
            if not self._experiments:
                raise
            found = PartialList(error=error)
        known = self._experiments if found.error is not None else ()
        self._experiments = list(dict.fromkeys([*found.items, *known]))
        return found.error

    async def _read_monitors_once(self) -> RunsFound:
        if not self._monitors_due:
            return RunsFound()
        self._monitors_due = False
        found = await self._read_monitors(self._full)
        seen = self._monitors_seen or not found.faults
        self._changes += seen is not self._monitors_seen
        self._monitors_seen = seen
        return found

    async def _read_monitors(self, full: bool) -> RunsFound:
        """Read the monitoring runs, all that count or those since the last time."""
        full = full or not self._monitors_whole
        since, active = self._earliest(), list[str]()
        if not full:
            active = [run_id for run_id, run in self.monitors.items() if run.active]
            since = self._newest(since)
        work = [partial(self._tagged, tag, since) for tag in self._settings.model_tags]
        listings, again = await asyncio.gather(
            gather_bounded(work, self._api.at_once),
            self._api.runs_of(active, self._experiments, self._skips),
        )
        found = [as_partial_list(one) for one in listings]
        faults = [*(one.error for one in found if one.error is not None), *again.faults]
        # What a tag would have brought is missing from now on: read all of them the next time.
        self._monitors_whole = not faults
        kept = self.monitors if faults else {}
        if not full:
            kept = {key: run for key, run in self.monitors.items() if faults or not run.active}
        still = [run for run in again.runs if not run.deleted]
        runs = [*still, *(run for one in found for run in one.items)]
        monitors = kept | {run.id: run for run in runs}
        self._changes += monitors != self.monitors
        self.monitors = monitors
        answered = again.answered or any(one.error is None or one.items for one in found)
        return RunsFound(runs, again.unread, faults, answered=answered)

    def _earliest(self) -> int:
        earliest = self._now() - timedelta(days=self._settings.monitoring_days)
        return int(earliest.timestamp() * 1000)

    def _newest(self, least: int) -> int:
        """Return when the newest run began; one that claims the future hides none that follows."""
        now = int(self._now().timestamp() * 1000)
        return max((min(run.info.start_time, now) for run in self.monitors.values()), default=least)

    async def _tagged(self, tag: str, since: int) -> PartialList[MLflowRun]:
        # "at or after": two runs may start in the same millisecond.
        condition = f"tags.`{tag}` LIKE '%' and attributes.start_time >= {since}"
        return await self._api.search_runs(condition, self._experiments, self._skips, MONITORS)

    async def origins_of(
        self, versions: Sequence[MLflowVersion]
    ) -> tuple[VersionOrigins, TrainingRunsFound]:
        """Return the origins of *versions* as they are now, and why some could not be read.

        Those are as they were known.
        """
        skips = SkippedRecords("runs")
        try:
            experiments = self._experiments or (await self._api.experiments(skips)).items
        except HOST_WIDE:
            raise
        except SourceError as error:
            return self.training.origins, TrainingRunsFound([error])
        now = self.training.copy(skips)
        found = await now.read(versions, experiments, full=True)
        return now.origins, found

    async def origin_of(self, version: MLflowVersion, faults: list[SourceError]) -> VersionOrigin:
        """Return the origin of *version* as it is now; *faults* say why it is as it was known."""
        known = self.training.origins
        runs, logged, gone = {**known.runs}, {**known.logged}, set[str]()
        if model_id := version.logged_model:
            with collecting_errors(faults):
                try:
                    logged[model_id] = await self._api.logged_model(model_id)
                except NotFound:
                    logged.pop(model_id, None)
                    gone.add(model_id)
        if run_id := VersionOrigins(runs, logged).run_id(version):
            with collecting_errors(faults):
                try:
                    runs[run_id] = await self._api.run(run_id)
                except NotFound:
                    runs.pop(run_id, None)
        return VersionOrigins(runs, logged, gone, self._registry.logged_by_run).of(version)

    async def read_histories(self, readings: Sequence[DriftReading]) -> bool:
        """Read the histories that *readings* lack. Return whether some were not asked for yet.

        What was refused is asked for again in each round, after all others.
        """
        wanted = {_history_key(one): one for one in readings if _has_history(one)}
        self._histories = {key: one for key, one in self._histories.items() if key in wanted}
        self._refused = {key: one for key, one in self._refused.items() if key in wanted}
        self._again.intersection_update(wanted)
        known = self._histories.keys() - self._again
        new = [key for key in wanted if key not in known and key not in self._refused]
        asked = [*new, *self._refused][:HISTORIES]
        work = [
            partial(self._api.history, key[0], wanted[key].metric, TREND, wanted[key].latest.step)
            for key in asked
        ]
        self._changes += bool(asked)
        for key, points in zip(asked, await gather_bounded(work, self._api.at_once), strict=True):
            self._refused.pop(key, None)
            self._again.discard(key)
            if isinstance(points, SourceError):
                self._refused[key] = points
            else:
                self._histories[key] = points
        return len(new) > HISTORIES

    def history(self, reading: DriftReading) -> list[MLflowMetric]:
        """Return the earlier values that *reading* has within its run, as far as they are read."""
        if reading.logged is not None:
            return thinned(reading.logged.history(reading.metric), TREND)
        known = self._histories.get(_history_key(reading))
        return known.points if known else []


def _history_key(reading: DriftReading) -> _HistoryKey:
    return reading.run.id, reading.latest


def _has_history(reading: DriftReading) -> bool:
    # One value per run is the habit of monitoring jobs; a step, or a lone run, may mean more.
    return reading.logged is None and (reading.latest.step > 0 or not reading.earlier)
