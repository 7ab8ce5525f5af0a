"""Who holds the lock of a state, for what, and since when.

Of the information that Terraform leaves, ``Who``, ``Operation``, ``Created`` and ``ID`` are read;
``Info``, which may hold anything, is not.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opsboard.adapter import mask_text
from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.terraform.structs import LockBody
from opsboard_adapters.times import as_utc

MAX_BYTES: Final = 65_536
UNKNOWN_HOLDER: Final = "somebody"
_OPERATION: Final = re.compile(r"(?:OperationType)?([A-Za-z][A-Za-z -]{0,30})")
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_WHO: Final = re.compile(r"[\w.@+\\/-]{1,128}")
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held. *left_over*: no process holds it, though it says so."""

    who: str = UNKNOWN_HOLDER
    operation: str = ""
    since: datetime | None = None
    id: str = ""
    left_over: bool = False


def read_lock(body: bytes) -> Lock:
    """Return the lock that *body* tells of. Anything in it that is odd is left out."""
    try:
        told = decoder_of(LockBody).decode(body[:MAX_BYTES])
    except (ValueError, RecursionError):
        return Lock()
    return Lock(
        _who(told.Who or ""),
        _operation(told.Operation or ""),
        _time(told.Created or ""),
        told.ID if told.ID and _ID.fullmatch(told.ID) else "",
    )


def _who(text: str) -> str:
    """Return ``user@host``; what is written otherwise might be anything."""
    return mask_text(text) if _WHO.fullmatch(text) else UNKNOWN_HOLDER


def _operation(text: str) -> str:
    match = _OPERATION.fullmatch(text)
    return match[1].lower() if match else ""


def _time(text: str) -> datetime | None:
    """Return the time in RFC 3339; Go writes nanoseconds."""
    try:
        return as_utc(datetime.fromisoformat(_FRACTION.sub(r"\1", text))) if text else None
    except ValueError:
        return None
