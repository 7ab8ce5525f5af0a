"""Opening a page in a browser, where there is one."""

import asyncio
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit


def has_browser(env: Mapping[str, str]) -> bool:
    """Return whether a browser could appear in front of the user.

    Over SSH without a display there is none; a browser in the terminal would draw over the board.
    """
    if env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"):
        return True
    return sys.platform == "darwin" and not env.get("SSH_CONNECTION")


def is_page(url: str | None) -> bool:
    """Return whether *url* is one that a browser should be given."""
    return bool(url) and urlsplit(url or "").scheme in ("http", "https")


async def open_page(url: str) -> bool:
    """Open *url*; return whether a browser took it."""
    import webbrowser  # noqa: PLC0415 - hardly ever

    return await asyncio.to_thread(webbrowser.open, url)
