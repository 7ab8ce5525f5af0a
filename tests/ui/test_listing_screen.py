"""What servers list beyond the board, on the screen."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from opsboard.adapter import (
    Detail,
    Fact,
    Facts,
    Forbidden,
    ListingCatalog,
    ListingRow,
    ListingType,
    ListingUpdate,
    Malformed,
    Unreachable,
)
from opsboard.records import Kind, ListedObject, Ref, Status, listed_ref
from opsboard.ui.actions.record_actions import _not_for
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.listing import ListingScreen
from opsboard.ui.screens.raw import RawScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.listing_samples import NODES, ROLLOUTS, nodes, offer


@asynccontextmanager
async def board(
    size: tuple[int, int] = (120, 36),
) -> AsyncGenerator[tuple[AppHarness, Pilot[int]], None]:
    harness = AppHarness(BoardScreen)
    offer(harness.feed)
    async with harness.run(size) as pilot:
        await pilot.pause()
        yield harness, pilot


async def typed(pilot: Pilot[int], line: str) -> None:
    await pilot.press("colon", *("space" if letter == " " else letter for letter in line))
    await pilot.press("enter")


async def test_a_word_opens_the_servers_table_and_escape_ends_its_watch() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "no")
        await harness.sees(pilot, "node-9")
        assert isinstance(harness.app.screen, ListingScreen)
        assert "NotReady" in harness.text
        assert "prod-eu" in harness.text
        assert "staging-us: may not list nodes" in harness.text
        await harness.sees(pilot, "live, not all")
        await pilot.press("escape")
        await until(pilot, lambda: harness.feed.closed == [("kube", "nodes")])
        assert isinstance(harness.app.screen, BoardScreen)


async def test_changes_are_shown_while_it_is_open() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "nodes")
        await harness.sees(pilot, "node-9")
        (first, *_) = nodes()
        harness.feed.coming.put_nowait(ListingUpdate(removed=[first.key]))
        await until(pilot, lambda: "node-1 " not in harness.text)
        await harness.sees(pilot, "nodes 8")


async def test_it_begins_in_its_own_order_which_the_column_says() -> None:
    async with board() as (harness, pilot):
        newest = replace(NODES, order="-age")
        harness.feed.catalogs = {"kube": ListingCatalog(types=(newest,))}
        await typed(pilot, "nodes")
        await harness.sees(pilot, "node-9")
        header, *rows = (await harness.at_rest(pilot)).splitlines()[2:12]
        assert "age↓" in header
        assert [f"node-{at} " in row for at, row in enumerate(rows, 1)] == [True] * 9


async def test_it_is_filtered_sorted_and_left_step_by_step() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "nodes status:notready")
        await harness.sees(pilot, "nodes 3/9")
        await pilot.press("escape")
        await harness.sees(pilot, "nodes 9")
        await typed(pilot, "sort age")
        lines = (await harness.at_rest(pilot)).splitlines()
        oldest = next(line for line in lines if "node-9" in line)
        await until(pilot, lambda: harness.text.splitlines().index(oldest) == 3)


async def test_what_the_server_searches_for_itself_is_sent_to_it_and_its_error_is_told() -> None:
    async with board() as (harness, pilot):
        runs = ListingType(
            name="training-runs", title="Runs", aliases=("mlruns",), filter_language="MLflow search"
        )
        harness.feed.catalogs = {"ml": ListingCatalog(types=(runs,))}
        harness.feed.updates = {("ml", "training-runs"): [Malformed("Invalid clause: auc >>> 1")]}
        await typed(pilot, "mlruns auc >>> 1")
        await harness.sees(pilot, "Invalid clause: auc >>> 1")
        assert [query.text for _, _, query in harness.feed.listed] == ["auc >>> 1"]
        harness.feed.updates = {("ml", "training-runs"): []}
        await pilot.press("escape")
        await typed(pilot, "mlruns")
        await pilot.press("slash", *"loss<1", "enter")
        await harness.sees(pilot, "`:training-runs loss<1` asks the server, in MLflow search.")
        harness.feed.updates = {("ml", "training-runs"): [ListingUpdate(complete=True)]}
        await pilot.press("escape", "escape")
        await typed(pilot, "mlruns loss < 0")
        await harness.sees(pilot, "There are no training-runs that match 'loss < 0'.")


async def test_a_row_has_a_page_and_a_raw_form() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "nodes")
        await harness.sees(pilot, "node-9")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(harness.app.screen, DetailScreen))
        assert harness.feed.asked[-1] == listed_ref("kube", "nodes", "prod-eu//node-1")
        await pilot.press("escape", "y")
        await until(pilot, lambda: isinstance(harness.app.screen, RawScreen))


def test_an_action_that_a_row_has_not_names_what_the_row_is() -> None:
    row = ListedObject(source="kube", id="nodes/prod//a", name="a", listing="nodes")
    assert _not_for(row) == "not offered for nodes of kube"


async def test_a_page_shows_what_its_row_told_while_the_source_does_not_answer() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "nodes")
        await harness.sees(pilot, "node-9")
        harness.feed.error = Unreachable("no route to the server", "try again")
        await harness.does(pilot, "enter", then="no route to the server")
        caption, *page = harness.text.splitlines()[1:]
        assert "node-1" in caption
        assert "prod-eu//node-1" not in caption
        assert "v1.35.0" in "\n".join(page)
        assert "asking the source" not in harness.text


async def test_a_row_that_is_a_record_of_the_board_is_that_record_for_every_key() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "secrets")
        await harness.sees(pilot, "Opaque")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(harness.app.screen, DetailScreen))
        assert harness.feed.asked[-1] == Ref("kube", Kind.CONFIG, "eu/shop/Secret/db")


async def test_hostile_cells_are_plain_text() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "ro")
        await harness.sees(pilot, "[b]markup[/b]")
        assert "why [i]" in harness.text
        assert "\x1b" not in harness.text


async def test_words_are_completed_and_a_wrong_one_is_told_with_a_suggestion() -> None:
    async with board() as (harness, pilot):
        await pilot.press("colon", *"roll")
        await until(pilot, lambda: bool(harness.feed.catalogs))
        await harness.sees(pilot, "rollouts.argoproj.io")
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        await pilot.press(*"nodez", "enter")
        await harness.sees(pilot, "no command 'nodez'; did you mean")
        assert ":resources" not in harness.text, "there is room for one hint"
        await pilot.press("escape", "colon", *"qqqqqq", "enter")
        await harness.sees(pilot, "no command 'qqqqqq'; `:resources` shows all words")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_word_of_two_types_opens_the_first_and_names_the_other(
    size: tuple[int, int],
) -> None:
    async with board(size) as (harness, pilot):
        other = ListingType(name="rollouts.example.dev", title="rollouts", aliases=("rollouts",))
        harness.feed.catalogs = {"kube": ListingCatalog(types=(NODES, ROLLOUTS, other))}
        await typed(pilot, "rollouts")
        await harness.sees(pilot, "rollouts is taken as")
        await until(pilot, lambda: isinstance(harness.app.screen, ListingScreen))
        (told,) = harness.app._notifications
        said = "rollouts is taken as rollouts.argoproj.io; by the full name there is also"
        assert told.message == f"{said} rollouts.example.dev"
        harness.app.clear_notifications()
        await pilot.press("escape")
        await typed(pilot, "rollouts.example.dev")
        await until(pilot, lambda: isinstance(harness.app.screen, ListingScreen))
        assert not harness.app._notifications


async def test_what_kept_a_source_from_saying_what_it_lists_is_told() -> None:
    async with board() as (harness, pilot):
        notes = ("the server of metrics.k8s.io/v1 does not answer",)
        harness.feed.catalogs = {"kube": ListingCatalog(types=(NODES,), notes=notes)}
        await typed(pilot, "nodemetrics")
        await harness.sees(pilot, "metrics.k8s.io/v1 does not answer")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_refusal_stands_in_place_of_the_table(size: tuple[int, int]) -> None:
    async with board(size) as (harness, pilot):
        refused = Forbidden("may not list nodes", "ask for list and watch on nodes")
        harness.feed.updates["kube", "nodes"] = [refused]
        await typed(pilot, "nodes")
        await harness.sees(pilot, "may not list nodes (ask for list and watch on nodes)")
        await harness.sees(pilot, "not available")


async def test_many_rows_come_in_pages() -> None:
    async with board() as (harness, pilot):
        rows = [ListingRow(key=f"eu//n{at:05}", name=f"n{at:05}") for at in range(5_000)]
        pages = [ListingUpdate(rows[at : at + 500]) for at in range(0, 5_000, 500)]
        harness.feed.updates["kube", "nodes"] = [*pages, ListingUpdate(complete=True)]
        await typed(pilot, "nodes")
        await harness.sees(pilot, "nodes 5,000")
        await pilot.press("end")
        await harness.sees(pilot, "n04999")


async def test_what_is_listed_is_shown_narrowed_and_opened() -> None:
    harness = AppHarness(BoardScreen)
    offer(harness.feed)
    async with harness.run((120, 36)) as pilot:
        await typed(pilot, "resources")
        await harness.sees(pilot, "What is listed?")
        assert ":no :node" in harness.text
        assert "rollouts.argoproj.io" in harness.text
        await pilot.press("escape")
        await until(pilot, lambda: "What is listed?" not in harness.text)
        await typed(pilot, "resources nodes")
        await harness.sees(pilot, "What is listed? 1")
        await harness.does(pilot, "enter", then="node-1")
        await typed(pilot, "resources nonsense")
        await until(pilot, lambda: bool(harness.app._notifications))
        notice = next(iter(harness.app._notifications)).message
        assert "nothing that is listed matches 'nonsense'" in notice


async def test_a_row_that_has_no_state_is_called_nothing_on_its_page() -> None:
    async with board() as (harness, pilot):
        ref = listed_ref("ml", "prompts", "greeting")
        record = ListedObject(
            source="ml", id=ref.id, name="greeting", listing="prompts", status=Status.UNKNOWN
        )
        words = Facts(title="Prompt", facts=(Fact(label="Says", value="hello"),))
        harness.feed.detail_of[ref] = Detail(record=record, sections=(words,))
        harness.app.push_screen(DetailScreen(harness.app.context, ref))
        await harness.sees(pilot, "hello")
        assert "unknown" not in harness.text
