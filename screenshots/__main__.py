"""Make the screenshots again: ``python -m screenshots [FOLDER]``."""

import asyncio
import sys
from pathlib import Path

from screenshots.studio import shoot_all


def main() -> None:
    """Write every scene as SVG into the folder that is named, or beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    for path in asyncio.run(shoot_all(folder)):
        sys.stdout.write(f"{path}\n")


main()
