"""Write the reference pages anew: ``python -m docs [FOLDER]``."""

import sys
from pathlib import Path

from docs.pages import PAGES


def main() -> None:
    """Write every page into the folder that is named, or beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


main()
