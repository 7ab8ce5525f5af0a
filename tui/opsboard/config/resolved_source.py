"""A source, ready to be connected."""

from typing import TYPE_CHECKING, Any

from opsboard.adapter import Adapter
from opsboard.frozen import Frozen, frozen_unchecked

if TYPE_CHECKING:
    from opsboard.adapter import SourceSettings


@frozen_unchecked
class ResolvedSource(Frozen):
    """A source's name, its adapter and its validated settings. *because* says who asked for it.

    *read_only_by* is what makes it read-only: a flag, or a key of the config and where that stands.
    """

    name: str
    adapter: type[Adapter[Any]]
    settings: "SourceSettings"
    found_by: str = "config file"
    read_only_by: str = ""
