"""At a start, a service is neither shown twice nor said to be gone: what joins it may come last."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Condition, Health, Report, Upsert, listing
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo, SourceList
from opsboard.board.state import Board
from opsboard.records import Kind, Record
from tests.board import NOW, events
from tests.board.test_services import FRAUD, _served, hosted, services, stored
from tests.lineage.estate import SHOP, build, digest, live, sha, version

_TITLES = {name: name for name in ("github", "k8s", "mlflow", "registry")}
_TOLD: dict[tuple[str, str], Sequence[Record]] = {
    ("github", "runs"): [build(1, sha(1))],
    ("github", "deployments"): [hosted(sha(1)), hosted(sha(1), "staging")],
    ("k8s", "apps"): [live("checkout", digest(1), tag="v1")],
    ("k8s", "ml"): [live("scoring", digest(2), models=_served(5))],
    ("mlflow", "models"): [FRAUD, version("fraud", 5)],
    ("registry", "checkout"): [stored("checkout", 1, sha(1), tag="v1")],
}
"""What each source tells, by scope: the last one joins the first two."""


def _starting() -> Board:
    """Return a board whose sources have named their scopes, and told nothing of them."""
    board = Board(_TITLES)
    starting = Health(condition=Condition.STARTING)
    for source, scope in _TOLD:
        board.apply(events(source, Report(Health(condition=Condition.LIVE))))
        board.apply(events(source, Report(starting, scope)))
    return board


def _tell(board: Board, place: tuple[str, str]) -> None:
    source, scope = place
    board.apply(events(source, *listing(scope, _TOLD[place])))


@given(st.permutations(list(_TOLD)))
def test_whatever_answers_first_no_service_comes_and_goes(
    order: Sequence[tuple[str, str]],
) -> None:
    board, before = _starting(), set[str]()
    for place in order:
        _tell(board, place)
        now = set(services(board))
        assert before <= now, f"gone once {place} had answered"
        before = now
    assert before == {"checkout", "scoring"}


def test_who_cannot_answer_is_not_waited_for() -> None:
    board = _starting()
    _tell(board, ("github", "deployments"))
    assert not services(board)
    for name in ("k8s", "mlflow", "registry"):
        down = Health(condition=Condition.UNREACHABLE, message="timed out")
        board.apply(events(name, Report(down)))
    assert list(services(board)) == ["checkout"], "its own builds are no workload"


def test_where_there_is_one_source_it_is_shown_what_it_tells_at_once() -> None:
    board = Board({"github": "GitHub"})
    starting = Report(Health(condition=Condition.STARTING), "runs")
    told = (*listing("deployments", [hosted(sha(1))]), starting)
    board.apply(events("github", Report(Health(condition=Condition.LIVE)), *told))
    assert list(services(board)) == ["checkout"]


@pytest.mark.parametrize("later", ["k8s", "registry"])
def test_what_an_earlier_session_has_joined_is_shown_from_the_cache(later: str) -> None:
    board = Board(_TITLES)
    board.apply(
        BoardEvent(source, RestoredScope(scope, tuple(records), SourceInfo(source, "key")), NOW)
        for (source, scope), records in _TOLD.items()
        if source != later
    )
    shown = set(services(board))
    assert {"registry": {"scoring"}, "k8s": {"checkout", "fraud"}}[later] <= shown


def test_a_service_on_the_board_stays_while_a_new_source_is_asked() -> None:
    board = Board({"github": "GitHub"})
    board.apply(events("github", *listing("deployments", [hosted(sha(1))])))
    infos = {name: SourceInfo(name, "key") for name in ("github", "k8s", "registry")}
    board.apply([BoardEvent("", SourceList(infos), NOW)])
    board.apply(events("github", Upsert("deployments", [hosted(sha(2))])))
    assert list(services(board)) == ["checkout"]
    _tell(board, ("registry", "checkout"))
    _tell(board, ("k8s", "apps"))
    assert [one.repository for one in services(board).values()] == [SHOP]
    assert len(board.records(Kind.SERVICE)) == 1


def test_two_that_would_be_called_the_same_are_told_apart() -> None:
    """As on GitHub: the image ghcr.io/acme/checkout, whose labels say nothing, and its code."""
    board = Board(_TITLES)
    board.apply(events("github", *listing("deployments", [hosted(sha(1))])))
    image = live("checkout", digest(1), repository="ghcr.io/acme/checkout", tag="v1")
    board.apply(events("k8s", *listing("apps", [image])))
    for name in ("mlflow", "registry"):
        board.apply(events(name, *listing("all", [])))
    assert set(services(board)) == {
        "checkout (acme/checkout)", "checkout (github.com/acme/checkout)",
    }  # fmt: skip
