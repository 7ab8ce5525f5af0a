"""What MLflow remembers of earlier times: when versions were registered, and what drift measured.

No more than that: an alias has no past in MLflow, nor has a stage, a tag or a description. A
version is told as it was registered, without aliases, and the rule says that those are not known;
of a model, of which nothing else changes that matters, nothing is told. Drift that was measured of
an alias, or of what serves, may have been that of another version, and is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from opsboard.adapter import Change, Past, PastRecord
from opsboard.records import Drift, ModelVersion, Status
from opsboard.records.claims import MODEL_ALIAS, Strength
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.structs import MLflowMetric, moment

REGISTERED: Final = "MLflow: registered then; its aliases and stage then are not known"
MEASURED: Final = "MLflow metric history; judged by the threshold of now"
_NAMED: Final = frozenset({Strength.SHA, Strength.LABEL})
"""How well a version must be known for what was measured earlier to be of that version."""


class PastRecords:
    """What of the past of one source has been told: each thing once to a consumer."""

    def __init__(self) -> None:
        self._told: set[object] = set()

    def restart(self) -> None:
        """Tell everything again, to a new consumer."""
        self._told.clear()

    def versions(self, scope: str, records: Iterable[ModelVersion]) -> list[Change]:
        """Return the past of the versions that have not been told as they are known now."""
        return self._past(
            scope,
            (
                PastRecord(then.ref, then.created_at, then, REGISTERED, then.author)
                for then in map(registered, records)
                if then.created_at is not None
            ),
        )

    def drift(
        self,
        scope: str,
        make: Callable[[DriftReading, Sequence[MLflowMetric]], Drift],
        measured: Iterable[tuple[DriftReading, Sequence[MLflowMetric]]],
    ) -> list[Change]:
        """Return the turns of *measured*, readings with their history, that are not told yet.

        *make* makes a record of a reading.
        """
        turns = (one for reading, points in measured for one in turns_of(reading, points, make))
        return self._past(scope, turns)

    def _past(self, scope: str, records: Iterable[PastRecord]) -> list[Change]:
        new = []
        for past in records:
            key = past.ref, past.at, past.record.inputs if past.record else ()
            if key not in self._told:
                self._told.add(key)
                new.append(past)
        return [Past(scope, new)] if new else []


def registered(record: ModelVersion) -> ModelVersion:
    """Return *record* as it was when the version was registered, as far as that is known."""
    at = record.created_at
    return replace(
        record,
        aliases=(),
        stage="",
        environment="",
        updated_at=at,
        metrics=tuple(one for one in record.metrics if one.at and at and one.at <= at),
        more_metrics=0,
        outputs=tuple(claim for claim in record.outputs if claim.type != MODEL_ALIAS),
    )


def turns_of(
    reading: DriftReading,
    history: Iterable[MLflowMetric],
    make: Callable[[DriftReading, Sequence[MLflowMetric]], Drift],
) -> Iterator[PastRecord]:
    """Yield the earlier values of *reading* at which its status changed, the first one included.

    They are the ends of the runs before, and the *history* within the latest run, as far as it was
    read: of a long one, values are left out between those that are told.
    """
    within = frozenset(history)
    points = sorted(within.union(reading.earlier), key=lambda one: (one.timestamp, one.step))
    before: Status | None = None
    for point in points:
        at = moment(point.timestamp)
        if at is None or point.timestamp >= reading.latest.timestamp:
            continue
        then = make(replace(reading, latest=point, earlier=()), ())
        if any(claim.strength not in _NAMED for claim in then.inputs):
            continue
        if point not in within:
            then = replace(then, run="", url=None, created_at=None)
        if then.status is not before:
            yield PastRecord(then.ref, at, then, MEASURED)
        before = then.status
