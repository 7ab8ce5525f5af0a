"""Who asks a source, as its server says: asked once it is connected, and beside its first lists."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from opsboard.adapter import Principal, Source, Throttled, Unreachable
from opsboard.records.identity import server
from opsboard.system.containment import contained
from opsboard.text.sanitize import sanitize

TIMEOUT: Final = 20.0
AGAIN_AFTER: Final = 30.0
"""Seconds until a server that did not answer is asked again."""

_log = logging.getLogger(__name__)


async def principal_of(
    source: Source, name: str, sleep: Callable[[float], Awaitable[None]]
) -> Principal | None:
    """Return who the server of *source* says that asks; ``None`` where it does not say."""
    while True:
        try:
            async with asyncio.timeout(TIMEOUT):
                with contained():
                    found: object = await source.principal()
        except (Unreachable, Throttled, TimeoutError):
            await sleep(AGAIN_AFTER)
            continue
        except Exception as error:  # an adapter's code may raise anything
            _log.info("%s: the server does not say who asks: %s", name, type(error).__name__)
            return None
        return found if isinstance(found, Principal) and found.name else None


def address_of(source: Source, name: str, adapter: str) -> str:
    """Return what the history of *source* is kept under; never a login that is in its address.

    A source of several servers has their addresses, with a blank between.
    """
    try:
        said = sanitize(source.address)
    except Exception:  # an adapter's code may raise anything
        _log.exception("%s: address", name)
        said = ""
    several = (server(one) or one.rpartition("@")[2] for one in said.split())
    return " ".join(dict.fromkeys(several)) or f"{adapter}:{name}"
