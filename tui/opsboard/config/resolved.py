"""A source, ready to be connected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsboard.adapter import Adapter

if TYPE_CHECKING:
    from opsboard.adapter import SourceSettings


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A source's name, its adapter and its validated settings. *because* says who asked for it."""

    name: str
    adapter: type[Adapter[Any]]
    settings: "SourceSettings"
    because: str = "config file"
