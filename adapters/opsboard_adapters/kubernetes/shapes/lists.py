"""Lists, watches, and refusals."""

import msgspec

from opsboard_adapters.kubernetes.shapes.base import Part


class ListMetadata(Part, frozen=True):
    """Where a list stands, and where it goes on."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class List(Part, frozen=True):
    """A page of a list, its items not decoded yet."""

    metadata: ListMetadata = ListMetadata()
    items: list[msgspec.Raw] | None = None


class WatchEvent(Part, frozen=True):
    """An event of a watch, its object not decoded yet."""

    type: str
    object: msgspec.Raw


class Version(Part, frozen=True):
    """The version of an object, all that a bookmark tells."""

    resource_version: str = ""


class Versioned(Part, frozen=True):
    """What has a version."""

    metadata: Version = Version()


class Status(Part, frozen=True):
    """Why the server refuses, or ends a watch."""

    code: int = 0
    message: str = ""
