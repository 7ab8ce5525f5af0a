"""The runs and logged models that versions were trained by, read once and kept."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Final, TypeVar

from opsboard.adapter import NotFound, SourceError
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.lineage import VersionOrigins
from opsboard_adapters.mlflow.logged_models import LoggedModel
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion
from opsboard_adapters.mlflow.tracking_calls import RunsFound

T = TypeVar("T")

MAX_EARLIER: Final = 2_000
"""Versions of which it is remembered what they were trained from, once that has been read."""


@dataclass(frozen=True, slots=True)
class TrainingRunsFound:
    """The errors of a reading, and whether any request was *answered*."""

    faults: Sequence[SourceError] = ()
    answered: bool = False


class TrainingRuns:
    """The origins of versions, as far as they have been read.

    What is finished is read once, and again only where all is asked for. What could not be read
    is as it was known before, and due again.
    """

    def __init__(self, api: MLflowApi, skips: SkippedRecords, registry: RegistryState) -> None:
        self._api = api
        self._registry = registry
        self._skips = skips
        self._runs: dict[str, MLflowRun] = {}
        self._logged: dict[str, LoggedModel] = {}
        self._gone: set[str] = set()
        self._unread: set[str] = set()
        self.changes = 0
        """A counter that grows with every change."""
        self.origins = VersionOrigins()

    def copy(self, skips: SkippedRecords) -> "TrainingRuns":
        """Return another one that knows the same, and notes unreadable records in *skips*."""
        found = TrainingRuns(self._api, skips, self._registry)
        found._runs, found._logged = {**self._runs}, {**self._logged}
        found._gone, found.origins = {*self._gone}, self.origins
        return found

    @property
    def unread(self) -> int:
        """How many runs and logged models could not be read the last time."""
        return len(self._unread)

    def is_due(self, version: MLflowVersion, *, full: bool = False) -> bool:
        """Return whether anything of *version* has to be read."""
        return any(full or self._lacks(one) for one in self._ids(version))

    def is_looked_at(self, version: MLflowVersion) -> bool:
        """Return whether *version* has been looked up, even if nothing was found."""
        return all(self._is_known(one) for one in self._ids(version))

    def is_expected(self, version: MLflowVersion) -> bool:
        """Return whether *version* has not been looked at, and nothing stands in the way."""
        return any(
            not self._is_known(one) and one not in self._unread for one in self._ids(version)
        )

    def _ids(self, version: MLflowVersion) -> list[str]:
        ids = [self.origins.run_id(version), version.logged_model]
        return [one for one in ids if one]

    def _is_known(self, identity: str) -> bool:
        return identity in self._runs or identity in self._logged or identity in self._gone

    def _lacks(self, identity: str) -> bool:
        """Return whether it is not known, or may have changed: a run that is under way."""
        if identity in self._unread or not self._is_known(identity):
            return True
        run = self._runs.get(identity) or self._run_of(identity)
        return run is not None and run.active

    def _run_of(self, model_id: str) -> MLflowRun | None:
        logged = self._logged.get(model_id)
        return self._runs.get(logged.info.source_run_id) if logged else None

    async def read(
        self, versions: Sequence[MLflowVersion], experiments: Sequence[str], *, full: bool
    ) -> TrainingRunsFound:
        """Read what is due of *versions*."""
        due = [
            one
            for one in dict.fromkeys(i for v in versions for i in self._ids(v))
            if full or self._lacks(one)
        ]
        models = dict.fromkeys(one.logged_model for one in versions if one.logged_model)
        runs, logged = await asyncio.gather(
            self._read_runs([one for one in due if one not in models], experiments),
            self._read_logged([one for one in due if one in models], experiments),
        )
        # A version may name its run by its logged model alone.
        later = dict.fromkeys(self.origins.run_id(one) for one in versions if not one.run_id)
        more = await self._read_runs(
            [one for one in later if one and self._lacks(one)], experiments
        )
        return TrainingRunsFound(
            [*runs.faults, *logged.faults, *more.faults],
            answered=runs.answered or logged.answered or more.answered,
        )

    async def _read_runs(self, asked: Sequence[str], experiments: Sequence[str]) -> RunsFound:
        if not asked:
            return RunsFound()
        answer = await self._api.runs_of(asked, experiments, self._skips)
        self._note(asked, {run.id: run for run in answer.runs}, answer.unread, self._runs)
        return answer

    async def _read_logged(
        self, asked: Sequence[str], experiments: Sequence[str]
    ) -> TrainingRunsFound:
        if not asked:
            return TrainingRunsFound()
        found = await self._api.logged_models(asked, experiments, self._skips)
        faults = {key: one for key, one in found.items() if isinstance(one, SourceError)}
        unread = {key for key, one in faults.items() if not isinstance(one, NotFound)}
        came = {key: one for key, one in found.items() if isinstance(one, LoggedModel)}
        self._note(asked, came, unread, self._logged)
        found_faults = dict.fromkeys(faults[key] for key in sorted(unread))
        return TrainingRunsFound(list(found_faults), answered=len(unread) < len(found))

    def _note(
        self,
        asked: Iterable[str],
        found: dict[str, T],
        unread: Iterable[str],
        known: dict[str, T],
    ) -> None:
        """Take in what came of *asked*; what neither came nor is *unread* is gone."""
        self.changes += 1
        known |= found
        self._unread.difference_update(asked)
        self._unread.update(unread)
        missing = set(asked) - found.keys() - self._unread
        for one in missing:
            known.pop(one, None)
        self._gone.difference_update(found)
        self._gone |= missing
        self.origins = self._origins()

    def _origins(self) -> VersionOrigins:
        return VersionOrigins(self._runs, self._logged, self._gone, self._registry.logged_by_run)

    def mark_unread(self, versions: Iterable[MLflowVersion]) -> None:
        """Note that *versions* were not asked for: nobody would have answered."""
        self.changes += 1
        self._unread.update(
            one for version in versions for one in self._ids(version) if self._lacks(one)
        )

    def retain(
        self, versions: Iterable[MLflowVersion], earlier: Iterable[MLflowVersion] = ()
    ) -> None:
        """Forget all but what *versions* need, and what is known of the newest *earlier* ones.

        What a version was trained from does not change because others were trained since.
        """
        needed = {one for version in versions for one in self._ids(version)}
        newest = nlargest(MAX_EARLIER, earlier, key=lambda one: one.creation_timestamp)
        needed.update(one for version in newest for one in self._ids(version))
        self._runs = {key: run for key, run in self._runs.items() if key in needed}
        self._logged = {key: one for key, one in self._logged.items() if key in needed}
        self._gone &= needed
        self._unread &= needed
        self.changes += 1
        self.origins = self._origins()
