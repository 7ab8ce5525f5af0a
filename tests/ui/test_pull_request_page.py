"""The pull request of a build: opened by a key, and by the commit of what was merged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Upsert
from opsboard.board.events import BoardEvent
from opsboard.kinds.commits import pull_request_ref
from opsboard.records import BuildJob, PullRequest, PullRequestState, Status
from opsboard.records.claims import Claim
from opsboard.records.identity import commit, pull_request
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.where import WhereScreen
from tests.ui.app_harness import NOW, AppHarness, stage_board, until
from tests.ui.sample_records import builds
from tests.ui.test_listing_screen import typed
from tests.ui.test_snapshots import Scene, SnapCompare, before

REPOSITORY, SHA = "github.com/shop/payments", "c" * 40


def _claims(*found: Claim | None) -> tuple[Claim, ...]:
    return tuple(one for one in found if one is not None)


OF_A_BRANCH = replace(
    builds(1)[0], id="1", title="Round split payments", branch="split-payments",
    inputs=_claims(pull_request(REPOSITORY, 7, "run"), commit(REPOSITORY, SHA, "head_sha")),
)  # fmt: skip
OF_NOBODY = replace(
    builds(1)[0], id="2", title="Pushed as it is", created_at=NOW - timedelta(hours=9)
)
(NUMBER, _) = OF_A_BRANCH.inputs
PULL = PullRequest(
    source="github", id=pull_request_ref("github", NUMBER).id, name="Round split payments",
    status=Status.FAILED, reason="open, checks failed", repository=REPOSITORY, number=7,
    state=PullRequestState.OPEN, author="dana", head=SHA, inputs=OF_A_BRANCH.inputs[1:],
    outputs=OF_A_BRANCH.inputs[:1], updated_at=NOW,
)  # fmt: skip
JOB = BuildJob(
    source="github", id="shop/payments/2", name="test (api)", build="", repository="shop/payments",
    state="failure", status=Status.FAILED,
)  # fmt: skip
PAGE = Detail(
    record=PULL,
    sections=(
        Facts(
            title="Pull request",
            facts=(
                Fact(label="number", value="#7"), Fact(label="state", value="open"),
                Fact(
                    label="mergeable", value="no: a required review or check is missing",
                    status=Status.WARNING,
                ),
                Fact(label="by", value="dana"),
                Fact(label="branch", value="split-payments → main"),
                Fact(label="commit", value=SHA), Fact(label="changes", value="+12 -3 in 4 files"),
            ),
        ),
        Grid(
            title="Reviews", columns=("reviewer", "says", "at"),
            rows=(
                GridRow(cells=("freya", "approved", NOW.isoformat()), status=Status.OK),
                GridRow(cells=("emre", "asked for a review", "")),
            ),
        ),
        Grid(
            title="Checks", columns=("check", "state", "at", "of"),
            rows=(
                GridRow(
                    cells=("test (api)", "failure", NOW.isoformat(), "GitHub Actions"),
                    status=Status.FAILED, record=JOB,
                ),
                GridRow(
                    cells=("scan", "success", NOW.isoformat(), "no findings"), status=Status.OK
                ),
            ),
        ),
    ),
)  # fmt: skip


def _stage() -> AppHarness:
    board = stage_board()
    board.apply([BoardEvent("github", Upsert("all", [OF_A_BRANCH, OF_NOBODY]), NOW)])
    stage = AppHarness(BoardScreen, board=board)
    stage.feed.detail_of[PULL.ref] = PAGE
    return stage


async def test_a_key_opens_it_and_where_asks_for_its_commit() -> None:
    stage = _stage()
    async with stage.run((120, 36)) as pilot:
        await typed(pilot, "builds pr:#7")
        await stage.sees(pilot, "Round split payments")
        await stage.does(pilot, "home", "P", then="a required review or check is missing")
        assert stage.feed.asked[-1] == PULL.ref
        assert "asked for a review" in stage.text
        await pilot.press("P")
        await until(pilot, lambda: bool(stage.app._notifications))
        assert "it is shown already" in next(iter(stage.app._notifications)).message
        await typed(pilot, "where")
        await until(pilot, lambda: isinstance(stage.app.screen, WhereScreen))
        assert SHA[:7] in stage.text
        await pilot.press("escape")
        await stage.sees(pilot, "a required review")
        await stage.does(pilot, "g", then="pull")  # its chain


async def test_what_has_none_says_so() -> None:
    stage = _stage()
    async with stage.run((120, 36)) as pilot:
        await typed(pilot, "builds pushed")
        await stage.sees(pilot, "Pushed as it is")
        await pilot.press("home", "P")
        await until(pilot, lambda: bool(stage.app._notifications))
        assert "no pull request is known" in next(iter(stage.app._notifications)).message
        stage.app.clear_notifications()  # on a slow machine the first is gone by the second
        await typed(pilot, "where")
        await until(pilot, lambda: bool(stage.app._notifications))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_page(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = _stage()
    keys = ("colon", *"builds", "space", *"pr:", "number_sign", "7", "enter", "home", "P")
    run = before(stage, Scene(lambda: stage, "4 Alerts", keys, "asked for a review"))
    assert snap_compare(stage.app, terminal_size=size, run_before=run)
