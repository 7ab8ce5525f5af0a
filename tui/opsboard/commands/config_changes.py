"""What counts at once of a config that has changed, and what only after a restart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from opsboard.config.resolved_source import ResolvedSource
    from opsboard.config.settings import Settings

_RULES: Final = ("read_only", "protected", "policy", "change_windows")
"""What says what is allowed: of the config of the start and the newest, the stricter counts."""
_LATER: Final = ("environments", "audit", "history")
"""What counts after a restart only: where something is, and what is kept of it."""


class Sorted(NamedTuple):
    """The keys of the config that have changed, by when that counts."""

    at_once: tuple[str, ...]
    stricter_only: tuple[str, ...]
    after_restart: tuple[str, ...]


def sorted_changes(before: "Settings", now: "Settings") -> Sorted:
    """Return the top-level keys that differ between *before* and *now*."""
    names = [one for one in type(now).model_fields if getattr(before, one) != getattr(now, one)]
    later = [name for name in names if name in _LATER]
    if before.ui.mouse != now.ui.mouse:
        later.append("ui.mouse")
    return Sorted(
        tuple(name for name in names if name not in {*_RULES, *_LATER}),
        tuple(name for name in names if name in _RULES),
        tuple(later),
    )


def held_back(
    sources: "Sequence[ResolvedSource]", known: "Callable[[str], ResolvedSource | None]"
) -> "tuple[Sequence[ResolvedSource], Sequence[str]]":
    """Return *sources* without what would allow more at once, and what that is.

    A source that could be read only stays so. One that is in another environment now stays all as
    it is: at another address, it would be taken for what it was. *known* returns a source as it is
    connected now, or as it was last: one that was away for a while is no other for that.
    """
    kept: list[ResolvedSource] = []
    held: list[str] = []
    for source in sources:
        present, taken, by = known(source.name), source, source.read_only_by
        if present is not None and present.settings.environment != source.settings.environment:
            taken = present
            held.append(f"environment of {source.name}, which stays as it was")
        if present is not None and present.settings.read_only and not source.settings.read_only:
            by = present.read_only_by
            held.append(f"read_only of {source.name}")
        only_read = source.settings.read_only or (
            present is not None and present.settings.read_only
        )
        settings = taken.settings
        if settings.read_only is not only_read:
            settings = settings.model_copy(update={"read_only": only_read})
        kept.append(replace(taken, settings=settings, read_only_by=by))
    return kept, held
