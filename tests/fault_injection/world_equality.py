"""Whether a board that has seen faults shows the same as one that has seen none."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from opsboard.records import Alert, Kind, ModelVersion, Pod, Record, Ref, Service
from opsboard_adapters.mlflow.settings import MLflowSettings
from tests.fault_injection.walked_board import WalkedBoard

EXAMPLES: Final = 12
ASKED_SELDOM: Final = (Kind.ARTIFACT,)
"""Kinds that are asked for again after hours, whatever happens: two boards do so at other times."""


NEWEST: Final = MLflowSettings.model_fields["versions_with_metrics"].default
LOOKED_UP: Final = frozenset(
    {Kind.COMMIT, Kind.COMMIT_COMPARISON, Kind.PULL_REQUEST, Kind.REPOSITORY}
)
"""Kinds that are asked about because something has had them in use: which ones is a board's own
past. What both tell has to be the same.
"""


def differences(board: WalkedBoard, reference: WalkedBoard) -> list[str]:
    """Return how *board* differs from *reference*: no difference is no line.

    Records are compared by all of their fields; alerts, which tell when they were first seen, by
    what they are about. What acts have been, only the board knows that acted.
    """
    ours = board.records(Kind.ALERT, Kind.ACTIVITY, *ASKED_SELDOM)
    theirs = reference.records(Kind.ALERT, Kind.ACTIVITY, *ASKED_SELDOM)
    found = [f"ghost: {ref}" for ref in ours.keys() - theirs.keys() if ref.kind not in LOOKED_UP]
    found += [f"missing: {ref}" for ref in theirs.keys() - ours.keys() if ref.kind not in LOOKED_UP]
    for ref in ours.keys() & theirs.keys() - _earlier_versions(theirs):
        found += _fields(ref, _comparable(ours[ref]), _comparable(theirs[ref]))
    alerts, expected = _alerts(board), _alerts(reference)
    found += [f"alert: {alert}" for alert in sorted(alerts ^ expected)]
    return found[:EXAMPLES] + ([f"... {len(found)} in all"] if len(found) > EXAMPLES else [])


def _earlier_versions(records: Mapping[Ref, Record]) -> set[Ref]:
    """Return the versions of models whose runs nobody has to read: what was read once is kept."""
    by_model: dict[str, list[ModelVersion]] = {}
    for record in records.values():
        if isinstance(record, ModelVersion):
            by_model.setdefault(record.model, []).append(record)
    return {
        one.ref
        for versions in by_model.values()
        for one in sorted(versions, key=lambda it: -int(it.version))[NEWEST:]
        if not one.aliases
    }


def _comparable(record: Record) -> Record:
    """Return *record* without what each board has at a time of its own.

    That is what follows from :data:`LOOKED_UP` records (commits that wait), and what a pod uses,
    which is measured now and then.
    """
    if isinstance(record, Pod):
        return replace(record, cpu=None, memory=None)
    if not isinstance(record, Service):
        return record
    states = tuple(replace(one, waiting=-1) for one in record.environments)
    return replace(record, waiting=-1, environments=states)


def _fields(ref: Ref, ours: Any, theirs: Any) -> Iterator[str]:
    if ours == theirs:
        return
    for field in fields(ours):
        one, other = getattr(ours, field.name), getattr(theirs, field.name)
        if one != other and repr(one) != repr(other):  # NaN is not equal to itself
            yield f"{ref}.{field.name}: {one!r:.150}, and not {other!r:.150}"


def _alerts(board: WalkedBoard) -> set[str]:
    """Return what there are alerts about; those about sources and acts are a board's own."""
    return {
        alert.id
        for alert in board.board.records(Kind.ALERT).values()
        if isinstance(alert, Alert) and not alert.id.startswith(("source:", "activity:"))
    }


def inconsistencies(board: WalkedBoard) -> list[str]:
    """Return where the board contradicts itself, whatever the world is like."""
    found = []
    counted: dict[str, int] = {}
    for ref in board.records(Kind.ALERT, Kind.ACTIVITY):
        counted[ref.source] = counted.get(ref.source, 0) + 1
    for source in board.board.sources():
        held = sum(scope.records for scope in source.scopes.values())
        if held != counted.get(source.name, 0):
            found.append(f"{source.name}: {held} in its scopes, {counted.get(source.name)} shown")
    return found
