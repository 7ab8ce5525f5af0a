"""A form: typed in, chosen and toggled by keys alone; what is wrong is told beside it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import pytest
from textual.events import Paste

from opsboard.adapter import Form, Input, NotFound, Option
from opsboard.adapter.programs import Program
from opsboard.config.action_rules import PolicyDecision
from opsboard.text.escaping import escaped, unescaped
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.screens.plan import PlanScreen
from opsboard.ui.terminal.hand_over import TerminalHandOver
from opsboard.ui.widgets.form_field import input_description
from opsboard.ui.widgets.option_field import OptionRows
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs
from tests.ui.test_plan_screen import WORKLOAD, planning

SCALING = ("2", "colon", *"scale", "enter")
READY = "whole number, 0 to 50"


def _values(stage: AppHarness) -> Mapping[str, str]:
    assert isinstance(stage.app.screen, FormScreen)
    return stage.app.screen.values


def _planned(stage: AppHarness) -> Mapping[str, str]:
    assert isinstance(stage.app.context.acts, FakeActs)
    return stage.app.context.acts.planned[-1].values


async def test_what_needs_telling_begins_with_its_form_and_its_defaults() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        assert dict(_values(stage)) == {
            "revision": "12", "replicas": "3", "wait": "true", "note": "",
        }  # fmt: skip
        assert "(*) 12  (default) healthy for 3d, image 1.3, by ada" in stage.text


async def test_enter_goes_through_the_inputs_and_plans_at_the_last() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await pilot.press("down", "enter", "backspace", "5", "enter", "space", "enter", *"why [b]?")
        await stage.does(pilot, "enter", then="revision 14 → revision 11")
        assert dict(_planned(stage)) == {
            "revision": "11", "replicas": "5", "wait": "false", "note": "why [b]?",
        }  # fmt: skip
        assert isinstance(stage.app.screen, PlanScreen)


async def test_arrows_choose_and_then_go_on_to_the_next_input() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: _values(stage)["revision"] == "13")
        await pilot.press("down", "down", "down", "backspace", "7")
        await until(pilot, lambda: _values(stage)["replicas"] == "7")
        assert _values(stage)["revision"] == "11"


async def test_a_note_that_is_long_is_told_in_full_of_what_is_chosen() -> None:
    acts = FakeActs(WORKLOAD)
    long = "healthy for 3d, " + "registry.example/shop/checkout:1.3 " * 3 + "by ada"
    options = tuple(Option(value=value, note=f"{long} {value}") for value in ("13", "12"))
    acts.form_is = Form(inputs=(Input(name="r", type="choice", options=options, default="13"),))
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then="by ada 13")
        assert "by ada 12" not in stage.text
        await stage.does(pilot, "down", then="by ada 12")
        assert "by ada 13" not in stage.text


async def test_a_click_chooses() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        rows = stage.app.screen.query(OptionRows).first()
        await pilot.click(rows, offset=(4, 2))
        await until(pilot, lambda: _values(stage)["revision"] == "11")
        await stage.sees(pilot, "(*) 11")


async def test_keys_that_are_typed_are_no_hints_where_one_types() -> None:
    stage = planning()
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, *SCALING, then="r Refresh")
        await stage.does(pilot, "tab", then="F1 Help")
        assert "r Refresh" not in stage.text


async def test_tab_goes_round() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await pilot.press("shift+tab", "a", "tab", "tab", "8")
        await until(pilot, lambda: _values(stage)["replicas"] == "38")
        assert _values(stage)["note"] == "a"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (("x",), "is a whole number"),
        (("9", "9"), "is at most 50"),
        (("backspace",), "is required"),
    ],
)
async def test_what_is_wrong_is_told_beside_and_not_planned(
    typed: tuple[str, ...], fault: str
) -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await stage.does(pilot, "tab", *typed, then=f"▲ {fault}")
        await pilot.press("tab", "ctrl+s")
        await until(pilot, lambda: stage.app.focused is not None)
        assert isinstance(stage.app.screen, FormScreen)
        assert isinstance(stage.app.context.acts, FakeActs)
        assert stage.app.context.acts.planned == []
        await pilot.press(*["backspace"] * 4, "4", "ctrl+s")
        await stage.sees(pilot, "as of now")
        assert _planned(stage)["replicas"] == "4"


async def test_leaving_the_first_form_leaves_all_of_it() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))
        assert isinstance(stage.app.context.acts, FakeActs)
        assert stage.app.context.acts.planned == []


async def test_a_plan_is_edited_and_made_anew() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, "2", "B", then="revision 14 → revision 12")
        await stage.does(pilot, "e", then=READY)
        await stage.does(pilot, "escape", then="revision 14 → revision 12")
        await stage.does(pilot, "e", then=READY)
        await stage.does(pilot, "up", "ctrl+s", then="revision 14 → revision 13")
        await stage.does(pilot, "e", then="(*) 13")


async def test_an_edited_plan_is_looked_at_even_where_it_is_allowed() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, "2", "B", "e", then=READY)
        await stage.does(pilot, "ctrl+s", then="as of now")
        assert isinstance(stage.app.context.acts, FakeActs)
        assert stage.app.context.acts.begun == []


class _Editor:
    """In the place of a terminal that is handed to an editor, which leaves *text*."""

    is_away = False

    def __init__(self, text: str) -> None:
        self.text = text

    async def run(self, program: Program, begun: Callable[[], None]) -> int:
        file = Path(program.argv[-1])
        return 0 if file.write_text(self.text) else 3  # noqa: ASYNC240 - a few bytes


async def test_what_was_written_in_an_editor_is_seen_first_even_where_it_is_allowed() -> None:
    acts = FakeActs(WORKLOAD, ruling=PolicyDecision.ALLOW)
    acts.more = {"findings": ()}
    document = Input(name="document", label="document", document=".yaml", default="as it is")
    acts.form_is = Form(inputs=(document,))
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        editor = stage.app._hand_over = cast("TerminalHandOver", _Editor(""))
        await stage.does(pilot, *SCALING, then="exit code 3, so nothing is planned")
        cast("_Editor", editor).text = "another"
        await stage.does(pilot, "r", then="as of now")
        assert dict(_planned(stage)) == {"document": "another"}
        assert acts.begun == []
        await stage.does(pilot, "enter", "y", then="has begun")
        assert len(acts.begun) == 1


async def test_what_is_pasted_comes_in_as_one_clean_line() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await pilot.press("shift+tab")
        stage.app.post_message(Paste("\r\n\x1b[31mred\x1b]0;t\x07 \x07text\r\nq\r\n"))
        await until(pilot, lambda: _values(stage)["note"] == "red \ufffdtext")
        await stage.sees(pilot, "only the first of 2 lines")


async def test_what_is_pasted_and_too_long_is_told_to_be_cut() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then=READY)
        await pilot.press("shift+tab")
        stage.app.post_message(Paste("line\n"))
        await until(pilot, lambda: _values(stage)["note"] == "line")
        assert "Of what was pasted" not in stage.text
        stage.app.post_message(Paste("x" * 5_000))
        await stage.sees(pilot, "first 4,096 characters")


async def test_what_is_pasted_into_a_line_of_escapes_comes_in_whole() -> None:
    """No line is left out, and nothing is cut: a text that is shorter than meant is a wrong one."""
    acts = FakeActs(WORKLOAD)
    before = escaped("  old\ntext\n" * 1_000, 12_000)
    one = Input(name="text", help="in Markdown", escapes=True, default=before)
    acts.form_is = Form(inputs=(one, Input(name="other")))
    stage = planning(acts)
    text = 'One \N{PARTY POPPER} "line",\nC:\\new\n\n' + "and a long one " * 400 + "end"
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then="in Markdown")
        assert _values(stage)["text"] == before
        await pilot.press("ctrl+u")
        await until(pilot, lambda: not _values(stage)["text"])
        stage.app.post_message(Paste(text.replace("\n", "\r\n") + "\r\n"))
        await until(pilot, lambda: len(_values(stage)["text"]) > len(text))
        assert unescaped(_values(stage)["text"]) == text


async def test_a_form_that_cannot_be_had_says_why() -> None:
    acts = FakeActs(WORKLOAD)
    acts.error = NotFound("deployment checkout is gone", "go back")
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then="deployment checkout is gone")
        acts.error = None
        await stage.does(pilot, "r", then=READY)


async def test_hostile_words_of_a_form_are_shown_as_they_stand() -> None:
    acts = FakeActs(WORKLOAD)
    option = Option(value="[b]a[/b]", label="\x1b[31m[link=x]a", note="[@click=app.quit]n")
    one = Input(name="c", label="[red]c", help="[b]h[/b]", type="choice", options=(option,))
    acts.form_is = Form(inputs=(one, Input(name="t", default="[b]x\x1b[31m\ny")))
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then="[red]c")
        for word in ("[b]h[/b]", "[link=x]a", "[@click=app.quit]n", "[b]x y"):
            assert word in stage.text
        assert "\x1b" not in stage.text
        assert _values(stage)["t"] == "[b]x\ny"


async def test_a_long_form_scrolls_to_where_one_is() -> None:
    acts = FakeActs(WORKLOAD)
    acts.form_is = Form(inputs=tuple(Input(name=f"input-{at}", help="h") for at in range(20)))
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then="input-0")
        assert "input-19" not in stage.text
        await stage.does(pilot, "shift+tab", then="input-19")
        await stage.does(pilot, "tab", then="input-0")


async def test_a_choice_of_many_scrolls() -> None:
    acts = FakeActs(WORKLOAD)
    options = tuple(Option(value=str(at), note="x") for at in range(100, 160))
    one = Input(name="revision", type="choice", options=options, default="150")
    acts.form_is = Form(inputs=(one,))
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *SCALING, then="(*) 150")
        await stage.does(pilot, *["down"] * 9, then="(*) 159")
        await stage.does(pilot, "enter", then="revision 14 → revision 159")


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Input(name="a"), "text"),
        (Input(name="a", type="number", least=0), "number, at least 0"),
        (Input(name="a", type="integer", most=9, default="3"),
         "whole number, at most 9, by default 3"),
        (Input(name="a", default="as the line says", escapes=True), "text"),
        (Input(name="a", type="boolean", required=True), "yes or no, required"),
        (Input(name="a", type="choice", options=(Option(value="x"),)), "one of 1"),
    ],
)  # fmt: skip
def test_what_can_be_told_is_said_in_words(one: Input, words: str) -> None:
    assert input_description(one) == words
