"""A source with its adapter and validated settings, ready to be connected."""

from typing import TYPE_CHECKING, Any

from opsboard.frozen import Frozen, frozen_unchecked

if TYPE_CHECKING:
    from opsboard.adapter import Adapter, SourceSettings


@frozen_unchecked
class ResolvedSource(Frozen):
    """A source's name, its adapter and its validated settings.

    *found_by* says where it is from: the config file, or what was discovered. *read_only_by* is
    what makes it read-only: a flag, or a key of the config with its line.
    """

    name: str
    adapter: "type[Adapter[Any]]"
    settings: "SourceSettings"
    found_by: str = "config file"
    read_only_by: str = ""
