"""What differs between two versions: metrics side by side, parameters, dataset, tags, ..."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from opsboard.adapter import Difference, Fact
from opsboard.adapter.actions.findings import facts
from opsboard.masking import sounds_secret
from opsboard.records import Drift
from opsboard.text.numbers import format_metric, natural_key
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage, versions_text
from opsboard_adapters.mlflow.actions.candidates import served_before
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.metric_direction import Side, effect
from opsboard_adapters.mlflow.sections import iso
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion, moment

SHOWN: Final = 50
"""Differences of a group that are listed; of more, the names."""
HIDDEN: Final = "(changed, not shown)"


def differences(
    before: MLflowVersion | None, after: MLflowVersion, snapshot: ModelSnapshot
) -> list[Difference]:
    """Return all that differs; metrics are listed even where they are equal."""
    side_of = snapshot.translator.judgement.side
    return [
        *_side_by_side("metrics", _metrics(before, snapshot), _metrics(after, snapshot), side_of),
        *_side_by_side("drift", _drift(before, snapshot), _drift(after, snapshot), side_of),
        *_changed("params", _params(before, snapshot), _params(after, snapshot)),
        *_changed("dataset", _dataset(before, snapshot), _dataset(after, snapshot)),
        *_changed("code", _commit(before, snapshot), _commit(after, snapshot)),
        *_changed("tags", _tags(before), _tags(after)),
    ]


def _side_by_side(
    group: str,
    before: Mapping[str, float],
    after: Mapping[str, float],
    side_of: Callable[[str], Side],
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
            effect=effect(side_of(name), old, new),
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


def _metrics(version: MLflowVersion | None, snapshot: ModelSnapshot) -> Mapping[str, float]:
    measured = snapshot.translator.shown_metrics(snapshot.origin(version))
    return {one.key: one.value for one in measured}


def _drift(version: MLflowVersion | None, snapshot: ModelSnapshot) -> Mapping[str, float]:
    measured = snapshot.drifts.get(version.version, ()) if version else ()
    return {one.metric: one.value for one in sorted(measured, key=_by_metric)}


def _by_metric(drift: Drift) -> str:
    return natural_key(drift.metric)


def _params(version: MLflowVersion | None, snapshot: ModelSnapshot) -> Mapping[str, str]:
    return snapshot.origin(version).params


def _dataset(version: MLflowVersion | None, snapshot: ModelSnapshot) -> Mapping[str, str]:
    found = snapshot.origin(version).dataset
    return {"trained on": found} if found else {}


def _commit(version: MLflowVersion | None, snapshot: ModelSnapshot) -> Mapping[str, str]:
    found = snapshot.origin(version).commit(version) if version else ""
    return {"commit": found} if found else {}


def _tags(version: MLflowVersion | None) -> Mapping[str, str]:
    return (
        {key: value for key, value in version.tags.items() if is_users_tag(key)} if version else {}
    )


# --- what moves, and what it moves to -------------------------------------------------------------


def moves(alias: AliasOrStage, before: tuple[str, ...], target: MLflowVersion) -> list[Difference]:
    if not alias.is_stage:
        before_text = versions_text(before) if before else None
        after = versions_text((target.version,))
        return [Difference(group="alias", name=alias.name, before=before_text, after=after)]
    archived = [number for number in before if number != target.version]
    entered = [] if target.version in before else [(target.version, target.stage, alias.name)]
    moved = [*entered, *((number, alias.name, "Archived") for number in archived)]
    return [
        Difference(group="stage", name=f"version {number}", before=old or None, after=new)
        for number, old, new in moved
    ]


def facts_of(
    alias: AliasOrStage, target: MLflowVersion, snapshot: ModelSnapshot
) -> tuple[Fact, ...]:
    origin = snapshot.origin(target)
    tags = [f"{key}={value}" for key, value in sorted(target.tags.items()) if is_users_tag(key)]
    served = target.version in served_before(alias, snapshot)
    return facts(
        ("Version", target.version),
        ("Created", iso(moment(target.creation_timestamp))),
        ("By", origin.author(target)),
        ("Commit", origin.commit(target)),
        ("Run", _run(target, origin.run)),
        ("Dataset", origin.dataset),
        ("Served", "before, as far as is known" if served else ""),
        ("Tags", ", ".join(tags)),
        ("Logged model", target.logged_model),
        ("Artifacts", target.source),
    )


def _run(target: MLflowVersion, run: MLflowRun | None) -> str:
    if not target.run_id:
        return "none"
    if run is None:
        return f"{target.run_id} (purged, or not visible)"
    deleted = ", deleted" if run.deleted else ""
    return f"{run.info.run_name or run.id} ({run.info.status.lower()}{deleted})"


def is_users_tag(tag: str) -> bool:
    """Return whether a tag was given by people, and not by MLflow or from here."""
    return not tag.startswith(("mlflow.", "opsboard."))
