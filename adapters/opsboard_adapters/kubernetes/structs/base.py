"""What all objects of the API have in common.

Names and meanings are those of the API reference (1.36). The server leaves out what is empty, or
writes null: everything but an object's name has a default.
"""

from typing import Annotated, Final, TypeAlias

import msgspec

from opsboard_adapters.http.decoding import JsonStruct

Rfc3339: TypeAlias = str | None
"""RFC 3339; :meth:`ClusterContext.time` reads it."""


class ApiStruct(JsonStruct, frozen=True, rename="camel"):
    """The base of what follows: fields are spelled as in the API."""


class V1ObjectReference(ApiStruct, frozen=True):
    """An owner reference, or another pointer at an object."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class V1ObjectMeta(ApiStruct, frozen=True):
    """ObjectMeta."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Rfc3339 = None
    deletion_timestamp: Rfc3339 = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[V1ObjectReference, ...] = ()


class V1Condition(ApiStruct, frozen=True):
    """A condition of a status."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Rfc3339 = None
    last_update_time: Rfc3339 = None

    @property
    def holds(self) -> bool:
        return self.status == "True"


NO_CONDITION: Final = V1Condition()


class V1Object(ApiStruct, frozen=True):
    """Any object, by its metadata alone."""

    metadata: V1ObjectMeta

    @property
    def full_name(self) -> str:
        """Namespace and name."""
        parts = (self.metadata.namespace, self.metadata.name)
        return "/".join(filter(None, parts))
