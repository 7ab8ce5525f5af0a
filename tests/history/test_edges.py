"""What records state of themselves is walked both ways, as it was at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsboard.history.forgetting import forget
from opsboard.history.ledger import Ledger
from opsboard.records import Record, Ref
from opsboard.records.claims import Claim, Strength
from tests.history.samples import ALICE, BOB, NOON, at, deployment, new


def thing(name: str, inputs: str = "", outputs: str = "", *, rule: str = "said") -> Record:
    """Return a record that is made of the letters of *inputs*, and makes those of *outputs*."""
    one = deployment(name=name)
    parts = {
        field: tuple(Claim("image", "", letter, rule, Strength.DIGEST) for letter in letters)
        for field, letters in (("inputs", inputs), ("outputs", outputs))
    }
    return type(one)(**{**vars(one), **parts})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


def walked(ledger: Ledger, ref: Ref, minutes: float, **options: bool) -> set[tuple[str, str]]:
    reader = ledger.reader({"prod": ALICE})
    found = reader.edges(ref, at(minutes), **options)
    assert not reader.problem
    reader.close()
    return {(edge.upstream.id[5:], edge.downstream.id[5:]) for edge in found}


def test_a_walk_goes_both_ways_and_in_circles_without_end(ledger: Ledger) -> None:
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    chain = [thing("a", "z", "b"), thing("c", "b", "d"), thing("e", "d", "f"), thing("g", "f", "z")]
    ledger.append([new(source, 1, one) for one in chain])
    everything = {("a", "c"), ("c", "e"), ("e", "g"), ("g", "a")}
    assert walked(ledger, thing("e").ref, 2) == everything
    assert walked(ledger, thing("e").ref, 2, downstream=True) == everything
    assert walked(ledger, thing("e").ref, 0) == set(), "nothing was stated yet"


def test_a_claim_holds_as_long_as_it_was_stated(ledger: Ledger) -> None:
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    for letter in "xy":
        ledger.append([new(source, 0, thing(letter, "", letter))])
    runs = thing("runs", "x").ref
    ledger.append([new(source, 1, thing("runs", "x")), new(source, 5, thing("runs", "y"))])
    ledger.append([new(source, 9, None, ref=runs)])
    assert walked(ledger, runs, 4.9) == {("x", "runs")}
    assert walked(ledger, runs, 5) == {("y", "runs")}
    assert walked(ledger, thing("x").ref, 6, downstream=True) == set()
    assert walked(ledger, runs, 9) == set()


def test_no_walk_leads_to_what_another_principal_has_seen(ledger: Ledger) -> None:
    mine = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    theirs = ledger.source(BOB, "prod", "Kubernetes", NOON)
    ledger.append([new(mine, 1, thing("runs", "x")), new(theirs, 1, thing("makes", "", "x"))])
    assert walked(ledger, thing("runs").ref, 2) == set()


def test_what_is_forgotten_states_nothing(ledger: Ledger) -> None:
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append([new(source, 1, thing("runs", "x")), new(source, 1, thing("makes", "", "x"))])
    forget(ledger, [source])
    with ledger.reading() as database:
        for table in ("claim", "identity", "entity", "transition", "scope", "login"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
