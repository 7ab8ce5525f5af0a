"""Lists, watches, and refusals."""

import msgspec

from opsboard_adapters.kubernetes.structs.base import ApiStruct


class V1ListMeta(ApiStruct, frozen=True):
    """Where a list stands, and where it goes on."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class V1List(ApiStruct, frozen=True):
    """A page of a list, its items not decoded yet."""

    metadata: V1ListMeta = V1ListMeta()
    items: list[msgspec.Raw] | None = None


class V1WatchEvent(ApiStruct, frozen=True):
    """An event of a watch, its object not decoded yet."""

    type: str
    object: msgspec.Raw


class BookmarkMeta(ApiStruct, frozen=True):
    """The version of an object, all that a bookmark tells."""

    resource_version: str = ""


class Bookmark(ApiStruct, frozen=True):
    """What has a version."""

    metadata: BookmarkMeta = BookmarkMeta()


class V1Status(ApiStruct, frozen=True):
    """Why the server refuses, or ends a watch."""

    code: int = 0
    message: str = ""
