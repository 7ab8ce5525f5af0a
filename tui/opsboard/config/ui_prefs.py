"""The user's preferences for the screen, as far as the first frame needs them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from opsboard.frozen import Frozen, frozen_unchecked


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
