"""What all objects of the API have in common.

Names and meanings are those of the API reference (1.36). The server leaves out what is empty, or
writes null: everything but an object's name has a default.
"""

from typing import Annotated, Final, TypeAlias

import msgspec

from opsboard_adapters.http.decoding import Shape

Time: TypeAlias = str | None
"""RFC 3339; :meth:`Place.time` reads it."""


class Part(Shape, frozen=True, rename="camel"):
    """The base of what follows: fields are spelled as in the API."""


class Owner(Part, frozen=True):
    """An owner reference, or another pointer at an object."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Metadata(Part, frozen=True):
    """ObjectMeta."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Time = None
    deletion_timestamp: Time = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()


class Condition(Part, frozen=True):
    """A condition of a status."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Time = None
    last_update_time: Time = None

    @property
    def holds(self) -> bool:
        return self.status == "True"


NO_CONDITION: Final = Condition()


class Thing(Part, frozen=True):
    """Any object, by its metadata alone."""

    metadata: Metadata

    @property
    def full_name(self) -> str:
        """Namespace and name."""
        parts = (self.metadata.namespace, self.metadata.name)
        return "/".join(filter(None, parts))
