"""``opsboard demo`` for who looks at it: its world stands still at the present.

On a slow machine, what is looked for would be mended by somebody else meanwhile.
"""

import sys
from datetime import UTC, datetime


def standing_demo() -> list[str]:
    """Return the command that shows it."""
    return [sys.executable, "-m", "opsboard", "demo", f"--at={datetime.now(UTC).isoformat()}"]
