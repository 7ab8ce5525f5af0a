"""The runs that matter: those that trained the versions shown, and those that monitor them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from opsboard_adapters.mlflow.api import Api
from opsboard_adapters.mlflow.drift import Reading
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.shapes import Measurement, Run

MONITORS: Final = 5_000
"""Monitoring runs kept per tag, the newest ones."""
HISTORIES: Final = 100
"""Metric histories read in one round; the others follow in the next ones."""
TREND: Final = 60
"""Values that a trend holds."""


class Runs:
    """What is known of runs. A finished run is read once, and again only in a full round."""

    def __init__(self, api: Api, settings: MLflowSettings, now: Callable[[], datetime]) -> None:
        self._api = api
        self._settings = settings
        self._now = now
        self._experiments: Sequence[str] = ()
        self._gone: set[str] = set()
        self._histories: dict[tuple[str, Measurement], list[Measurement]] = {}
        self.known: dict[str, Run] = {}
        self.monitors: dict[str, Run] = {}

    @property
    def active(self) -> bool:
        """Whether a monitoring run is under way, and may log at any time."""
        return any(run.active for run in self.monitors.values())

    async def look(self, trained: Iterable[str], *, full: bool) -> None:
        """Read the runs *trained*, and look for monitoring runs."""
        self._experiments = await self._api.experiments()
        wanted = dict.fromkeys(run_id for run_id in trained if run_id)
        await asyncio.gather(self._read_trained(list(wanted), full), self._read_monitors(full))

    async def _read_trained(self, wanted: Sequence[str], full: bool) -> None:
        if full:
            self._gone.clear()
        asked = [run_id for run_id in wanted if full or self._is_due(run_id)]
        found = {run.id: run for run in await self._api.runs_of(asked, self._experiments)}
        self._gone.update(set(asked) - set(found))
        kept = {run_id: self.known[run_id] for run_id in wanted if run_id in self.known}
        for run_id in asked:
            kept.pop(run_id, None)
        self.known = kept | found

    def _is_due(self, run_id: str) -> bool:
        run = self.known.get(run_id)
        return run.active if run else run_id not in self._gone

    async def _read_monitors(self, full: bool) -> None:
        earliest = self._now() - timedelta(days=self._settings.monitoring_days)
        since = int(earliest.timestamp() * 1000)
        active = [run_id for run_id, run in self.monitors.items() if run.active]
        if not full:
            newest = (run.info.start_time for run in self.monitors.values())
            since = max(newest, default=since)
        found = await asyncio.gather(
            *(self._tagged(tag, since) for tag in self._settings.model_tags),
            self._api.runs_of(active if not full else [], self._experiments),
        )
        kept = {} if full else {key: run for key, run in self.monitors.items() if not run.active}
        self.monitors = kept | {run.id: run for runs in found for run in runs}

    async def _tagged(self, tag: str, since: int) -> list[Run]:
        # "at or after": two runs may start in the same millisecond.
        condition = f"tags.`{tag}` LIKE '%' and attributes.start_time >= {since}"
        return await self._api.search_runs(condition, self._experiments, MONITORS)

    async def runs_of(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return runs by id, as they are now; those that are gone are left out."""
        experiments = self._experiments or await self._api.experiments()
        return {run.id: run for run in await self._api.runs_of(run_ids, experiments)}

    async def read_histories(self, readings: Sequence[Reading]) -> bool:
        """Read the histories that *readings* lack. Return whether some are left to be read."""
        wanted = {_history_key(one): one for one in readings if _has_history(one)}
        self._histories = {key: one for key, one in self._histories.items() if key in wanted}
        missing = [one for key, one in wanted.items() if key not in self._histories]
        answers = await asyncio.gather(
            *(self._api.history(one.run.id, one.metric, TREND) for one in missing[:HISTORIES])
        )
        for reading, points in zip(missing, answers, strict=False):
            self._histories[_history_key(reading)] = points
        return len(missing) > HISTORIES

    def history(self, reading: Reading) -> list[Measurement]:
        """Return the earlier values that *reading* has within its run, as far as they are read."""
        return self._histories.get(_history_key(reading), [])


def _history_key(reading: Reading) -> tuple[str, Measurement]:
    return reading.run.id, reading.latest


def _has_history(reading: Reading) -> bool:
    # One value per run is the habit of monitoring jobs; a step, or a lone run, may mean more.
    return reading.latest.step > 0 or not reading.earlier
