"""Which pages are made, and of what."""

from collections.abc import Callable, Mapping
from typing import Final

from docs import config, filters, keys

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "keys.md": keys.page,
    "filter.md": filters.page,
    "config.md": config.page,
}
