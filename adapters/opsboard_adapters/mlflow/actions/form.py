"""The form: which alias, and to which version."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from opsboard.adapter import Form, Input, Option, Unsupported
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage, movable_aliases, versions_at
from opsboard_adapters.mlflow.actions.candidates import default_target, served_before
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.actions.version_text import note, versions


def chosen(
    standing: ModelSnapshot, leading: Sequence[str], values: Mapping[str, str]
) -> tuple[list[AliasOrStage], AliasOrStage]:
    """Return what can be moved, and which of it *values* choose. Raises :exc:`Unsupported`."""
    pointers = movable_aliases(standing.name, standing.registry, leading)
    if not pointers:
        raise Unsupported(
            f"{standing.name} has no alias and no stage that says what serves",
            "give leading_aliases in config, or set an alias",
        )
    wanted = values.get("alias", pointers[0].word)
    return pointers, next((one for one in pointers if one.word == wanted), pointers[0])


def make_form(
    standing: ModelSnapshot,
    leading: Sequence[str],
    values: Mapping[str, str],
    now: datetime,
    *,
    fixed: str = "",
) -> Form:
    """Return the form for a model, or for the version of it that is *fixed*."""
    pointers, pointer = chosen(standing, leading, values)
    alias = _alias_input(pointers, standing)
    return Form(inputs=(alias,) if fixed else (alias, _version_input(pointer, standing, now)))


def _alias_input(pointers: Sequence[AliasOrStage], standing: ModelSnapshot) -> Input:
    return Input(
        name="alias",
        label="Alias",
        help="What is moved. The first of the leading aliases says which version serves.",
        type="choice",
        default=pointers[0].word,
        required=True,
        options=tuple(
            Option(
                value=one.word,
                label=one.title if one.is_stage else one.name,
                note=f"points to {versions(versions_at(one, standing.name, standing.registry))}",
            )
            for one in pointers
        ),
    )


def _version_input(pointer: AliasOrStage, standing: ModelSnapshot, now: datetime) -> Input:
    served = served_before(pointer, standing)
    current = versions_at(pointer, standing.name, standing.registry)
    return Input(
        name="to",
        label="Version",
        help="The version that it will point to.",
        type="choice",
        default=default_target(pointer, standing),
        required=True,
        options=tuple(
            Option(
                value=one.version,
                label=f"version {one.version}" + (" (now)" if one.version in current else ""),
                note=note(one, standing, now, served=one.version in served),
            )
            for one in standing.versions
        ),
    )
