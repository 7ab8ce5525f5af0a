"""What holds for any records in any order."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.lineage.chain import chain
from opsboard.lineage.edges import edges_into, edges_out_of
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.walk import solid_downstream, solid_upstream
from opsboard.records import Claim, Identity, Record, Ref, Strength
from opsboard.records.identity import model_version
from tests.lineage.estate import (
    MLFLOW,
    REGISTRY,
    SHOP,
    build,
    digest,
    drift,
    index_of,
    live,
    merged,
    picture,
    pod,
    renamed,
    sha,
    version,
)

FEW = st.integers(0, 3)
SCOPES = st.sampled_from(["", SHOP, "github.com/mallory/checkout"])
NAMES = st.sampled_from(["checkout", "cart", "fraud"])
TAGS = st.sampled_from([(), ("v1",), ("latest", sha(1)[:7]), (sha(2)[:7],)])
SERVERS = st.sampled_from(["", MLFLOW, "https://other.example"])
DIGESTS = st.lists(FEW.map(digest), max_size=2, unique=True).map(tuple)
STRENGTHS = st.sampled_from(list(Strength))


def _served(server: str, model: str, number: int) -> tuple[Claim | None, ...]:
    return (model_version(server, model, str(number), "env MODEL_URI", Strength.LABEL),)


@st.composite
def _image(draw: st.DrawFn) -> Record:
    digests = draw(st.lists(FEW.map(digest), min_size=1, max_size=3, unique=True))
    return picture(
        draw(NAMES), *digests, tags=draw(TAGS), revision=draw(FEW.map(sha)), origin=draw(SCOPES),
        base=draw(st.sampled_from(["", digest(0), digest(9)])), created=draw(FEW) * 4,
        strength=draw(STRENGTHS), source=draw(st.sampled_from(["registry", "mirror"])),
    )  # fmt: skip


RECORDS = st.one_of(
    st.builds(build, FEW, FEW.map(sha), st.sampled_from([SHOP, "github.com/mallory/checkout"]),
              makes=DIGESTS, tags=st.sampled_from([(), (f"{REGISTRY}/checkout:v1",)])),
    _image(),
    st.builds(lambda name, digests, tag, models: live(name, *digests, tag=tag, models=models),
              NAMES, DIGESTS, st.sampled_from(["", "v1", "latest"]),
              st.one_of(st.just(()), st.builds(_served, SERVERS, NAMES, FEW))),
    st.builds(pod, FEW, NAMES, FEW.map(digest)),
    st.builds(version, NAMES, FEW, made_from=FEW.map(sha), origin=SCOPES,
              server=st.sampled_from([MLFLOW, "https://other.example"])),
    st.builds(drift, NAMES, FEW),
    st.builds(renamed, st.sampled_from([SHOP, "github.com/acme/shop"]),
              st.sampled_from(["github.com/mallory/checkout", SHOP]),
              source=st.sampled_from(["github", "ghe"])),
    st.builds(merged, FEW, FEW.map(sha), FEW.map(sha)),
)  # fmt: skip
ESTATES = st.lists(RECORDS, max_size=12, unique_by=lambda record: record.ref)


def _nodes(index: LineageIndex) -> list[Ref | Identity]:
    refs: list[Ref | Identity] = [record.ref for record in index.records()]
    ends = [end for one in refs for edge in edges_into(index, one) for end in edge[:2]]
    ends += [end for one in refs for edge in edges_out_of(index, one) for end in edge[:2]]
    return list(dict.fromkeys([*refs, *ends]))


def _picture_of(index: LineageIndex) -> dict[object, object]:
    return {
        node: (edges_into(index, node), edges_out_of(index, node), chain(index, node))
        for node in _nodes(index)
    }


@settings(max_examples=60, deadline=None)
@given(ESTATES, st.randoms(use_true_random=False))
def test_the_order_of_updates_makes_no_difference(
    records: list[Record], chance: random.Random
) -> None:
    mixed = list(records)
    chance.shuffle(mixed)
    one_by_one = LineageIndex()
    for record in mixed:
        one_by_one.update([record])
    assert _picture_of(one_by_one) == _picture_of(index_of(*records))


@settings(max_examples=60, deadline=None)
@given(ESTATES, ESTATES)
def test_what_is_added_and_removed_leaves_no_trace(
    records: list[Record], others: list[Record]
) -> None:
    known = {record.ref for record in records}
    index = index_of(*records)
    before = _picture_of(index)
    index.update(others)
    index.update(records, [other.ref for other in others if other.ref not in known])
    assert _picture_of(index) == before
    index.update([], known)
    assert len(index) == 0
    assert not any((index._inputs, index._outputs, index._scopes, index._names))
    assert not any((index._sure, index._hosted, index._renamed, index._aliases))


@settings(max_examples=60, deadline=None)
@given(ESTATES)
def test_an_edge_is_the_same_from_both_of_its_ends(records: list[Record]) -> None:
    index = index_of(*records)
    for node in _nodes(index):
        for edge in edges_into(index, node):
            assert edge.downstream == node
            assert edge in edges_out_of(index, edge.upstream)
        for edge in edges_out_of(index, node):
            assert edge.upstream == node
            assert edge in edges_into(index, edge.downstream)


@settings(max_examples=60, deadline=None)
@given(ESTATES)
def test_no_walk_goes_by_a_candidate(records: list[Record]) -> None:
    index = index_of(*records)
    for node in _nodes(index):
        for reached in (solid_upstream(index, node), solid_downstream(index, node)):
            assert not any(edge.is_candidate for edge in reached.edges)
        told = chain(index, node)
        assert all(edge.note for edge in told.edges if edge.is_candidate)
        solid = {end for edge in told.edges if not edge.is_candidate for end in edge[:2]}
        assert told.solid <= solid | {told.start}
        assert {end for edge in told.edges for end in edge[:2]} <= set(told.nodes)


@settings(max_examples=60, deadline=None)
@given(ESTATES)
def test_a_solid_edge_is_never_by_less_than_was_stated(records: list[Record]) -> None:
    index = index_of(*records)
    for node in _nodes(index):
        for edge in edges_into(index, node):
            ends = [index.record(end) for end in edge[:2] if isinstance(end, Ref)]
            claims = [c for end in ends if end for c in (*end.inputs, *end.outputs)]
            assert any(
                claim.rule == edge.rule and edge.strength.rank <= claim.strength.rank
                for claim in claims
            )
