"""What records state about what they are made of and what they make.

A source states what it knows (:attr:`Record.inputs`, :attr:`Record.outputs`) and knows nothing of
the other sources: the board joins what is equal. The claims are made by the functions of
:mod:`opsboard.records.identity`, which write each thing in one form. An adapter may use a type of
its own, by making a :class:`Claim` itself.
"""

from enum import StrEnum
from typing import Any, Final, NamedTuple

from opsboard.text.sanitize import Text


class Strength(StrEnum):
    """How far a claim can be trusted; :attr:`rank` orders them.

    ``digest`` is the content's own hash. ``sha`` is a full commit SHA, or a number that a server
    has given. ``tag`` is a name that can be moved. ``label`` is what somebody has declared.
    A ``candidate`` is a guess, by name and time or by a label that nothing confirms: it is shown as
    one, and nothing is concluded from it.
    """

    CANDIDATE = "candidate"
    LABEL = "label"
    TAG = "tag"
    SHA = "sha"
    DIGEST = "digest"

    @property
    def rank(self) -> int:
        """0 for a candidate, up to 4 for a digest."""
        return _RANK[self]


_RANK: Final = {strength: rank for rank, strength in enumerate(Strength)}


INIT_IMAGE: Final = "imageID of an init container"
SIDECAR_IMAGE: Final = "imageID of a sidecar"
INJECTED_IMAGE: Final = "imageID of a container that is not in the pod template"
BESIDE: Final = frozenset({INIT_IMAGE, SIDECAR_IMAGE, INJECTED_IMAGE})
"""Rules of images that run beside what a workload is for, or before it: not its version."""


class Identity(NamedTuple):
    """One thing in the world. *scope* is where *value* is unique; empty where that is not known."""

    type: str
    scope: str
    value: str


class Claim(NamedTuple):
    """A record's statement that it is made of a thing, or makes it.

    *rule* says how that is known, in the words of the source: ``pod imageID``.
    """

    type: Text
    scope: Text
    value: Text
    rule: Text
    strength: Strength

    @property
    def identity(self) -> Identity:
        return Identity(self.type, self.scope, self.value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415 - the first frame does without

        parts = core_schema.model_fields_schema(
            {name: core_schema.model_field(core_schema.str_schema()) for name in cls._fields}
        )
        return core_schema.no_info_before_validator_function(
            _as_mapping,
            core_schema.no_info_after_validator_function(_from_fields, parts),
            serialization=core_schema.plain_serializer_function_ser_schema(cls._asdict),
        )


def _as_mapping(value: object) -> object:
    if isinstance(value, Claim):
        return value._asdict()
    return dict(zip(Claim._fields, value, strict=True)) if isinstance(value, list) else value


def _from_fields(fields: tuple[dict[str, Any], Any, Any]) -> Claim:
    values = fields[0]
    return Claim(**{**values, "strength": Strength(values["strength"])})


COMMIT: Final = "commit"
"""Scope: the repository, as :func:`repository` writes it. Value: the full SHA."""

IMAGE: Final = "image"
"""No scope: the same digest is the same image in every registry. Value: ``sha256:...``."""

IMAGE_TAG: Final = "image-tag"
"""Scope: the registry and the repository. Value: the tag."""

MODEL_VERSION: Final = "model-version"
"""Scope: the tracking server, as :func:`server` writes it. Value: ``model/version``."""

MODEL_ALIAS: Final = "model-alias"
"""Scope: the tracking server. Value: ``model@alias``."""

LOGGED_MODEL: Final = "logged-model"
"""A model as a run logged it, registered or not. Scope: the tracking server. Value: its id."""

RUN: Final = "run"
"""Scope: the tracking server, or the repository of a CI run. Value: the id that was given there."""

DATASET: Final = "dataset"
"""No scope. Value: ``name@digest``."""

PULL_REQUEST: Final = "pull-request"
"""Scope: the repository. Value: the number."""

REPOSITORY: Final = "repository"
"""No scope. Value: as :func:`repository` writes it. A record that is one states all names that it
has had: the first is its present one, and what others state by the others is of the same.
"""

WORKLOAD: Final = "workload"
"""Scope: the address of the cluster's API server. Value: ``namespace/Kind/name``."""

SERVICE_ADDRESS: Final = "service-address"
"""A Service that is called inside of a cluster. Scope: the address of its API server. Value:
``namespace/name``. Nothing is made of it: it stands in no chain, and says who calls whom.
"""

CLUSTER: Final = "cluster"
"""A cluster, by its API server. Scope: the address of that. Value: :data:`API_SERVER`."""

IMAGE_REPOSITORY: Final = "image-repository"
"""What images are kept in. No scope. Value: as :func:`image_keeper` writes it."""

PLACES: Final = frozenset({CLUSTER, IMAGE_REPOSITORY})
"""Types of what things are in. It is told of only where something is known to have made it, and
what is in the same place has nothing else in common.
"""
API_SERVER: Final = "api-server"

RESOURCE: Final = "resource"
"""Anything else that has an address, such as what infrastructure as code manages."""

TYPES: Final = frozenset({
    COMMIT, IMAGE, IMAGE_TAG, MODEL_VERSION, MODEL_ALIAS, LOGGED_MODEL, RUN, DATASET, PULL_REQUEST,
    REPOSITORY, WORKLOAD, SERVICE_ADDRESS, CLUSTER, IMAGE_REPOSITORY,
    RESOURCE,
})  # fmt: skip
"""The types that the program knows; an adapter may have others."""


def stated(*claims: Claim | None) -> tuple[Claim, ...]:
    """Return those of *claims* that there are, each once, in their order."""
    return tuple(dict.fromkeys(claim for claim in claims if claim is not None))
