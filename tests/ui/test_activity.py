"""What is under way, and what was done: the line on every screen, the pane, the way out."""

from dataclasses import replace

import pytest

from opsboard.adapter import Detail, NotFound
from opsboard.board.events import ActivityUpdate, BoardEvent
from opsboard.records import Activity, ActivityState, Status
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.confirm import ConfirmScreen
from opsboard.ui.screens.detail import DetailScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs, act, facts_of, workload
from tests.ui.sample_board import BUILD, NOW, stage_board
from tests.ui.start_screens import filled

WORKLOAD = workload()
ROLLBACK = act("a1", "Roll back checkout: checkout", done=3, total=5)
RERUN = act("a2", "Re-run ci: ci", action="rerun", target="run shop/api #412")
DONE = replace(
    act("a0", "Roll back search: search", state=ActivityState.SUCCEEDED),
    produced=BUILD.ref,
    finished_at=NOW,
)


def acting(*acts: Activity, sending: int = 0, read_only: bool = False) -> AppHarness:
    """Return a board with a workload and *acts*."""
    board = filled(stage_board(), [WORKLOAD])
    board.apply([BoardEvent("", ActivityUpdate(acts), NOW)])
    fake = FakeActs(WORKLOAD)
    fake.sending_count = sending
    return AppHarness(BoardScreen, board=board, acts=fake, read_only=read_only)


def tell(stage: AppHarness, *acts: Activity) -> None:
    """Let the board hear of *acts*."""
    stage.app.board_changed(stage.board.apply([BoardEvent("", ActivityUpdate(acts), NOW)]))


def ended(one: Activity, state: ActivityState, message: str = "") -> Activity:
    """Return *one* as it has ended."""
    status = Status.OK if state is ActivityState.SUCCEEDED else Status.FAILED
    return replace(
        one, state=state, status=status, reason=state.value, message=message, finished_at=NOW
    )


async def test_what_is_under_way_is_told_on_every_screen() -> None:
    stage = acting(ROLLBACK)
    line = "◐ 1 action running: Roll back checkout: checkout 3/5  waiting for pods"
    async with stage.showing(line) as pilot:
        await stage.does(pilot, "2", "y", then="YAML")
        assert line in stage.text
        await stage.does(pilot, "question_mark", then="Show it as JSON")
        assert line in stage.text


async def test_several_are_counted_and_the_line_goes_with_the_last() -> None:
    stage = acting(ROLLBACK)
    async with stage.showing("1 action running") as pilot:
        tell(stage, RERUN)
        await stage.sees(pilot, "2 actions running: Roll back checkout: checkout 3/5 · Re-run ci")
        tell(stage, *(ended(one, ActivityState.SUCCEEDED) for one in (ROLLBACK, RERUN)))
        await until(pilot, lambda: "running:" not in stage.text)


async def test_without_acts_there_is_no_line() -> None:
    stage = acting(DONE)
    async with stage.showing("checkout"):
        assert "running:" not in stage.text


@pytest.mark.parametrize(
    ("state", "message", "told"),
    [
        (ActivityState.SUCCEEDED, "all is well", "checkout: succeeded"),
        (ActivityState.FAILED, "1 of 3 pods does not start", "failed: 1 of 3"),
        (ActivityState.TIMED_OUT, "after 10m", "timed out: after 10m"),
        (ActivityState.UNKNOWN, "no answer", "outcome is unknown"),
    ],
)
async def test_an_end_is_told_with_why(state: ActivityState, message: str, told: str) -> None:
    stage = acting(ROLLBACK)
    async with stage.showing("1 action running", (120, 36)) as pilot:
        tell(stage, ROLLBACK)
        tell(stage, ended(ROLLBACK, state, message))
        await stage.sees(pilot, told)


async def test_one_whose_outcome_is_sought_is_under_way_and_told_at_its_end() -> None:
    said = "outcome unknown: cut; it may still take effect until 14:09:02 UTC"
    sought = replace(ROLLBACK, state=ActivityState.UNKNOWN, status=Status.UNKNOWN, message=said)
    stage = acting(ROLLBACK)
    async with stage.showing("1 action running", (140, 36)) as pilot:
        tell(stage, sought)
        await stage.sees(pilot, "may still take effect until 14:09:02 UTC")
        assert "1 action running" in stage.text
        assert "outcome is unknown" not in stage.text, "nothing has come to its end"
        tell(stage, ended(ROLLBACK, ActivityState.REFUSED, "it has no mark"))
        await stage.sees(pilot, "refused: it has no mark")


async def test_one_that_is_under_way_from_the_start_is_told_too() -> None:
    stage = acting(ROLLBACK)
    async with stage.showing("1 action running", (120, 36)) as pilot:
        tell(stage, ended(ROLLBACK, ActivityState.FAILED, "quota"))
        await stage.sees(pilot, "quota")


async def test_one_that_ends_as_soon_as_it_has_begun_is_told_and_history_is_not() -> None:
    stage = acting()
    async with stage.showing("checkout", (120, 36)) as pilot:
        tell(stage, DONE)
        stage.app.context.tracker.track(["a1"])
        tell(stage, ended(ROLLBACK, ActivityState.SUCCEEDED))
        await stage.sees(pilot, "Roll back checkout: checkout: succeeded")
        assert "Roll back search: search: succeeded" not in stage.text


async def test_hostile_text_of_an_act_is_shown_as_it_stands() -> None:
    stage = acting(replace(ROLLBACK, name="[b]x[/b] \x1b[31my"))
    async with stage.showing("[b]x[/b] y 3/5"):
        assert "\x1b" not in stage.text


# --- the pane ------------------------------------------------------------------------------------


async def test_the_pane_lists_acts_and_enter_leads_on_to_what_came_of_them() -> None:
    stage = acting(DONE, replace(ROLLBACK, created_at=NOW))
    assert isinstance(stage.app.context.acts, FakeActs)
    section = facts_of(target=DONE.target)
    stage.app.context.acts.details[DONE.ref] = Detail(record=DONE, sections=(section,))
    async with stage.showing("checkout", (108, 36)) as pilot:  # too narrow for a preview
        await stage.does(pilot, "colon", *"activity", "enter", then="Activity 2")
        for word in ("rollback", "running 3/5", "revision 14 → 12", "ada", "succeeded"):
            assert word in stage.text
        await pilot.press("slash", *"state:succeeded", "enter")
        await stage.does(pilot, "enter", then="produced  shop/api #412  build of github →")
        assert stage.feed.asked == []
        await stage.does(pilot, "enter", then="Jobs")
        assert stage.feed.asked == [BUILD.ref]
        await stage.does(pilot, "escape", then="done to")


async def test_an_act_of_unknown_outcome_is_taken_up_by_a_key_and_no_other_is() -> None:
    unknown = ended(ROLLBACK, ActivityState.UNKNOWN, "in progress elsewhere: by kim on bastion-2")
    stage = acting(unknown, DONE)
    fake = stage.app.context.acts
    assert isinstance(fake, FakeActs)
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "K", then="for actions whose outcome is unknown")
        await stage.does(pilot, "colon", *"activity", "enter", then="Activity 2")
        await pilot.press("slash", *"state:succeeded", "enter", "K")
        assert fake.taken_up == []
        await pilot.press("escape", "slash", *"state:unknown", "enter")
        await stage.does(pilot, "K", then="Finding out what became of it")
        assert fake.taken_up == [unknown.ref]
        fake.refusal = NotFound("another program is working on it")
        await stage.does(pilot, "K", then="another program is working on it")
        assert fake.taken_up == [unknown.ref]


async def test_what_was_done_is_taken_back_by_a_key_with_the_inputs_that_it_kept() -> None:
    done = replace(ended(ROLLBACK, ActivityState.SUCCEEDED), undo=(("to", "14"), ("why", "x")))
    stage = acting(done, RERUN)
    fake = stage.app.context.acts
    assert isinstance(fake, FakeActs)
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "colon", *"activity", "enter", then="Activity 2")
        await pilot.press("slash", *"state:running", "enter")
        await stage.does(pilot, "Z", then="for actions that were done")
        await pilot.press("escape", "slash", *"state:succeeded", "enter", "Z")
        await until(pilot, lambda: bool(fake.planned))
        (asked,) = fake.planned
        assert (asked.action, asked.ref) == ("rollback", WORKLOAD.ref)
        assert dict(asked.values) == {"to": "14", "why": "x"}
        assert fake.begun == []


async def test_a_board_that_only_reads_takes_nothing_up() -> None:
    unknown = ended(ROLLBACK, ActivityState.UNKNOWN, "in progress elsewhere")
    stage = acting(unknown, read_only=True)
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "colon", *"activity", "enter", then="Activity 1")
        await stage.does(pilot, "K", then="Take up: read-only")


async def test_an_act_that_nobody_knows_says_so() -> None:
    stage = acting(DONE)
    async with stage.showing("checkout") as pilot:
        await pilot.press("colon", *"activity", "enter", "enter")
        await stage.sees(pilot, "there is no action a0")


async def test_a_board_that_only_shows_tells_where_acts_are_told() -> None:
    board = filled(stage_board(), [])
    board.apply([BoardEvent("", ActivityUpdate([DONE]), NOW)])
    stage = AppHarness(lambda context: DetailScreen(context, DONE.ref), board=board)
    async with stage.showing("`opsboard audit` prints what was done"):
        assert stage.feed.asked == []


async def test_an_act_has_no_raw_form_and_nothing_to_be_done_to() -> None:
    stage = acting(DONE)
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "colon", *"activity", "enter", then="Activity 1")
        await stage.does(pilot, "y", then="an action has no raw form")
        await stage.does(pilot, "B", then="not offered for activities")


# --- leaving -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_while_one_is_being_sent_is_asked_about(key: str) -> None:
    stage = acting(ROLLBACK, sending=1)
    async with stage.showing("running:") as pilot:
        await stage.does(pilot, key, then="nobody knows whether it was done")
        await pilot.press("enter", "escape")
        await until(pilot, lambda: not isinstance(stage.app.screen, ConfirmScreen))
        assert not stage.app._exit
        await stage.does(pilot, key, then="Leave now?")
        await pilot.press("y")
        await until(pilot, lambda: stage.app._exit)
    assert stage.app.return_code == 0


async def test_leaving_while_one_is_followed_says_that_it_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = acting(ROLLBACK)
    async with stage.showing("running:") as pilot:
        await pilot.press("q")
        await until(pilot, lambda: stage.app._exit)
    told = capsys.readouterr().err
    assert told == "opsboard: 1 action is still followed; the next start goes on with it.\n"


async def test_leaving_says_nothing_where_nothing_is_under_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = acting(DONE)
    async with stage.showing("checkout") as pilot:
        await pilot.press("q")
        await until(pilot, lambda: stage.app._exit)
    assert capsys.readouterr().err == ""
