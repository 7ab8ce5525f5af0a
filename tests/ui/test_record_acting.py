"""What is done with records: alerts acknowledged and silenced, texts copied, pages opened."""

from datetime import timedelta

from textual.pilot import Pilot

from opsboard.acting.actor import current_actor
from opsboard.board.alert_acks import AckChange
from opsboard.records import Alert, AlertState
from opsboard.ui.screens.board import BoardScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import ALERTS
from tests.ui.start_screens import detail


async def _mark_all(stage: AppHarness, pilot: Pilot[int]) -> None:
    await stage.does(pilot, "4", "M", then="5 marked")


def _states(stage: AppHarness) -> set[AlertState]:
    found = [stage.board.get(alert.ref) for alert in ALERTS]
    return {alert.state for alert in found if isinstance(alert, Alert)}


async def test_marked_alerts_are_acknowledged_and_opened_again() -> None:
    stage = AppHarness(BoardScreen)
    async with stage.run(size=(80, 24)) as pilot:
        await _mark_all(stage, pilot)
        await pilot.press("a")
        await until(pilot, lambda: _states(stage) == {AlertState.ACKNOWLEDGED})
        await stage.sees(pilot, "5 alerts acknowledged")
        await pilot.press("a")
        await until(pilot, lambda: _states(stage) == {AlertState.OPEN})


async def test_a_snooze_is_chosen_and_ends() -> None:
    stage = AppHarness(BoardScreen)
    async with stage.run(size=(80, 24)) as pilot:
        await _mark_all(stage, pilot)
        await stage.does(pilot, "s", then="Silence 5 alerts for")
        await pilot.press("2")
        await until(pilot, lambda: _states(stage) == {AlertState.SNOOZED})
        stage.clock.time += timedelta(minutes=61)
        await until(pilot, lambda: _states(stage) == {AlertState.OPEN})


async def test_a_reason_is_told_with_who_and_when() -> None:
    stage = AppHarness(BoardScreen)
    told: list[AckChange] = []
    async with stage.run(size=(80, 24)) as pilot:
        stage.board._alert_manager._acks.on_change = told.append
        await _mark_all(stage, pilot)
        await pilot.press("colon", *"ack a known bug", "enter")
        await until(pilot, lambda: _states(stage) == {AlertState.ACKNOWLEDGED})
        await pilot.press("colon", *"ack still known", "enter")
        await until(pilot, lambda: len(told) == 10)
        assert _states(stage) == {AlertState.ACKNOWLEDGED}, "a reason opens nothing again"
        await pilot.press("colon", *"snooze 2h the index is built", "enter")
        await until(pilot, lambda: _states(stage) == {AlertState.SNOOZED})
    who = current_actor({}).user
    assert {(one.state, one.reason) for one in told} == {
        (AlertState.ACKNOWLEDGED, "a known bug"),
        (AlertState.ACKNOWLEDGED, "still known"),
        (AlertState.SNOOZED, "the index is built"),
    }
    assert all(who in one.actor and one.alert is not None for one in told)
    assert {one.until for one in told[10:]} == {stage.clock.time + timedelta(hours=2)}


async def test_copying_offers_cell_name_and_address() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (120, 36)) as pilot:
        await stage.does(pilot, "c", then="Copy to the clipboard")
        await stage.does(pilot, "3", then="Copied address")


async def test_without_a_browser_the_address_is_copied() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (120, 36)) as pilot:
        await stage.does(pilot, "o", then="no browser here")
