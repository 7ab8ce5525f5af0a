"""Requests to the Kubernetes API and its answers, as data: lists, watch events, changes.

Nothing here does I/O; :class:`.ClusterClient` sends what is described here. Source of the
protocol: *Kubernetes API Concepts* (retrieving large result sets in chunks, efficient detection of
changes, dry-run), and the meta/v1 part of the API reference (1.36).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar

import msgspec

from opsboard.adapter import Malformed, RequestRefused, SourceError
from opsboard_adapters import http
from opsboard_adapters.http.decoding import RawRecord, decode, describe_error
from opsboard_adapters.http.json_repair import repair_json
from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.kubernetes.structs import ApiStruct
from opsboard_adapters.listing.completeness import SkippedRecords

T = TypeVar("T")
Parameters = Mapping[str, str | int | bool]


class ExpiredError(SourceError):
    """The resource version or the continue token is too old (410 Gone): list again.

    The message is shown where a single object was asked for, which cannot be listed again.
    """

    def __init__(self, asked: str) -> None:
        super().__init__(f"{asked}: that state is gone from the server (410)", "ask again")


# --- lists ---------------------------------------------------------------------------------------


class V1ListMeta(ApiStruct, frozen=True):
    """ListMeta: the version of the list, and the token of its next page (``""`` for none)."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class V1List(ApiStruct, frozen=True):
    """A page of a list; its items are not decoded yet."""

    metadata: V1ListMeta = V1ListMeta()
    items: list[msgspec.Raw] | None = None


PAGE_SIZE: Final = 500
"""Objects per page, as kubectl asks for."""

METADATA_ACCEPT: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST_ACCEPT: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""What asks for metadata alone; a server that cannot leave the rest out answers 406."""


@dataclass(frozen=True, slots=True)
class ListRequest(Generic[T]):
    """A request for a list of objects of that *struct* and API *kind*.

    Objects that cannot be decoded are counted in *skips*; they hide no other.
    """

    path: str
    struct: type[T]
    skips: SkippedRecords
    kind: str = "object"
    parameters: Parameters = field(default_factory=dict)
    metadata_only: bool = False
    page_size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """A page of a list: its readable *objects*, and the token of the next page, if any."""

    objects: list[T]
    resource_version: str
    continue_token: str


def object_name(kind: str, values: Any) -> str:
    """Return the name of an object of plain JSON *values* for messages: ``Pod shop/checkout-1``."""
    metadata = values["metadata"]
    name = str(metadata["name"])
    return f"{kind} {'/'.join(filter(None, (str(metadata.get('namespace') or ''), name)))}"


# --- watch events --------------------------------------------------------------------------------


class V1WatchEvent(ApiStruct, frozen=True):
    """WatchEvent: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR; its object is not decoded yet."""

    type: str
    object: msgspec.Raw


class BookmarkMeta(ApiStruct, frozen=True):
    """The metadata of a bookmark: a resource version, nothing else."""

    resource_version: str = ""


class Bookmark(ApiStruct, frozen=True):
    """The object of a BOOKMARK event."""

    metadata: BookmarkMeta = BookmarkMeta()


class V1Status(ApiStruct, frozen=True):
    """Status: why the server refuses a request or ends a watch."""

    code: int = 0
    message: str = ""


WATCH_OPENED: Final = V1WatchEvent("OPENED", msgspec.Raw(b"{}"))
"""An event that no server sends: it says that the server has accepted the watch."""

MAX_EVENT_BYTES: Final = 8 << 20
"""Longest watch event that is read; etcd stores no object of more than 1.5 MiB."""


def read_event(line: bytes, path: str) -> V1WatchEvent:
    """Return the watch event on *line* of the watch of *path*.

    Raises :exc:`ExpiredError` for an ERROR event with code 410, and :exc:`Malformed`.
    """
    event = _decode_event(line, path)
    if event.type == "ERROR":
        status = decode(event.object, V1Status, f"GET {path}")
        if status.code == 410:
            raise ExpiredError(f"GET {path}")
        raise Malformed(f"GET {path}: {status.message[: http.EXCERPT_CHARS]}", "resumed")
    return event


def _decode_event(line: bytes, path: str) -> V1WatchEvent:
    try:
        return decoder_of(V1WatchEvent).decode(line)
    except msgspec.ValidationError:
        raise Malformed(f"GET {path}: not a watch event", "is the URL that of the API?") from None
    except (ValueError, RecursionError):
        pass
    try:  # with invalid UTF-8 and numbers beyond 64 bits replaced
        return decoder_of(V1WatchEvent).decode(repair_json(line))
    except (ValueError, RecursionError) as error:
        said = f"a watch event cut short, or odd: {describe_error(error)}"
        raise Malformed(f"GET {path}: {said}", "resumed") from None


def resource_version_of(item: RawRecord) -> str:
    """Return the resource version of an object that may be unreadable otherwise, or ``""``."""
    try:
        return decode(item, Bookmark, "").metadata.resource_version
    except Malformed:
        return ""


# --- changes -------------------------------------------------------------------------------------

JSON: Final = "application/json"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"

FIELD_MANAGER: Final = "opsboard"
"""The name under which the server records which fields we set (``metadata.managedFields``)."""

_CONFLICTS: Final = frozenset({409, 422})


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A request that changes the cluster. The *body* of a DELETE holds its ``DeleteOptions``."""

    method: str
    path: str
    body: Any
    content_type: str = JSON
    parameters: Mapping[str, str] = field(default_factory=lambda: {"fieldManager": FIELD_MANAGER})

    @property
    def as_dry_run(self) -> "ChangeRequest":
        """The same request as a server-side dry run: it is validated, and nothing is stored."""
        if self.method == "DELETE":  # options in the body replace those in the query
            return replace(self, body={**self.body, "dryRun": ["All"]})
        return replace(self, parameters={**self.parameters, "dryRun": "All"})


class RefusedError(RequestRefused):
    """The server has refused a :class:`ChangeRequest` with status *code*; nothing was changed.

    For 409 and 422 it is a conflict: the object may have changed since its version was read.
    """

    def __init__(self, refusal: SourceError, code: int) -> None:
        hint = "ask for permission to do this" if code == 403 else "plan it again"
        super().__init__(refusal.message, hint, refusal.until, conflict=code in _CONFLICTS)
        self.code = code
