"""Opening a page in a browser, where there is one."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

STARTED_WITHIN: Final = 10.0
"""Seconds for a browser to refuse. One that is its own process still runs then."""

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def has_browser(env: Mapping[str, str]) -> bool:
    """Return whether a browser could appear in front of the user.

    Over SSH without a display there is none; a browser in the terminal would draw over the board.
    """
    if env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"):
        return True
    return sys.platform == "darwin" and not env.get("SSH_CONNECTION")


def is_page(url: str | None) -> bool:
    """Return whether *url* is one that a browser should be given."""
    try:
        return bool(url) and urlsplit(url or "").scheme in ("http", "https")
    except ValueError:  # such as of a host in brackets that do not close
        return False


async def open_page(url: str, env: Mapping[str, str]) -> bool:
    """Open *url*; return whether a browser took it."""
    return await asyncio.to_thread(_open, url, env)


def _open(url: str, env: Mapping[str, str]) -> bool:
    """Open *url* from a session of its own: a text browser, as BROWSER may name, has no terminal.

    Without TERM, :mod:`webbrowser` does not look for one by itself.
    """
    from opsboard.system.non_interactive import (  # noqa: PLC0415 - see app.SOON
        non_interactive_env,
    )

    nowhere = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _OPEN, url],
            env={name: value for name, value in non_interactive_env(env).items() if name != "TERM"},
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
        )
        return process.wait(STARTED_WITHIN) == 0
    except subprocess.TimeoutExpired:
        return True
    except (OSError, ValueError):
        return False
