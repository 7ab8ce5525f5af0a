"""The rows of a chain: in which order they stand, and what is only counted."""

import pytest

from opsboard.lineage.chain import chain
from opsboard.lineage.graph import Node
from opsboard.lineage.index import LineageIndex
from opsboard.records import Identity, Record, Ref
from opsboard.views.lineage_rows import (
    MOST_BESIDE,
    EdgeRow,
    LineageRow,
    MoreRow,
    NodeRow,
    identity_row,
    lineage_rows,
    record_row,
)
from tests.lineage.estate import (
    SHOP,
    build,
    commit_node,
    digest,
    index_of,
    known_commit,
    live,
    merged,
    picture,
    pod,
    sha,
)


def _rows(index: LineageIndex, node: Node) -> list[LineageRow]:
    found = chain(index, node)

    def describe(one: Node) -> NodeRow:
        record = index.record(one) if isinstance(one, Ref) else None
        return record_row(record) if record else identity_row(Identity(*one))

    missing: dict[Node, list[str]] = {}
    for lack in found.missing:
        missing.setdefault(lack.node, []).append(lack.note)
    return lineage_rows(found.start, found.edges, describe, missing, found.bases)


def _names(index: LineageIndex, node: Node) -> list[str]:
    return [one.name for one in _rows(index, node) if isinstance(one, NodeRow)]


def _built_on(*bases: Record) -> tuple[LineageIndex, Ref]:
    """Return a workload, merged and attested, whose image is built on an image of its own past."""
    run = build(7, sha(1), makes=(digest(1),))
    made = picture("checkout", digest(1), revision=sha(1), origin=SHOP, base=digest(8),
                   tags=(sha(1)[:7],))  # fmt: skip
    deployed = live("checkout", digest(1), tag="v56")
    index = index_of(run, made, deployed, known_commit(sha(1)), merged(3, sha(2), sha(1)), *bases)
    return index, deployed.ref


BASE = picture("base", digest(8), revision=sha(8), origin="github.com/acme/base",
               tags=(sha(8)[:7],), base=digest(9))  # fmt: skip


@pytest.mark.parametrize("bases", [(BASE,), ()], ids=["known", "unknown"])
def test_a_chain_begins_with_what_was_merged_and_a_base_image_comes_last(
    bases: tuple[Record, ...],
) -> None:
    index, deployed = _built_on(*bases)
    names = _names(index, deployed)
    base = names.index(BASE.name if bases else digest(8)[:19])
    assert names[0] == sha(2)[:7]  # the head of the pull request
    assert names.index(sha(1)[:7]) < names.index("ci #7") < base
    assert names[base + 1 :] == ["checkout", "checkout"]  # the image, and what runs it


def test_what_a_base_image_is_made_of_is_counted() -> None:
    index, deployed = _built_on(BASE)
    rows = _rows(index, deployed)
    assert sha(8)[:7] not in _names(index, deployed)
    base = next(at for at, one in enumerate(rows) if isinstance(one, NodeRow)
                and one.node == BASE.ref)  # fmt: skip
    assert isinstance(rows[base - 1], MoreRow)
    assert rows[base - 1].count == 2  # type: ignore[union-attr]
    assert sha(8)[:7] in _names(index, BASE.ref)  # its own chain has them


def test_of_many_beside_each_other_the_surest_are_shown() -> None:
    run = build(7, sha(1), makes=(digest(1),))
    others = [picture(f"other-{n}", digest(20 + n), revision=sha(1), origin="github.com/acme/odd")
              for n in range(MOST_BESIDE + 3)]  # fmt: skip
    index = index_of(run, picture("checkout", digest(1)), *others)
    rows = _rows(index, commit_node(sha(1), SHOP))
    assert "ci #7" in [one.name for one in rows if isinstance(one, NodeRow)]
    edges = [one for one in rows if isinstance(one, EdgeRow)]
    assert not edges[0].candidate


def test_what_is_made_of_it_stands_below() -> None:
    made = picture("checkout", digest(1), revision=sha(1), origin=SHOP, tags=(sha(1)[:7],))
    index = index_of(build(7, sha(1)), made, live("checkout", digest(1)), pod(1, "checkout"))
    names = _names(index, commit_node(sha(1)))
    assert names[0] == sha(1)[:7]
    assert names[1:3] == ["ci #7", made.name]
    assert names.index("ci #7") < names.index(made.name) < len(names) - 1
