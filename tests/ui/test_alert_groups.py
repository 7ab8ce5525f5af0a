"""Alerts of one outage on the screen: one line, unfolded by Right or Enter, acted on one by one."""

from dataclasses import replace
from datetime import timedelta

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.lineage.outages import outages
from opsboard.records import Alert, AlertState, Kind, Status
from opsboard.ui.messages import ClockTicked
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.widgets.detail_preview import DetailPreview
from tests.lineage.estate import digest, live
from tests.ui.app_harness import NOW, AppHarness, until

_CRASHING = [
    live("checkout", digest(1), status=Status.FAILED, reason="CrashLoopBackOff", id=where,
         environment=where)
    for where in ("production", "staging", "test")
]  # fmt: skip


def _stage() -> Board:
    board = Board({"k8s": "clusters"})
    other = live("audit", digest(2), status=Status.FAILED, reason="Error")
    board.apply([BoardEvent("k8s", Upsert("all", [*_CRASHING, other]), NOW)])
    return board


def _states(board: Board) -> set[tuple[str, AlertState]]:
    alerts = board.records(Kind.ALERT).values()
    return {(one.environment, one.state) for one in alerts if isinstance(one, Alert)}


async def test_one_line_of_an_outage_unfolds_and_each_alert_is_acknowledged_by_itself() -> None:
    board = _stage()
    harness = AppHarness(BoardScreen, board=board)
    async with harness.run((160, 44)) as pilot:
        await harness.does(pilot, "4", "z", then="+2 of the same image")
        assert "4 Alerts 4 ✗4" in harness.text
        await harness.does(pilot, "down", then="+2 of the same image")
        await harness.does(pilot, "right", then="└ checkout")
        assert harness.text.count("└ checkout") == 2
        await pilot.press("left")
        await until(pilot, lambda: "└" not in harness.text)
        await harness.does(pilot, "enter", then="└ checkout")
        await pilot.press("left")
        await until(pilot, lambda: "└" not in harness.text)
        await harness.does(pilot, "a", then="2 of the same image stay open")
        assert (str(_CRASHING[0].environment), AlertState.ACKNOWLEDGED) in _states(board)
        quiet = [one for one in _states(board) if one[1] is AlertState.ACKNOWLEDGED]
        assert len(quiet) == 1
        await harness.sees(pilot, "+1 of the same image")


async def test_an_image_that_becomes_known_later_joins_what_is_listed() -> None:
    apart = [replace(one, inputs=()) for one in _CRASHING]
    board = Board({"k8s": "clusters"})
    board.apply([BoardEvent("k8s", Upsert("all", apart), NOW)])
    harness = AppHarness(BoardScreen, board=board)
    async with harness.run((160, 44)) as pilot:
        await harness.does(pilot, "4", "z", then="4 Alerts 3 ✗3")
        assert "of the same" not in harness.text
        harness.feed.pending.append(BoardEvent("k8s", Upsert("all", _CRASHING), NOW))
        harness.feed.wake()
        await harness.sees(pilot, "+2 of the same image")
        alerts = [one for one in board.records(Kind.ALERT).values() if isinstance(one, Alert)]
        assert len(outages(board.lineage, alerts)) == 1


def _told(aside: DetailPreview) -> list[str]:
    """Return what the lines say, wherever they are broken into columns."""
    return [" ".join(row.text.plain.split()) for row in aside.page.rows]


async def test_the_other_alerts_of_an_outage_age_beside_a_page_too() -> None:
    harness = AppHarness(BoardScreen, board=_stage())
    async with harness.run((160, 44)) as pilot:
        await harness.does(pilot, "4", "z", then="+2 of the same image")
        await harness.does(pilot, "down", "right", then="└ checkout")
        await harness.does(pilot, "enter", then="Of the same image")
        aside = harness.app.screen.query_one(DetailPreview)
        await until(pilot, lambda: aside.is_at_rest and bool(aside.page.rows))
        before = _told(aside)
        assert any(line.endswith("now") for line in before)
        harness.clock.time += timedelta(hours=3)
        harness.app.screen.post_message(ClockTicked(harness.clock.time))
        after = [line.replace(" now", " 3h") for line in before]
        await until(pilot, lambda: _told(aside) == after)
