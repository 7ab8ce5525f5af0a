"""How the board is to look and which keys it knows, as far as the first frame asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Taste(Protocol):
    """What :class:`opsboard.config.settings.UiSettings` tells, for who need not import it."""

    @property
    def theme(self) -> str: ...

    @property
    def ascii(self) -> bool | None: ...

    @property
    def mouse(self) -> bool: ...

    @property
    def keys(self) -> Mapping[str, Sequence[str]]: ...


@dataclass(frozen=True, slots=True)
class OwnTaste:
    """The same as plain values."""

    theme: str
    ascii: bool | None
    mouse: bool
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
