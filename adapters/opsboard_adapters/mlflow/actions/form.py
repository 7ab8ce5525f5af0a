"""The form: which alias, and to which version."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from opsboard.adapter import Form, Input, Option, Unsupported
from opsboard.text.numbers import format_metric
from opsboard_adapters.mlflow.actions.aliases import (
    AliasOrStage,
    movable_aliases,
    versions_at,
    versions_text,
)
from opsboard_adapters.mlflow.actions.candidates import default_target, served_before
from opsboard_adapters.mlflow.actions.comparison import is_users_tag
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.structs import MLflowVersion, moment
from opsboard_adapters.times import format_ago

METRICS: Final = 3
"""Metrics in the note of a version."""
DefaultVersion: TypeAlias = Callable[[AliasOrStage, ModelSnapshot], str]
COMMIT: Final = 7
"""Digits of a commit that are shown."""


def chosen_alias(
    snapshot: ModelSnapshot, leading: Sequence[str], values: Mapping[str, str]
) -> AliasOrStage:
    """Return what *values* choose to be moved. Raises :exc:`Unsupported` where nothing can be."""
    aliases = _movable(snapshot, leading)
    wanted = values.get("alias", aliases[0].word)
    return next((one for one in aliases if one.word == wanted), aliases[0])


def _movable(snapshot: ModelSnapshot, leading: Sequence[str]) -> list[AliasOrStage]:
    aliases = movable_aliases(snapshot.name, snapshot.registry, leading)
    if not aliases:
        raise Unsupported(
            f"{snapshot.name} has no alias and no stage that says what serves",
            "give leading_aliases in config, or set an alias",
        )
    return aliases


def make_form(
    snapshot: ModelSnapshot,
    leading: Sequence[str],
    values: Mapping[str, str],
    now: datetime,
    *,
    default_version: DefaultVersion = default_target,
    fixed: str = "",
) -> Form:
    """Return the form for a model, or for the version of it that is *fixed*.

    *default_version* says which version is offered first.
    """
    which = _alias_input(_movable(snapshot, leading), snapshot)
    if fixed:
        return Form(inputs=(which,))
    alias = chosen_alias(snapshot, leading, values)
    default = default_version(alias, snapshot)
    return Form(inputs=(which, _version_input(alias, snapshot, now, default)))


def _alias_input(aliases: Sequence[AliasOrStage], snapshot: ModelSnapshot) -> Input:
    return Input(
        name="alias",
        label="Alias",
        help="What is moved. The first of the leading aliases says which version serves.",
        type="choice",
        default=aliases[0].word,
        required=True,
        options=tuple(
            Option(
                value=one.word,
                label=one.title if one.is_stage else one.name,
                note=_points_to(one, snapshot),
            )
            for one in aliases
        ),
    )


def _points_to(alias: AliasOrStage, snapshot: ModelSnapshot) -> str:
    return f"points to {versions_text(versions_at(alias, snapshot.name, snapshot.registry))}"


def _version_input(
    alias: AliasOrStage, snapshot: ModelSnapshot, now: datetime, default: str
) -> Input:
    served = served_before(alias, snapshot)
    current = versions_at(alias, snapshot.name, snapshot.registry)
    return Input(
        name="to",
        label="Version",
        help="The version that it will point to.",
        type="choice",
        default=default,
        required=True,
        options=tuple(
            Option(
                value=one.version,
                label=f"version {one.version}" + (" (now)" if one.version in current else ""),
                note=_note(one, snapshot, now, served=one.version in served),
            )
            for one in snapshot.versions
        ),
    )


# --- versions in few words -----------------------------------------------------------------------


def _note(version: MLflowVersion, snapshot: ModelSnapshot, now: datetime, *, served: bool) -> str:
    """Return a note of *version*: its age, metrics, author, commit, tags, drift, status."""
    origin = snapshot.origin(version)
    metrics = snapshot.translator.metrics(origin)[:METRICS]
    drifted = snapshot.drifted(version)
    parts = [
        format_ago(moment(version.creation_timestamp), now),
        ", ".join(f"{one.name} {format_metric(one.value)}" for one in metrics),
        origin.author(version),
        origin.commit(version)[:COMMIT],
        _tags(version),
        "served before" if served else "",
        f"drifted: {drifted.metric} {format_metric(drifted.value)}" if drifted else "",
        "" if version.status == "READY" else version.status.lower().replace("_", " "),
    ]
    return " · ".join(part for part in parts if part)


def _tags(version: MLflowVersion) -> str:
    own = [(key, value) for key, value in sorted(version.tags.items()) if is_users_tag(key)]
    return ", ".join(f"{key}={value}" if value else key for key, value in own[:METRICS])
