"""Events of a watch. Source: *Kubernetes API Concepts*, efficient detection of changes."""

from typing import Final

import msgspec

from opsboard.adapter import Malformed, SourceError
from opsboard_adapters import http
from opsboard_adapters.http.decoding import RawRecord, decode, describe_error
from opsboard_adapters.http.json_repair import repair_json
from opsboard_adapters.kubernetes.structs import Bookmark, V1Status, V1WatchEvent

WATCH_OPENED: Final = V1WatchEvent("OPENED", msgspec.Raw(b"{}"))
"""An event of our own making: the server has accepted the watch."""

MAX_EVENT_BYTES: Final = 8 << 20
"""Bytes of a watch event; etcd keeps no object of more than 1.5 MiB."""


class ExpiredError(SourceError):
    """The resource version or the continue token is too old (410 Gone): list anew.

    Who asks for one object, and cannot list anew, has a sentence for it all the same.
    """

    def __init__(self, asked: str) -> None:
        super().__init__(f"{asked}: that state is gone from the server (410)", "ask again")


def read_event(line: bytes, path: str) -> V1WatchEvent:
    """Return the event on *line*, its object not decoded yet.

    Raises :exc:`ExpiredError` for one that says 410 Gone, and :exc:`Malformed`.
    """
    event = _decoded(line, path)
    if event.type == "ERROR":
        status = decode(event.object, V1Status, f"GET {path}")
        if status.code == 410:
            raise ExpiredError(f"GET {path}")
        raise Malformed(f"GET {path}: {status.message[: http.EXCERPT_CHARS]}", "taken up again")
    return event


def _decoded(line: bytes, path: str) -> V1WatchEvent:
    try:
        return msgspec.json.decode(line, type=V1WatchEvent)
    except msgspec.ValidationError:
        raise Malformed(f"GET {path}: not a watch event", "is the URL that of the API?") from None
    except (ValueError, RecursionError):
        pass
    try:  # a string or number in it may be odd
        return msgspec.json.decode(repair_json(line), type=V1WatchEvent)
    except (ValueError, RecursionError) as error:
        said = f"a watch event cut short, or odd: {describe_error(error)}"
        raise Malformed(f"GET {path}: {said}", "taken up again") from None


def resource_version_of(item: RawRecord) -> str:
    """Return the resource version of an object that cannot be read otherwise, or ``""``."""
    try:
        return decode(item, Bookmark, "").metadata.resource_version
    except Malformed:
        return ""
