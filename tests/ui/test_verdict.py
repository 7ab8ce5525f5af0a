"""A detail begins with a verdict, by what the board knows; what is wrong of it comes first."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.adapter import Detail
from opsboard.kinds.columns import CellRole, age_cell
from opsboard.kinds.deployments import COLUMNS
from opsboard.records import Drift, Ref, Status
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.preview_subject import subject_of
from opsboard.ui.render.verdict_rows import since_text
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.theme.styles import default_styles
from tests.ui.app_harness import AppHarness, FakeFeed
from tests.ui.fake_actions import FakeActs
from tests.ui.sample_board import BUILD, NOW, stage_board
from tests.ui.sample_history import CHECKOUT
from tests.ui.sample_records import models
from tests.ui.start_screens import detail as build_detail
from tests.ui.start_screens import filled


class _SlowFeed(FakeFeed):
    async def detail(self, ref: Ref) -> Detail:
        await asyncio.Event().wait()
        raise AssertionError("it never answers")


def _detail(context: AppContext) -> DetailScreen:
    return DetailScreen(context, CHECKOUT.ref)


async def test_what_the_board_knows_is_there_while_the_source_is_asked() -> None:
    board = filled(stage_board(), [CHECKOUT])
    stage = AppHarness(_detail, board=board, acts=FakeActs(CHECKOUT))
    object.__setattr__(stage.app.context, "feed", _SlowFeed())
    async with stage.showing("asking the source") as pilot:
        lines = (await stage.at_rest(pilot)).splitlines()
        at = {
            word: next(number for number, line in enumerate(lines) if word in line)
            for word in ("CrashLoopBackOff", "KeyError", "since", " B  Roll back", "asking")
        }
        assert list(at) == sorted(at, key=at.__getitem__)


def test_a_model_is_wrong_since_it_drifts_whatever_was_registered_meanwhile() -> None:
    began = NOW - timedelta(hours=3)
    model = replace(models()[1], status=Status.WARNING, serving="7", updated_at=NOW)
    drift = Drift(
        source=model.source, id="churn/7/psi", name="churn", status=Status.WARNING,
        model=model.name, version="7", metric="psi", value=0.4, threshold=0.2,
        measured_at=NOW, crossed_at=began,
    )  # fmt: skip
    subject = subject_of(filled(stage_board(), [model, drift]), model.ref)
    assert subject is not None
    assert subject.alert is not None
    assert subject.alert.about == drift.ref
    assert (subject.since, subject.part.ref) == (began, model.ref)
    alone = subject_of(filled(stage_board(), [model]), model.ref)
    assert alone is not None
    assert alone.since is None


async def test_the_table_of_what_failed_comes_before_the_facts() -> None:
    stage = AppHarness(build_detail)
    async with stage.showing("unit-tests", (80, 40)) as pilot:
        text = await stage.at_rest(pilot)
        assert text.index("test failed") < text.index("since") < text.index("Jobs  3")
        assert text.index("Jobs  3") < text.index("repository")
        assert BUILD.message in text


@pytest.mark.parametrize(
    ("ago", "role"),
    [
        (timedelta(minutes=2), CellRole.PLAIN),
        (timedelta(hours=3), CellRole.MUTED),
        (timedelta(days=90), CellRole.FAINT),
    ],
)
def test_what_is_fresh_is_bright_and_what_is_old_is_dim(ago: timedelta, role: CellRole) -> None:
    assert age_cell(NOW - ago, NOW).role is role
    assert age_cell(None, NOW).text == ""


def test_what_is_ready_is_a_bar_and_a_figure() -> None:
    ready = next(column for column in COLUMNS if column.id == "ready").show(CHECKOUT, NOW)
    assert ready.text == "3/4"
    assert "".join(part.text for part in ready.parts) == "███▁ 3/4"
    assert {part.status for part in ready.parts} == {CHECKOUT.status}


@pytest.mark.parametrize(("ago", "text"), [(0, "since 12:00"), (19, "since 11:41, 19m")])
def test_since_when_is_said_with_how_long_that_is_unless_it_is_now(ago: int, text: str) -> None:
    noon = datetime(2026, 1, 15, 12, tzinfo=UTC)
    page = PageFormat(default_styles(), noon, 80)
    assert since_text(noon - timedelta(minutes=ago), page, UTC).plain == text
