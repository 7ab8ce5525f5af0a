"""Whether a board that has seen faults shows the same as one that has seen none."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from opsboard.records import Alert, Kind, Ref
from tests.fault_injection.walked_board import WalkedBoard

EXAMPLES: Final = 12


def differences(board: WalkedBoard, reference: WalkedBoard) -> list[str]:
    """Return how *board* differs from *reference*: no difference is no line.

    Records are compared by all of their fields; alerts, which tell when they were first seen, by
    what they are about. What acts have been, only the board knows that acted.
    """
    ours = board.records(Kind.ALERT, Kind.ACTIVITY)
    theirs = reference.records(Kind.ALERT, Kind.ACTIVITY)
    found = [f"ghost: {ref}" for ref in ours.keys() - theirs.keys()]
    found += [f"missing: {ref}" for ref in theirs.keys() - ours.keys()]
    for ref in ours.keys() & theirs.keys():
        found += _fields(ref, ours[ref], theirs[ref])
    alerts, expected = _alerts(board), _alerts(reference)
    found += [f"alert: {alert}" for alert in sorted(alerts ^ expected)]
    return found[:EXAMPLES] + ([f"... {len(found)} in all"] if len(found) > EXAMPLES else [])


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
