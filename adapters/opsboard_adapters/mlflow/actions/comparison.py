"""What differs between two versions: metrics side by side, parameters, dataset, tags."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from opsboard.adapter import Difference
from opsboard.masking import sounds_secret
from opsboard.records import Drift
from opsboard.text.natural_order import natural_key
from opsboard.text.numbers import format_metric
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.actions.version_text import is_own
from opsboard_adapters.mlflow.metric_direction import effect
from opsboard_adapters.mlflow.structs import MLflowVersion

SHOWN: Final = 50
"""Differences of a group that are told."""
HIDDEN: Final = "(changed, not shown)"


def differences(
    before: MLflowVersion | None, after: MLflowVersion, standing: ModelSnapshot
) -> list[Difference]:
    """Return all that differs; all metrics are told, those that are equal too."""
    return [
        *_side_by_side("metrics", _metrics(before, standing), _metrics(after, standing)),
        *_side_by_side("drift", _drift(before, standing), _drift(after, standing)),
        *_changed("params", _params(before, standing), _params(after, standing)),
        *_changed("dataset", _dataset(before, standing), _dataset(after, standing)),
        *_changed("code", _commit(before, standing), _commit(after, standing)),
        *_changed("tags", _tags(before), _tags(after)),
    ]


def _side_by_side(
    group: str, before: Mapping[str, float], after: Mapping[str, float]
) -> Iterator[Difference]:
    names = list(dict.fromkeys([*after, *before]))
    for name in names[:SHOWN]:
        old, new = before.get(name), after.get(name)
        written = _figures(old, new)
        yield Difference(
            group=group,
            name=name,
            before=None if old is None else written[0],
            after=None if new is None else written[1],
            effect=effect(name, old, new),
        )
    if len(names) > SHOWN:
        yield _others(group, names[SHOWN:], "more")


def _figures(*values: float | None) -> tuple[str, ...]:
    """Return *values* as they are written everywhere, or in full where that hides a difference."""
    written = tuple("" if one is None else format_metric(one) for one in values)
    hidden = len(set(written)) < len({str(one) for one in values})
    return tuple("" if one is None else str(one) for one in values) if hidden else written


def _others(group: str, names: Sequence[str], what: str) -> Difference:
    return Difference(group=group, name="others", after=f"{len(names)} {what}: {', '.join(names)}")


def _changed(
    group: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Difference]:
    names = [
        name
        for name in sorted({*before, *after}, key=natural_key)
        if before.get(name) != after.get(name)
    ]
    for name in names[:SHOWN]:
        yield _difference(group, name, before.get(name), after.get(name))
    if len(names) > SHOWN:
        yield _others(group, names[SHOWN:], "more differ")


def _difference(group: str, name: str, before: str | None, after: str | None) -> Difference:
    if sounds_secret(name):
        return Difference(group=group, name=name, after=HIDDEN)
    return Difference(group=group, name=name, before=before, after=after)


def _metrics(version: MLflowVersion | None, standing: ModelSnapshot) -> Mapping[str, float]:
    measured = standing.translator.telling(standing.origin(version))
    return {one.key: one.value for one in measured}


def _drift(version: MLflowVersion | None, standing: ModelSnapshot) -> Mapping[str, float]:
    measured = standing.drifts.get(version.version, ()) if version else ()
    return {one.metric: one.value for one in sorted(measured, key=_by_metric)}


def _by_metric(drift: Drift) -> str:
    return natural_key(drift.metric)


def _params(version: MLflowVersion | None, standing: ModelSnapshot) -> Mapping[str, str]:
    return standing.origin(version).params


def _dataset(version: MLflowVersion | None, standing: ModelSnapshot) -> Mapping[str, str]:
    found = standing.origin(version).dataset
    return {"trained on": found} if found else {}


def _commit(version: MLflowVersion | None, standing: ModelSnapshot) -> Mapping[str, str]:
    found = standing.origin(version).commit(version) if version else ""
    return {"commit": found} if found else {}


def _tags(version: MLflowVersion | None) -> Mapping[str, str]:
    return {key: value for key, value in version.tags.items() if is_own(key)} if version else {}
