"""What a workload is made of: the commits of its own image, by solid edges only.

Its image is made of a base image, too, and a sidecar of another repository runs beside it: the
commits of those are not its own.
"""

from collections.abc import Iterable
from typing import NamedTuple

from opsboard.lineage.edges import edges_into, stated_edges
from opsboard.lineage.graph import Node, last_part
from opsboard.lineage.index import LineageIndex
from opsboard.records import Identity, Record, Ref
from opsboard.records.claims import BESIDE, COMMIT, IMAGE, IMAGE_TAG, MODEL_ALIAS, MODEL_VERSION
from opsboard.records.identity import image_repository

_IMAGES = frozenset({IMAGE, IMAGE_TAG})
_MODELS = frozenset({MODEL_VERSION, MODEL_ALIAS})


class Origin(NamedTuple):
    """*commits* and *images* of a workload, the *models* that it serves.

    *seen* are type and value of all identities that were looked at: it may be otherwise once a
    record that states one of them has changed.
    """

    commits: tuple[Identity, ...] = ()
    images: tuple[Node, ...] = ()
    models: tuple[Node, ...] = ()
    seen: frozenset[tuple[str, str]] = frozenset()

    @property
    def repository(self) -> str:
        """The repository of its commits, where there is just one."""
        scopes = {one.scope for one in self.commits}
        return next(iter(scopes)) if len(scopes) == 1 else ""


def origin_of(index: LineageIndex, record: Record) -> Origin:
    """Return what *record*, a workload, a deployment or a model version, is made of."""
    seen = {(claim.type, claim.value) for claim in record.inputs}
    stated = stated_edges(index, record)
    ups = list(dict.fromkeys(edge.upstream for edge in stated if not edge.is_candidate))
    main = {edge.upstream for edge in stated if edge.rule not in BESIDE}
    every = [one for one in ups if _is_of(index, one, _IMAGES)]
    images = _own_images(index, record, [one for one in every if one in main] or every)
    found: dict[Identity, None] = {}
    for image in images:
        found.update(dict.fromkeys(_commits_of_image(index, image, seen)))
    if not found:
        found.update(dict.fromkeys(_commits(index, ups)))
    models = tuple(one for one in ups if _is_of(index, one, _MODELS))
    return Origin(tuple(found), tuple(images), models, frozenset(seen))


def _solid_parts(index: LineageIndex, node: Node, seen: set[tuple[str, str]]) -> list[Node]:
    """Return what *node* is directly made of; note what was looked at in *seen*."""
    record = index.record(node) if isinstance(node, Ref) else None
    claims = (*record.inputs, *record.outputs) if record else ()
    seen.update((claim.type, claim.value) for claim in claims)
    if isinstance(node, Identity):
        seen.add((node.type, node.value))
    return list(dict.fromkeys(e.upstream for e in edges_into(index, node) if not e.is_candidate))


def _commits_of_image(
    index: LineageIndex, image: Node, seen: set[tuple[str, str]]
) -> Iterable[Identity]:
    """Yield the commits of *image*: stated by it, or by what made it."""
    ups = _solid_parts(index, image, seen)
    yield from _commits(index, ups)
    for maker in ups:
        if isinstance(maker, Ref) and not _is_of(index, maker, _IMAGES | {COMMIT}):
            yield from _commits(index, _solid_parts(index, maker, seen))


def _commits(index: LineageIndex, nodes: Iterable[Node]) -> Iterable[Identity]:
    for node in nodes:
        yield from (one for one in _identities(index, node) if one.type == COMMIT)


def _identities(index: LineageIndex, node: Node) -> list[Identity]:
    if isinstance(node, Identity):
        return [node]
    record = index.record(node)
    return index.represented(record) if record else []


def _is_of(index: LineageIndex, node: Node, types: frozenset[str]) -> bool:
    return any(one.type in types for one in _identities(index, node))


def _own_images(index: LineageIndex, record: Record, images: list[Node]) -> list[Node]:
    """Leave out the images of other containers than the first, where it can be told.

    A mirror has an image under another address, by the same name. An image of another name is that
    of the first container only where nothing else could be.
    """
    texts = getattr(record, "images", ())
    place = image_repository(texts[0]) if texts else ""
    places = {one: _places(index, one) for one in images}
    if not place:
        return images if len({frozenset(known) for known in places.values()}) < 2 else []
    if own := [one for one in images if place in places[one]]:
        return own
    name = last_part(place)
    if own := [one for one in images if name in {last_part(known) for known in places[one]}]:
        return own
    unknown = [one for one in images if not places[one]]
    if len(texts) == 1 and unknown:
        return unknown
    pending = any(one.type == IMAGE_TAG and one.scope == place for one in record.inputs)
    return images if len(texts) == len(images) == 1 and not pending else []


def _places(index: LineageIndex, image: Node) -> set[str]:
    """Return the registry and repository of *image*, each that it is known in."""
    found = {one.scope for one in _identities(index, image) if one.type == IMAGE_TAG}
    record = index.record(image) if isinstance(image, Ref) else None
    own = getattr(record, "repository", "")
    return (found | {own}) - {""}
