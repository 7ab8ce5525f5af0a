"""``:ns``, ``:ctx`` and a name after the word of a pane, on the screen."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from opsboard.adapter import Condition, Health, Report, Upsert
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.config.scope_file import ScopeFile
from opsboard.records import Alert, Pod, Status
from opsboard.ui.messages import ScopeChanged
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.start import _scope_state
from opsboard.views.scope import Scope
from tests.ui.app_harness import NOW, AppHarness, stage_board, until
from tests.ui.listing_samples import offer
from tests.ui.test_listing_screen import typed


def pod(name: str, namespace: str, cluster: str, status: Status = Status.OK) -> Pod:
    return Pod(
        source="kube-prod",
        id=f"{cluster}/{namespace}/{name}",
        name=name,
        namespace=namespace,
        cluster=cluster,
        status=status,
    )


PODS = (
    pod("checkout-1", "shop", "prod-eu"),
    pod("checkout-2", "shop", "prod-us"),
    pod("dns-1", "infra", "prod-eu", Status.FAILED),
)
ALERT = Alert(
    source="kube-prod",
    id="dns",
    name="dns-1 is down",
    status=Status.FAILED,
    since=NOW,
    about=PODS[2].ref,
)


@asynccontextmanager
async def board(size: tuple[int, int] = (120, 36)) -> AsyncGenerator[tuple[AppHarness, Pilot[int]]]:
    stage = stage_board()
    stage.apply([BoardEvent("kube-prod", Upsert("pods", [*PODS, ALERT]), NOW)])
    harness = AppHarness(BoardScreen, board=stage)
    offer(harness.feed)
    saved: list[Scope] = []

    def save(scope: Scope) -> str:
        saved.append(scope)
        return ""

    harness.app.context.scope_state.save = save
    async with harness.run(size) as pilot:
        await pilot.pause()
        yield harness, pilot
    harness.saved = saved  # type: ignore[attr-defined]


async def test_a_namespace_narrows_every_pane_and_is_told_with_what_is_outside() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "pods")
        await harness.sees(pilot, "dns-1")
        await typed(pilot, "ns shop")
        await until(pilot, lambda: "dns-1" not in harness.text)
        top = (await harness.at_rest(pilot)).splitlines()[0]
        assert "ns shop" in top
        assert "✗1 outside" in top
        assert "Pods 2 +1 outside ✗1" in harness.text
        await pilot.press("4")
        await harness.sees(pilot, "+1 outside ✗1")
        await typed(pilot, "ctx prod-eu")
        await typed(pilot, "pods")
        await until(pilot, lambda: "checkout-2" not in harness.text)
        assert "ctx prod-eu ns shop" in harness.text.splitlines()[0]
        await typed(pilot, "ns all")
        await typed(pilot, "ctx all")
        await harness.sees(pilot, "checkout-2")
        assert "outside" not in harness.text
    assert harness.saved[-1] == Scope()  # type: ignore[attr-defined]
    assert harness.saved[0] == Scope(("shop",))  # type: ignore[attr-defined]


async def test_a_name_after_a_pane_is_a_namespace_or_else_a_filter() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "pods shop")
        await harness.sees(pilot, "Pods 2 +1 outside ✗1")
        assert harness.app.context.scope == Scope(("shop",))
        await typed(pilot, "pods checkout-1")
        await harness.sees(pilot, "/checkout-1")
        assert "checkout-2" not in harness.text
        await typed(pilot, "builds shop")  # which are in no namespace
        await harness.sees(pilot, "Builds 1/1 ✗1 /shop")


async def test_names_are_completed_and_a_wrong_one_changes_nothing() -> None:
    async with board() as (harness, pilot):
        await pilot.press("colon", *"ns", "space", *"sh", "tab")
        await harness.sees(pilot, ":ns shop")
        await pilot.press("enter")
        await typed(pilot, "ns shpo")
        await harness.sees(pilot, "did you mean 'shop'?")
        assert harness.app.context.scope == Scope(("shop",))


async def test_a_name_that_nothing_has_so_far_is_told_with_those_that_there_are() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "ctx somewhere-else")
        await harness.sees(pilot, "nothing on the board is in a cluster")
        notice = " ".join(harness.text.replace("▌", " ").split())
        assert "there are prod-eu" in notice


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("ns [bold]x", "'[bold]x' is no namespace"),
        ("ns shop infra", "several are written with commas: shop,infra"),
        ("ns shop,Other_Team", "'Other_Team' is no namespace"),
        ("ctx nowhere", "no cluster 'nowhere' is configured"),
        ("ctx prod-ue", "did you mean 'prod-eu'"),
    ],
)
async def test_what_cannot_be_one_is_refused_and_changes_nothing(command: str, said: str) -> None:
    async with board() as (harness, pilot):
        everything = SourceList({"kube-prod": SourceInfo("kubernetes")})
        harness.board.apply([BoardEvent("", everything, NOW)])
        await typed(pilot, command)
        await until(pilot, lambda: said in " ".join(harness.text.replace("▌", " ").split()))
        assert not harness.app.context.scope


async def test_a_configured_cluster_of_which_nothing_is_known_yet_is_taken() -> None:
    async with board() as (harness, pilot):
        down = Report(Health(condition=Condition.UNREACHABLE), "prod-ap")
        harness.board.apply([BoardEvent("kube-prod", down, NOW)])
        await typed(pilot, "ctx prod-ap")
        await until(pilot, lambda: harness.app.context.scope == Scope((), ("prod-ap",)))


async def test_without_a_name_it_asks() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "ns")
        await harness.sees(pilot, "Which namespace?")
        await harness.sees(pilot, "everything, now")
        await pilot.press("down", "enter")
        await until(pilot, lambda: harness.app.context.scope == Scope(("infra",)))


async def test_what_counts_now_is_marked_and_chosen_by_enter_alone() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "ctx prod-us,elsewhere")
        await typed(pilot, "ctx")
        await harness.sees(pilot, "Which cluster?")
        box = (await harness.at_rest(pilot)).split("Which cluster?")[1]
        marked = [line.split("│")[1].split() for line in box.splitlines() if " now " in line]
        assert [words[-2:] for words in marked] == [["prod-us", "now"], ["elsewhere", "now"]]
        await pilot.press("enter")
        await until(pilot, lambda: harness.app.context.scope == Scope((), ("prod-us",)))


async def test_an_empty_pane_says_that_the_scope_hides_what_there_is() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "ns infra")
        await typed(pilot, "ctx prod-us")
        await typed(pilot, "pods")
        await harness.sees(pilot, "No pods in ctx prod-us ns infra; 3 outside. :ctx all :ns all")


async def test_a_listing_is_asked_for_within_the_scope_and_again_when_it_changes() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "secrets shop")
        await harness.sees(pilot, "Opaque")
        await typed(pilot, "ctx prod-eu")
        await until(pilot, lambda: len(harness.feed.listed) == 2)
        first, second = (query for _, _, query in harness.feed.listed)
        assert (first.namespaces, first.clusters) == (("shop",), ())
        assert (second.namespaces, second.clusters) == (("shop",), ("prod-eu",))
        await harness.sees(pilot, "Opaque")


async def test_it_is_kept_over_restarts_and_holds_from_the_first_frame(tmp_path: Path) -> None:
    def stage() -> AppHarness:
        made = stage_board()
        made.apply([BoardEvent("kube-prod", Upsert("pods", [*PODS, ALERT]), NOW)])
        harness = AppHarness(BoardScreen, board=made)
        state = _scope_state(ScopeFile(tmp_path, "/a.toml"))
        assert state is not None
        harness.app.context.scope_state.scope = state.scope
        harness.app.context.scope_state.save = state.save
        return harness

    first = stage()
    async with first.run((120, 36)) as pilot:
        await typed(pilot, "ns shop")
        await first.sees(pilot, "ns shop")
    again = stage()
    async with again.run((120, 36)) as pilot:
        await again.sees(pilot, "ns shop")
        await again.sees(pilot, "+1 outside ✗1")


@pytest.mark.parametrize("width", [40, 80, 120])
async def test_many_names_are_counted_and_the_line_stays_one(width: int) -> None:
    async with board((width, 24)) as (harness, pilot):
        harness.app.context.scope_state.scope = Scope(
            tuple(f"team-{at}" for at in range(30)), ("\x1b[31mprod",)
        )
        harness.app.screen.post_message(ScopeChanged())
        await harness.sees(pilot, "ctx ")
        top = (await harness.at_rest(pilot)).splitlines()[0]
        assert "\x1b" not in top
        assert cell_len(top) <= width
        assert "team-0" in top or width < 80
        assert "+2" in top or "…" in top


async def test_namespaces_are_completed_after_the_word_of_a_listing() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "secrets")
        await harness.sees(pilot, "Opaque")
        await pilot.press("colon", *"secrets", "space", *"sh", "tab")
        await harness.sees(pilot, ":secrets shop")


async def test_records_that_come_later_are_narrowed_too() -> None:
    async with board() as (harness, pilot):
        await typed(pilot, "pods shop")
        await harness.sees(pilot, "Pods 2")
        new = [pod("checkout-3", "shop", "prod-eu"), pod("dns-2", "infra", "prod-eu")]
        harness.feed.pending.append(BoardEvent("kube-prod", Upsert("pods", new), NOW))
        harness.feed.wake()
        await harness.sees(pilot, "checkout-3")
        await harness.sees(pilot, "Pods 3 +2")
        assert "dns-2" not in harness.text
