"""Columns of container images."""

from datetime import datetime
from typing import Final

from opsboard.kinds.columns import SOURCE, STATUS, Cell, CellRole, Column, age_column, text_column
from opsboard.kinds.declaration import BoardKind
from opsboard.records import Image, Kind
from opsboard.records.commits import short_sha
from opsboard.text.numbers import natural_key

_OCI: Final = "org.opencontainers.image."
_SHOWN: Final = frozenset({f"{_OCI}revision", f"{_OCI}created"})
_DIGITS: Final = 12
"""Digits of a digest that tell it from others, as container engines show them."""


def short_digest(digest: str) -> str:
    """Return the first digits of *digest*, without its algorithm."""
    return digest.rpartition(":")[2][:_DIGITS]


def _tags(image: Image, _: datetime) -> Cell:
    if not image.tags:
        return Cell("untagged", role=CellRole.MUTED)
    return Cell(", ".join(image.tags))


def _label_pairs(image: Image) -> list[tuple[str, str]]:
    """Return the labels that no other column shows, with short names for the common ones."""
    return [
        (label.key.removeprefix(_OCI), label.value)
        for label in image.labels
        if label.key not in _SHOWN
    ]


def _labels(image: Image, _: datetime) -> Cell:
    return Cell("  ".join(f"{key}={value}" for key, value in _label_pairs(image)))


def _commit(image: Image, _: datetime) -> Cell:
    return Cell(f"{short_sha(image.commit)}?" if image.inherited else short_sha(image.commit))


COLUMNS: Final = (
    STATUS,
    text_column("repository", "repository", 12, 40, priority=0),
    Column(
        "tag", "tag", _tags, lambda image: tuple(map(natural_key, image.tags)), 9, 30, 0
    ),
    Column(
        "digest", "digest",
        lambda image, _: Cell(short_digest(image.digest), role=CellRole.MUTED),
        lambda image: image.digest, 12, 12, 5,
    ),
    Column("commit", "commit", _commit, lambda image: image.commit, 7, 8, 1),
    text_column("note", "note", 12, 60, priority=2),
    Column(
        "platforms", "platforms", lambda image, _: Cell(", ".join(image.platforms)),
        lambda image: image.platforms, 9, 26, 6,
    ),
    Column(
        "size", "MiB", lambda image, _: Cell(f"{image.size / 2**20:,.0f}" if image.size else ""),
        lambda image: image.size, 6, 7, 7, right=True,
    ),
    Column("labels", "labels", _labels, _label_pairs, 10, 60, 9),
    age_column("created_at", "created", name="created"),
    SOURCE,
)  # fmt: skip

IMAGE: Final = BoardKind(
    Kind.IMAGE,
    Image,
    identities=("image", "image-tag", "commit", "image-repository"),
    represents=("image", "image-tag"),
    title="Images",
    columns=COLUMNS,
    order="created",
    search=("registry", "repository", "name", "digest", "revision", "origin", "base", "note"),
    aliases=("image", "img"),
    in_status=False,
    # what is behind a digest stays as it is: these are read later, or again
    heartbeat=("updated_at", "message", "commit", "inherited", "note"),
    qualified_name=lambda image: image.name,
    unique_in=lambda image: image.registry,
)
