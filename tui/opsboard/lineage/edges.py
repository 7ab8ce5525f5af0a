"""The edges at a node: what each claim is worth beside all others.

An edge is the same whichever end it is looked at from. Where several records or repositories may
be meant by a claim, each of them is a candidate.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from opsboard.lineage.graph import ClaimVerdict, Edge, Node, last_part, solid
from opsboard.lineage.index import LineageIndex, represents, runs
from opsboard.lineage.verify import is_inherited, judged_label
from opsboard.records import Claim, Identity, Record, Ref, Strength
from opsboard.records.claims import (
    BESIDE,
    COMMIT,
    IMAGE,
    IMAGE_TAG,
    MODEL_ALIAS,
    MODEL_VERSION,
    PLACES,
    SERVICE_ADDRESS,
    WORKLOAD,
)

UNVERIFIED: Final = "the source does not vouch for it"
_SURER: Final = {IMAGE_TAG: IMAGE, MODEL_ALIAS: MODEL_VERSION}
"""A name that can be moved, and what is stated instead of it where more is known."""
_THINGS: Final = {IMAGE_TAG: "tag", MODEL_ALIAS: "alias"}


def things(index: LineageIndex, identity: Identity) -> list[Node]:
    """Return the nodes that stand for *identity*: the records that are it, or else itself."""
    found: list[Node] = list(index.representatives(identity))
    return found or [Identity(*identity)]


def own_nodes(index: LineageIndex, node: Node) -> list[Node]:
    """Return the nodes that stand for *node*, which may be an identity that a record is."""
    if isinstance(node, Ref):
        return [node]
    return list(dict.fromkeys(t for one in index.resolve(node) for t in things(index, one)))


def edges_into(index: LineageIndex, node: Node) -> list[Edge]:
    """Return the edges from what *node* is made of."""
    found: list[Edge] = []
    record = index.record(node) if isinstance(node, Ref) else None
    if record is not None:
        for claim in record.inputs:
            found += _input_edges(index, record, claim)
    for identity in _identities(index, node):
        for form in index.forms(identity):
            for ref in index.makers(form):
                if not represents(ref.kind, identity.type):
                    found += (e for e in _made_by(index, ref, form) if e.downstream == node)
    return _each_once(found)


def stated_edges(index: LineageIndex, record: Record) -> list[Edge]:
    """Return the edges by what *record* itself states that it is made of."""
    return _each_once(e for claim in record.inputs for e in _input_edges(index, record, claim))


def edges_out_of(index: LineageIndex, node: Node) -> list[Edge]:
    """Return the edges to what is made of *node*, runs it, or is about it."""
    found: list[Edge] = []
    for identity in _identities(index, node):
        for form in index.forms(identity):
            for ref in index.consumers(form):
                found += (e for e in _consumed_by(index, ref, form) if e.upstream == node)
    record = index.record(node) if isinstance(node, Ref) else None
    if record is not None:
        for claim in record.outputs:
            if not represents(record.kind, claim.type):
                found += _output_edges(index, record, claim)
    return _each_once(found)


def _identities(index: LineageIndex, node: Node) -> list[Identity]:
    """Return the identities that lead to *node*."""
    if isinstance(node, Identity):
        return [node]
    record = index.record(node)
    return [] if record is None else index.represented(record)


def _consumed_by(index: LineageIndex, ref: Ref, identity: Identity) -> Iterator[Edge]:
    record = index.record(ref)
    for claim in record.inputs if record else ():
        if record is not None and index.identity(claim) == identity:
            yield from _input_edges(index, record, claim)


def _made_by(index: LineageIndex, ref: Ref, identity: Identity) -> Iterator[Edge]:
    record = index.record(ref)
    for claim in record.outputs if record else ():
        if record is not None and index.identity(claim) == identity:
            yield from _output_edges(index, record, claim)


# --- what a claim is worth -----------------------------------------------------------------------


def _input_edges(index: LineageIndex, record: Record, claim: Claim) -> Iterator[Edge]:
    verdict = None if claim.type == SERVICE_ADDRESS else judge_input(index, record, claim)
    if verdict is None:
        return  # a call is no part of what it is made of: opsboard.lineage.calls
    if claim.type in PLACES and not index.makers(index.identity(claim)):
        return  # that it is somewhere says nothing by itself
    owns = claim.type == WORKLOAD and runs(record.kind)
    for identity in index.resolve(index.identity(claim)):
        for thing in things(index, identity):
            if thing != record.ref:
                yield Edge(thing, record.ref, claim.rule, *verdict, owns)


def _output_edges(index: LineageIndex, record: Record, claim: Claim) -> Iterator[Edge]:
    if claim.type == SERVICE_ADDRESS:
        return
    meant = index.resolve(index.identity(claim))
    verdict = _ambiguous(meant) or _judge_made(index, claim)
    for identity in meant:
        for thing in things(index, identity):
            if thing != record.ref:
                yield Edge(record.ref, thing, claim.rule, *verdict)


def judge_input(index: LineageIndex, record: Record, claim: Claim) -> ClaimVerdict | None:
    """Return how far *claim*, an input of *record*, can be trusted; ``None`` for not at all."""
    if claim.type in _SURER and _is_overruled(index, record, claim):
        return _overruled(index, record, claim)
    meant = index.resolve(index.identity(claim))
    if claim.type == COMMIT and claim.strength.rank <= Strength.LABEL.rank:
        return _judge_label(index, record, claim, meant)
    if unclear := _ambiguous(meant):
        return unclear
    if claim.strength is Strength.CANDIDATE:
        return ClaimVerdict(Strength.CANDIDATE, UNVERIFIED)
    if claim.type in _SURER and (unclear := _many_have(index, meant[0])):
        return unclear
    return ClaimVerdict(claim.strength)


def _judge_label(
    index: LineageIndex, record: Record, claim: Claim, meant: tuple[Identity, ...]
) -> ClaimVerdict | None:
    """Return how far the commit that a label names can be trusted; not at all if inherited."""
    if is_inherited(index, record, meant[0]):
        return None
    if unclear := _ambiguous(meant):
        return unclear
    if claim.strength is Strength.CANDIDATE:
        return ClaimVerdict(Strength.CANDIDATE, UNVERIFIED)
    return judged_label(index, record, claim)


def _ambiguous(meant: tuple[Identity, ...]) -> ClaimVerdict | None:
    if len(meant) < 2:
        return None
    places = ", ".join(one.scope for one in meant[:3])
    return ClaimVerdict(
        Strength.CANDIDATE, f"it may be of any of {len(meant)}: {places}; nothing says which"
    )


def _is_overruled(index: LineageIndex, record: Record, claim: Claim) -> bool:
    """Tell whether *record* states by more than a movable name what it runs under that name."""
    return bool(_surer(index, record, claim))


def _surer(index: LineageIndex, record: Record, claim: Claim) -> list[Claim]:
    """Return what *record* states that may be the same thing as the movable name of *claim*.

    A sidecar whose digest is known says nothing of a container whose tag alone is.
    """
    surer = [one for one in solid(record.inputs, _SURER[claim.type]) if one.rule not in BESIDE]
    if claim.type == MODEL_ALIAS:
        model = claim.value.rpartition("@")[0]
        return [one for one in surer if one.value.rpartition("/")[0] == model]
    name = last_part(claim.scope)
    return [one for one in surer if (names := _image_names(index, one)) is None or name in names]


def _image_names(index: LineageIndex, claim: Claim) -> set[str] | None:
    """Return the names of the repositories that have the image of *claim*, ``None`` for unknown.

    A mirror has it under another address, by the same name.
    """
    found = set[str]()
    for identity in index.resolve(index.identity(claim)):
        for ref in index.representatives(identity):
            record = index.record(ref)
            if record is not None:
                found |= {one.scope for one in record.outputs if one.type == IMAGE_TAG}
                found |= {getattr(record, "repository", "")}
    return {last_part(one) for one in found if one} or None


def _overruled(index: LineageIndex, record: Record, claim: Claim) -> ClaimVerdict | None:
    """Return what the movable name says beside what is known: nothing, or that it was moved."""
    named = set(index.representatives(index.identity(claim)))
    if not named:
        return None
    surer = _surer(index, record, claim)
    for one in surer:
        for identity in index.resolve(index.identity(one)):
            if named & set(index.representatives(identity)):
                return None
    word = _THINGS[claim.type]
    known = any(index.representatives(index.identity(one)) for one in surer)
    said = "is known, and is not that" if known else "is known by a digest of no image on the board"
    return ClaimVerdict(Strength.CANDIDATE, f"the {word} leads there now; what runs {said}")


def _many_have(index: LineageIndex, identity: Identity) -> ClaimVerdict | None:
    """Return that several different things have the movable name *identity*, if so."""
    refs = index.representatives(identity)
    if len(refs) < 2 or _are_one(index, refs, _SURER[identity.type]):
        return None
    word = _THINGS[identity.type]
    return ClaimVerdict(Strength.CANDIDATE, f"{len(refs)} are said to have the {word}")


def _are_one(index: LineageIndex, refs: Iterable[Ref], type_: str) -> bool:
    """Tell whether all of *refs* are the same thing, as two views of one registry are."""
    shared: set[Identity] | None = None
    for ref in refs:
        record = index.record(ref)
        own = {one for one in index.represented(record) if one.type == type_} if record else set()
        shared = own if shared is None else shared & own
    return bool(shared)


def _judge_made(index: LineageIndex, claim: Claim) -> ClaimVerdict:
    """Return how far an output can be trusted of which the record is not the thing itself."""
    if claim.strength is Strength.CANDIDATE:
        return ClaimVerdict(Strength.CANDIDATE, UNVERIFIED)
    if claim.type in _SURER:
        identity = index.identity(claim)
        makers = [ref for ref in index.makers(identity) if not represents(ref.kind, identity[0])]
        if len(makers) > 1:
            word = _THINGS[claim.type]
            text = f"{len(makers)} have set the {word}; nothing says whose it is now"
            return ClaimVerdict(Strength.CANDIDATE, text)
    if claim.type in PLACES and (others := len(index.makers(index.identity(claim)))) > 1:
        return ClaimVerdict(Strength.CANDIDATE, f"{others} are said to have made it")
    return ClaimVerdict(claim.strength)


def _each_once(edges: Iterable[Edge]) -> list[Edge]:
    """Return one edge for each pair of nodes and rule, in one order: the surest first."""
    best: dict[tuple[Node, Node, str], Edge] = {}
    for edge in edges:
        key = (edge.upstream, edge.downstream, edge.rule)
        if key not in best or edge.strength.rank > best[key].strength.rank:
            best[key] = edge
    return sorted(best.values(), key=_order)


def _order(edge: Edge) -> tuple[int, Node, Node, str]:
    return (-edge.strength.rank, edge.upstream, edge.downstream, edge.rule)
