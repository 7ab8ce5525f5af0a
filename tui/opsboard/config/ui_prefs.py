"""How the board is to look and which keys it knows, as far as the first frame asks."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from opsboard.frozen import Frozen, frozen_unchecked


class UiPrefs(Protocol):
    """What :class:`opsboard.config.settings.UiSettings` tells, for who need not import it."""

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
    """The same as plain values."""

    theme: str
    ascii: bool | None
    mouse: bool
    keys: Mapping[str, Sequence[str]]
