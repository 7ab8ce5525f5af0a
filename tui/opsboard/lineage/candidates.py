"""Guesses by name and time, where nothing is stated. They are shown as such, and never used.

A cherry-pick is none: its title and author are those of another commit, and nothing more can be
said of it than that.
"""

from collections.abc import Iterator
from typing import Final

from opsboard.lineage.edges import edges_into, judge_input, things
from opsboard.lineage.graph import Edge, Node, last_part
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.verify import ran_at
from opsboard.records import Identity, Kind, ModelVersion, Record, Ref, Strength
from opsboard.records.claims import COMMIT, IMAGE, IMAGE_TAG, MODEL_ALIAS, MODEL_VERSION, WORKLOAD

MOST: Final = 5
"""Guesses that are shown at a node; more of them say nothing any more."""


def guesses_into(index: LineageIndex, node: Node) -> list[Edge]:
    """Return what *node* may be made of, where its record does not say so."""
    record = index.record(node) if isinstance(node, Ref) else None
    if record is None:
        return []
    types = {one.type for one in index.represented(record)}
    if types & {IMAGE, IMAGE_TAG}:
        return list(_runs(index, record))[:MOST]
    if WORKLOAD in types:
        return list(_models(index, record))[:MOST]
    return []


def guesses_out_of(index: LineageIndex, node: Node) -> list[Edge]:
    """Return what may be made of *node*, where no record says so."""
    record = index.record(node) if isinstance(node, Ref) else None
    if record is None:
        return []
    found: dict[Edge, None] = {}
    for image in _images_beside(index, record):
        found.update((edge, None) for edge in guesses_into(index, image) if edge.upstream == node)
    return list(found)[:MOST]


def _runs(index: LineageIndex, image: Record) -> Iterator[Edge]:
    """Yield the runs of CI that may have made *image*: under way when it was created.

    Where the commit is known, only those at that commit count.
    """
    if any(_made(index, edge) for edge in edges_into(index, image.ref)):
        return
    at, commits = image.created_at, _commits_of(index, image)
    if at is None:
        return
    why = "same commit" if commits else "same name"
    for commit in commits or _commits_by_name(index, image):
        for ref in sorted(index.consumers(commit)):
            run = index.record(ref)
            if ref.kind is Kind.BUILD and ran_at(run, at):
                yield Edge(
                    ref,
                    image.ref,
                    f"{why}, ran at the time",
                    Strength.CANDIDATE,
                    "attest the image in that run (actions/attest-build-provenance)",
                )


def _made(index: LineageIndex, edge: Edge) -> bool:
    """Tell whether *edge* says for sure which run made the image."""
    return (
        not edge.is_candidate and isinstance(edge.upstream, Ref) and edge.upstream.kind == "build"
    )


def _commits_of(index: LineageIndex, record: Record) -> list[Identity]:
    """Return the commits that *record* is made of for sure."""
    found: dict[Identity, None] = {}
    for claim in record.inputs:
        if claim.type == COMMIT:
            verdict = judge_input(index, record, claim)
            if verdict is not None and verdict.strength is not Strength.CANDIDATE:
                found[index.resolve(index.identity(claim))[0]] = None
    return list(found)


def _commits_by_name(index: LineageIndex, image: Record) -> list[Identity]:
    """Return the commits of repositories that are called like *image*."""
    claims = [one for one in image.outputs if one.type == IMAGE_TAG]
    names = {last_part(one.scope) for one in claims} - {""}
    return [commit for name in sorted(names) for commit in index.named(COMMIT, name)]


def _images_beside(index: LineageIndex, run: Record) -> list[Ref]:
    """Return the images that *run*, a run of CI, may have made: of its commit, or of its name."""
    if run.kind is not Kind.BUILD:
        return []
    found: dict[Ref, None] = {}
    for claim in run.inputs:
        if claim.type == COMMIT:
            commit = index.identity(claim)
            for form in index.forms(commit):
                found.update(dict.fromkeys(index.consumers(form)))
            for tag in index.named(IMAGE_TAG, last_part(commit[1])):
                found.update(dict.fromkeys(index.representatives(tag)))
    return sorted(found)


def _models(index: LineageIndex, workload: Record) -> Iterator[Edge]:
    """Yield the versions of a model that is called like *workload*, where it states none."""
    stated = {claim.type for claim in workload.inputs}
    if stated & {MODEL_VERSION, MODEL_ALIAS}:
        return
    for identity in index.named(MODEL_VERSION, workload.name):
        for thing in things(index, identity):
            record = index.record(thing) if isinstance(thing, Ref) else None
            if isinstance(record, ModelVersion) and record.aliases:
                yield Edge(
                    thing,
                    workload.ref,
                    "same name",
                    Strength.CANDIDATE,
                    "name the model in the workload: MODEL_URI=models:/NAME/VERSION, or a label",
                )
