"""Which version an alias pointed to from when to when, and what a workload read that names it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.model_serving import alias_stretches, served_version
from opsboard.history.served import SERVING, ServedStretch, read_served, served
from opsboard.lineage.graph import Edge
from opsboard.lineage.model_servers import ModelServer
from opsboard.records import Alias, Deployment, Identity, Model, Strength
from opsboard.records.claims import MODEL_ALIAS
from tests.history.recording import SetClocks, recording
from tests.history.samples import NOON, at


def model(version: str, alias: str = "champion") -> Model:
    aliases = (Alias(alias, version),) if version else ()
    return Model(source="ml", id="fraud", name="fraud", serving=version, aliases=aliases)


def change(
    minutes: float, after: Model | None, *, baseline: bool = False, earliest: float | None = None
) -> Transition:
    ref = model("1").ref
    earlier = None if earliest is None else at(earliest)
    time = at(minutes)
    return Transition(
        int(minutes), ref, "all", time, time, None, after, earlier, "emre", baseline=baseline
    )


FIRST = change(0, model("5"), baseline=True)
NOW = at(100)


def champion(stretches: tuple[ServedStretch, ...]) -> list[ServedStretch]:
    return [one for one in stretches if one.alias == "champion"]


def test_stretches_follow_each_other_and_the_first_may_have_begun_before() -> None:
    changes = [FIRST, change(30, replace(model("5"), owner="x")), change(60, model("6"))]
    new, old = champion(served(changes, [], NOW))
    assert (new.version, new.since, new.until, new.who, new.at_least) == (
        "6", at(60), None, "emre", False,
    )  # fmt: skip
    assert (old.version, old.since, old.until, old.at_least) == ("5", at(0), at(60), True)
    assert old.watched
    assert new.watched


def test_what_serves_is_told_by_its_alias_and_alone_where_it_has_none() -> None:
    stretches = served([FIRST], [], NOW)
    assert {one.alias for one in stretches} == {SERVING, "champion"}
    assert [one.alias for one in alias_stretches(stretches)] == ["champion"]
    staged = replace(model("5"), aliases=(Alias("challenger", "7"),))
    told = alias_stretches(served([change(0, staged, baseline=True)], [], NOW))
    assert {(one.alias, one.version) for one in told} == {(SERVING, "5"), ("challenger", "7")}


def test_an_alias_that_was_taken_away_serves_no_longer() -> None:
    (only,) = champion(served([FIRST, change(10, model("")), change(20, None)], [], NOW))
    assert only.until == at(10)


def test_between_two_looks_and_where_nobody_looked() -> None:
    gap = Gap("ml", "all", at(20), at(40), GapReason.NO_BOARD)
    new, old = champion(served([FIRST, change(40, model("6"), earliest=20)], [gap], NOW))
    assert (new.earliest, new.watched) == (at(20), True)
    assert not old.watched


def test_a_new_first_look_hides_what_was_between() -> None:
    again = change(50, model("6"), baseline=True)
    new, old = champion(served([FIRST, again], [], NOW))
    assert new.at_least
    assert not old.watched


def test_of_the_newest_changes_alone_the_first_one_is_no_beginning() -> None:
    (only,) = champion(served([change(10, model("5"))], [], NOW, whole=False))
    assert only.at_least


# --- a workload that names an alias --------------------------------------------------------------


def server(started: float | None, alias: str = "champion", version: str = "") -> ModelServer:
    record = Deployment(source="k", id="web", name="web", workload="Deployment")
    node = Identity(MODEL_ALIAS, "ml", f"fraud@{alias}")
    edge = Edge(node, record.ref, "env MODEL_URI", Strength.TAG)
    since = None if started is None else at(started)
    return ModelServer(record, version, alias if not version else "", since, False, edge)


MOVED = served([FIRST, change(60, model("6"))], [], NOW)
UNWATCHED = tuple(replace(one, watched=False) for one in MOVED)


@pytest.mark.parametrize(
    ("started", "stretches", "text", "sure"),
    [
        (70, MOVED, "v6", True),
        (30, MOVED, "v5 or v6", False),
        (-5, MOVED, "@champion", False),  # before the first look
        (None, MOVED, "@champion", False),
        (70, (), "@champion", False),
        (70, UNWATCHED, "@champion", False),
    ],
)
def test_it_read_the_alias_as_it_started(
    started: float | None, stretches: tuple[ServedStretch, ...], text: str, sure: bool
) -> None:
    found = served_version(server(started), model("6"), stretches)
    assert (found.text, found.sure) == (text, sure)
    assert ("v6 now" in found.note) == (text == "@champion")


def test_a_version_that_is_stated_is_that_version() -> None:
    assert served_version(server(10, version="5"), model("6"), MOVED).text == "v5"


def test_at_a_time_between_two_looks_both_versions_are_told(tmp_path: Path) -> None:
    with recording(tmp_path, SetClocks()) as made:
        told = replace(model("5"), source="prod")
        made.lists(told, seconds=60)
        made.lists(told, seconds=600)
        before = made.clocks.now()
        made.lists(replace(model("6"), source="prod"), seconds=600)
        reader, after = made.reader, made.clocks.now()
        between = champion(read_served(reader, told.ref, before + timedelta(minutes=2)))
        assert [(one.version, one.next_version, one.moved_by) for one in between] == [
            ("5", "6", after),
        ]  # fmt: skip
        assert not between[0].watched
        shown = served_version(server(0), told, between)
        assert not shown.sure
        assert "moved from v5 to v6" in shown.note
        (only,) = champion(read_served(reader, told.ref, before))
        assert (only.version, only.next_version, only.watched) == ("5", "", True)
        new, _ = champion(read_served(reader, told.ref, after))
        assert (new.version, new.next_version) == ("6", "")
        assert not read_served(reader, told.ref, NOON - timedelta(hours=1))
