"""A record described in one text, and the tree of its owners, on the screen."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from textual.pilot import Pilot

from opsboard.adapter import Description, NotFound, ObjectTree, TreeRow, Upsert
from opsboard.board.events import BoardEvent
from opsboard.records import (
    Deployment,
    Kind,
    ListedObject,
    Pod,
    Record,
    Ref,
    Status,
    listed_ref,
    row_of,
)
from opsboard.ui.actions.alert_commands import AlertCommands
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_history import RecordHistory
from opsboard.ui.context import AppContext
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.description import DescriptionScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.record_page import PageSelection
from opsboard.ui.screens.tree import TreeScreen
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.preview import Preview
from tests.ui import start_screens
from tests.ui.app_harness import NOW, AppHarness, stage_board, until
from tests.ui.start_screens import board_with
from tests.ui.test_listing_screen import typed

POD = Pod(
    source="kube-prod",
    id="prod-eu/shop/checkout-1",
    name="checkout-1",
    namespace="shop",
    cluster="prod-eu",
    status=Status.FAILED,
)
OWNER = Ref("kube-prod", Kind.DEPLOYMENT, "prod-eu/shop/Deployment/checkout")
TREE = ObjectTree(
    rows=(
        TreeRow(depth=0, kind="Deployment", name="checkout", words="ready 0/1", ref=OWNER),
        TreeRow(depth=1, kind="ReplicaSet", name="checkout-f7", words="desired 1", at=NOW),
        TreeRow(
            depth=2,
            kind="Pod",
            name="checkout-1",
            words="status CrashLoopBackOff [b]",
            status=Status.FAILED,
            ref=POD.ref,
            is_subject=True,
        ),
        TreeRow(depth=3, kind="Event", name="BackOff", words="restarting", status=Status.WARNING),
        TreeRow(depth=1, kind="ReplicaSet", name="3 idle"),
    ),
    notes=("secrets: may not be listed",),
)

LOOKING: Final = ("raw", "tree", "log", "lineage", "timeline", "before_red", "snooze")


class OneRow(PageSelection):
    """A page that is of one row of a listing."""

    def __init__(self, row: ListedObject, context: AppContext, screen: DetailScreen) -> None:
        super().__init__(context, screen.query_one(PageView), row.ref)
        self._row = row

    def current_ref(self) -> Ref:
        return self._row.ref

    def record(self) -> Record:
        return self._row


@asynccontextmanager
async def pods(
    size: tuple[int, int] = (120, 36),
) -> AsyncGenerator[tuple[AppHarness, Pilot[int]], None]:
    stage = stage_board()
    stage.apply([BoardEvent("kube-prod", Upsert("pods", [POD]), NOW)])
    harness = AppHarness(BoardScreen, board=stage)
    async with harness.run(size) as pilot:
        await pilot.pause()
        await typed(pilot, "pods")
        await harness.sees(pilot, "Pods 1")
        yield harness, pilot


async def test_d_shows_the_text_of_the_usual_tool_and_says_whose_it_is() -> None:
    async with pods() as (harness, pilot):
        text = "Name:  checkout-1\nEvents:\n  BackOff"
        harness.feed.descriptions[POD.ref] = Description(text=text, by="kubectl describe")
        await harness.does(pilot, "d", then="by kubectl describe")
        assert isinstance(harness.app.screen, DescriptionScreen)
        assert "Events:" in harness.text
        await pilot.press("slash", *"backoff", "enter")
        await harness.sees(pilot, "1 lines with 'backoff'")


async def test_without_such_a_tool_the_fields_of_the_page_are_the_text() -> None:
    async with pods() as (harness, pilot):
        await pilot.press("1")
        await harness.sees(pilot, "1 Builds 1")
        await harness.does(pilot, "d", then="by its fields: kubectl is not on PATH")
        for words in ("repository:  shop/api", "unit-tests", "assert 2 == 3", "(4m ago)"):
            assert words in harness.text


async def test_what_cannot_be_described_is_an_error_that_says_why() -> None:
    async with pods() as (harness, pilot):
        harness.feed.error = NotFound("the pod is gone", "go back")
        await harness.does(pilot, "d", then="the pod is gone")
        await harness.sees(pilot, "not available")


async def test_the_tree_begins_at_the_record_and_its_lines_can_be_entered() -> None:
    async with pods() as (harness, pilot):
        harness.feed.trees[POD.ref] = TREE
        await harness.does(pilot, "O", then="CrashLoopBackOff [b]")
        screen = harness.app.screen
        assert isinstance(screen, TreeScreen)
        assert "│  └─ Event BackOff" not in harness.text
        assert "└─ Pod checkout-1" in harness.text
        assert "secrets: may not be listed" in harness.text
        await until(pilot, lambda: screen.page.row.ref == POD.ref)
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: isinstance(harness.app.screen, DetailScreen))
        assert harness.feed.asked[-1] == OWNER


async def test_what_the_board_knows_of_an_owner_is_what_the_tree_says() -> None:
    owner = Deployment(
        source="kube-prod",
        id=OWNER.id,
        name="checkout",
        workload="Deployment",
        status=Status.FAILED,
        reason="OOMKilled",
    )
    async with pods((80, 24)) as (harness, pilot):
        harness.app.context.board.apply(
            [BoardEvent("kube-prod", Upsert("deployments", [owner]), NOW)]
        )
        harness.feed.trees[POD.ref] = TREE
        await harness.does(pilot, "O", then="OOMKilled  ready 0/1")
        line = next(one for one in harness.text.splitlines() if "OOMKilled" in one)
        assert line.split()[0] == "✗"


async def test_what_has_no_owners_says_so() -> None:
    async with pods() as (harness, pilot):
        await pilot.press("1")
        await harness.sees(pilot, "1 Builds 1")
        await harness.does(pilot, "O", then="no build has owners")
        await typed(pilot, "pods")
        await harness.does(pilot, "O", then="pod has no owners")
        assert isinstance(harness.app.screen, TreeScreen)


async def test_a_deployment_of_a_ci_server_has_no_owners_and_no_page_of_none() -> None:
    released = Deployment(
        source="github", id="7", name="shop production", cluster="acme/shop", workload="GitHub"
    )
    harness = board_with([released])
    async with harness.showing("2 Deployments", (120, 36)) as pilot:
        await harness.does(pilot, "2", *"/github", "enter", then="shop production")
        await harness.does(pilot, "O", then="no deployment of github has owners")
        beside = harness.app.screen.query_one(Preview).region
        shown = "\n".join(line[beside.x :] for line in harness.text.splitlines())
        assert "acme/shop" in shown
        assert "cluster" not in shown, "a repository is none"
        await harness.does(pilot, "L", then="no deployment of github has a log of its own")
        assert isinstance(harness.app.screen, BoardScreen)


async def test_an_alert_that_is_over_is_said_to_be_over_and_not_to_be_of_a_source() -> None:
    harness = AppHarness(start_screens.detail)
    async with harness.showing("Jobs"):
        screen = harness.app.screen
        assert isinstance(screen, DetailScreen)
        page = screen.query_one(PageView)
        over = PageSelection(harness.app.context, page, Ref("kube-prod", Kind.ALERT, "over"))
        page.move_to(0)
        groups = (
            RecordHistory(screen, over), RecordCommands(screen, over), AlertCommands(screen, over),
        )  # fmt: skip
        for group in groups:
            reasons = {group.disabled_reason(ACTIONS[f"record.{it}"]) for it in LOOKING}
            assert reasons - {""} == {"the alert is over, and gone from the board"}


async def test_what_is_listed_outside_of_a_cluster_has_no_owners() -> None:
    harness = AppHarness(start_screens.detail)
    async with harness.showing("Jobs"):
        screen = harness.app.screen
        assert isinstance(screen, DetailScreen)
        for cluster, reason in (("", "no trace of mlflow has owners"), ("prod-eu", "")):
            row = replace(row_of(listed_ref("mlflow", "traces", "tr-1")), cluster=cluster)
            found = RecordCommands(screen, OneRow(row, harness.app.context, screen))
            assert found.disabled_reason(ACTIONS["record.tree"]) == reason
