"""The user's preferences for the screen, as far as the first frame needs them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from opsboard.frozen import Frozen, frozen_unchecked

if TYPE_CHECKING:
    from argparse import Namespace
    from types import SimpleNamespace


class UiPrefs(Protocol):
    """The fields of :class:`opsboard.config.settings.UiSettings`, without importing it."""

    @property
    def theme(self) -> str: ...

    @property
    def ascii(self) -> bool | None: ...

    @property
    def mouse(self) -> bool: ...

    @property
    def keys(self) -> Mapping[str, Sequence[str]]: ...


@frozen_unchecked
class UiPrefsValues(Frozen):
    """The same as plain values, without pydantic."""

    theme: str
    ascii: bool | None
    mouse: bool
    keys: Mapping[str, Sequence[str]]


def ui_prefs_of(prefs: UiPrefs, options: "Namespace | SimpleNamespace") -> UiPrefs:
    """Return *prefs* of the config with what the command line says otherwise."""
    return UiPrefsValues(
        theme=options.theme or prefs.theme,
        ascii=prefs.ascii if options.ascii is None else options.ascii,
        mouse=prefs.mouse and not options.no_mouse,
        keys=prefs.keys,
    )
