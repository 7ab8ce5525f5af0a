"""A pane tells the age of what it shows, and of nothing else."""

from datetime import timedelta

import pytest

from opsboard.adapter import Change, Condition, Due, Fresh, Health, Report, Skipped, listing
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.board.state import Board
from opsboard.records import Kind, Status
from opsboard.ui.render.pane_freshness import PaneFreshness, freshness_of
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.widgets.pane_title import PaneTitle
from tests.board import NOW, build, builds, deployment, events
from tests.ui.app_harness import AppHarness

OLD = NOW - timedelta(minutes=2)
LIVE = Report(Health(condition=Condition.LIVE))


def _deployments(source: str = "ci") -> list[Change]:
    return [*listing("deployments", [deployment(source=source)])]


def _fresh(board: Board, kind: Kind = Kind.BUILD) -> PaneFreshness:
    return freshness_of(kind, board.sources(), NOW)


def _board(*changes: Change, at: object = NOW) -> Board:
    board = Board()
    board.apply(events("ci", LIVE, *changes, at=at))  # type: ignore[arg-type]
    return board


def test_an_old_scope_of_another_kind_makes_no_row_old() -> None:
    board = _board(*_deployments(), at=OLD)
    board.apply(events("ci", *listing("runs", builds(2))))
    assert _fresh(board) == PaneFreshness("now")
    assert _fresh(board, Kind.DEPLOYMENT) == PaneFreshness("2m ago")


def test_the_oldest_scope_of_the_kind_counts() -> None:
    board = _board(*listing("web", [build(1)]), at=OLD)
    board.apply(events("ci", *listing("api", [build(2)])))
    assert _fresh(board) == PaneFreshness("2m ago")


def test_services_are_as_old_as_the_oldest_of_their_parts() -> None:
    board = _board(*_deployments(), at=OLD)
    board.apply(events("ci", *listing("runs", builds(2))))
    assert _fresh(board, Kind.SERVICE) == PaneFreshness("2m ago")
    health = Health(condition=Condition.UNREACHABLE, message="gone")
    board.apply(events("ci", Report(health, "deployments")))
    assert _fresh(board, Kind.SERVICE).status is Status.FAILED
    assert _fresh(board, Kind.SERVICE).words.startswith("ci 1 of 2 unreachable")


def test_services_say_who_has_yet_to_answer_for_them() -> None:
    board = _board(*listing("runs", builds(2)))
    board.apply(events("kube", Report(Health(condition=Condition.STARTING), "apps")))
    assert _fresh(board, Kind.SERVICE) == PaneFreshness(
        "joins not all known: kube to answer", Status.RUNNING
    )
    assert _fresh(board).status is Status.OK
    board.apply(events("kube", *listing("apps", [deployment(source="kube")])))
    assert _fresh(board, Kind.SERVICE).status is Status.OK


def test_what_streams_is_live() -> None:
    board = _board(*listing("web", [build(1)]), Fresh("web", streaming=True), at=OLD)
    assert _fresh(board) == PaneFreshness("live")


def test_what_streams_in_part_tells_the_age_of_the_rest() -> None:
    board = _board(*listing("web", [build(1)]), Fresh("web", streaming=True), at=OLD)
    board.apply(events("ci", *listing("api", [build(2)]), at=OLD))
    assert _fresh(board) == PaneFreshness("live, oldest 2m")
    board.apply(events("ci", Fresh("api")))
    assert _fresh(board) == PaneFreshness("live")


def test_what_is_from_disk_says_so() -> None:
    board = Board()
    board.apply([BoardEvent("ci", RestoredScope("web", builds(1), SourceInfo("GitHub", "k")), OLD)])
    assert _fresh(board) == PaneFreshness("2m old, from disk")


def test_a_part_of_the_kind_that_fails_is_counted() -> None:
    down = Health(condition=Condition.UNREACHABLE, message="no route")
    runs: list[Change] = [*listing("web", [build(1)]), *listing("api", [build(2)])]
    board = _board(*runs, *_deployments(), at=OLD)
    board.apply(events("ci", Report(down, "api"), Fresh("web")))
    assert _fresh(board) == PaneFreshness("ci 1 of 2 unreachable, 2m old", Status.FAILED)
    assert _fresh(board, Kind.DEPLOYMENT).status is Status.OK, "it shows none of that"


def test_a_part_that_never_told_of_any_kind_may_be_of_this_one() -> None:
    down = Health(condition=Condition.UNREACHABLE, message="no route")
    board = _board(*listing("web", [build(1)]), Report(down, "us"))
    assert _fresh(board) == PaneFreshness("ci 1 of 2 unreachable", Status.FAILED)


def test_a_source_that_fails_as_a_whole() -> None:
    board = _board(*listing("web", [build(1)]), at=OLD)
    board.apply(events("ci", Report(Health(condition=Condition.UNAUTHENTICATED))))
    assert _fresh(board) == PaneFreshness("ci unauthenticated, 2m old", Status.FAILED)


def test_what_is_throttled_gives_its_age() -> None:
    board = _board(*listing("web", [build(1)]), at=OLD)
    board.apply(events("ci", Report(Health(condition=Condition.THROTTLED))))
    assert _fresh(board) == PaneFreshness("ci throttled, 2m old", Status.WARNING)


def test_what_is_overdue_says_so() -> None:
    board = _board(*listing("web", [build(1)]), Due("web", 10.0), at=OLD)
    board.tick(NOW)
    assert _fresh(board) == PaneFreshness("ci overdue, 2m old", Status.WARNING)


def test_what_was_not_read_is_counted() -> None:
    board = _board(*listing("web", [build(1)]), Skipped(scope="web", count=3, total=120))
    assert _fresh(board) == PaneFreshness("3 of 120 of ci not read", Status.WARNING)


def test_what_is_there_in_part_says_so() -> None:
    some = Health(condition=Condition.PARTIAL, message="1 page of 3 is missing")
    board = _board(*listing("web", [build(1)]), Report(some, "web"))
    assert _fresh(board) == PaneFreshness("ci partial", Status.WARNING)


@pytest.mark.parametrize("kind", [Kind.ACTIVITY, Kind.POD])
def test_what_no_source_told_has_no_age(kind: Kind) -> None:
    assert _fresh(_board(*listing("web", [build(1)])), kind) == PaneFreshness("")


def test_alerts_are_as_old_as_what_they_are_drawn_from() -> None:
    board = _board(*listing("web", [build(1, Status.FAILED)]), at=OLD)
    assert _fresh(board, Kind.ALERT) == PaneFreshness("2m ago")


@pytest.mark.parametrize("condition", [Condition.STARTING, Condition.LIVE])
def test_what_is_still_to_come_is_told(condition: Condition) -> None:
    board = _board(*listing("web", [build(1)]))
    board.apply(events("ci", Report(Health(condition=condition, message="9 runs to come"), "web")))
    assert _fresh(board) == PaneFreshness("ci: 9 runs to come", Status.RUNNING)
    board.apply(events("ci", Fresh("web")))
    assert _fresh(board) == PaneFreshness("now")


def test_a_remark_with_a_way_out_stands_elsewhere() -> None:
    board = _board(*listing("web", [build(1)]))
    said = Health(condition=Condition.LIVE, message="asked without a login", hint="add a login")
    board.apply(events("ci", Report(said, "web")))
    assert _fresh(board) == PaneFreshness("now")


async def test_before_the_demo_has_its_servers_no_config_is_asked_for() -> None:
    app = AppHarness(BoardScreen, board=Board({}), demo=True)
    async with app.showing("No alerts yet: the demo is starting."):
        assert "init" not in app.text


async def test_a_long_account_of_what_is_wrong_leaves_the_counts_whole() -> None:
    stage = AppHarness(BoardScreen)
    down = Health(condition=Condition.UNREACHABLE)
    for team in ("of-search", "of-checkout", "of-payments"):
        stage.board.apply([BoardEvent(f"mlflow-{team}", Report(down), NOW)])
    async with stage.showing("4 Alerts", (120, 36)):
        title = next(
            one for one in stage.app.screen.query(PaneTitle) if "Alerts" in one.title_text()
        )
        counts = title.content(current=False).plain
        for width in (40, 60, 72):
            line = title.line(width)
            assert line.plain.startswith(f"{counts} ")
            assert line.plain.rstrip().endswith("…")
            assert line.cell_len == width
