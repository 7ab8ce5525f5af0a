"""Generate the reference pages from the program: ``python -m docs [FOLDER]``."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from docs import config, filters, keys, man_page, permissions, records

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "keys.md": keys.page,
    "filter.md": filters.page,
    "config.md": config.page,
    "records.md": records.page,
    "permissions.md": permissions.page,
    "opsboard.1": man_page.page,
}
"""File name → the function that returns its text."""


def main() -> None:
    """Write every page into the folder that is named, or beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main()
