"""From the ledger to the screens: what a recorder has written is what `:at`, `t` and `w` show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from opsboard.adapter import Change, Fresh, NotFound, Principal, Remove, Upsert, listing
from opsboard.board.events import ActivityUpdate, BoardEvent, SourceInfo, SourceList
from opsboard.board.state import Board
from opsboard.collect.history_recorder import HistoryRecorder
from opsboard.collect.history_service import HistoryService
from opsboard.collect.redact import Redactor
from opsboard.records import Alias, Deployment, Kind, Model, Pod, Status, Strength
from opsboard.records.claims import stated
from opsboard.records.identity import model_alias, model_version, workload
from opsboard.ui.context import EarlierTime
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.board_at import EarlierBoardScreen
from opsboard.ui.screens.model import ModelScreen
from opsboard.ui.screens.service import ServiceScreen
from tests.history.recording import SetClocks
from tests.history.sample_changes import act
from tests.ui.app_harness import NOW, AppHarness, Stopped, until

NAME = "kube-prod"
SOURCES = {NAME: SourceInfo("Kubernetes", "login-hash")}
WELL = Deployment(
    source=NAME, id="eu/shop/Deployment/checkout", name="checkout", workload="Deployment",
    cluster="eu", namespace="shop", environment="production", revision="55", desired=4, ready=4,
    images=("registry.example/shop/checkout:v55",), status=Status.OK,
    outputs=stated(workload("https://eu", "shop", "Deployment", "checkout", "Deployment")),
)  # fmt: skip
NEW = replace(WELL, revision="56", images=("registry.example/shop/checkout:v56",))
RED = replace(NEW, status=Status.FAILED, reason="CrashLoopBackOff", ready=1)


class Stage:
    """A board and a recorder that are told the same, under one clock that ends now."""

    def __init__(self, folder: Path) -> None:
        self.clocks = SetClocks()
        self.clocks.time = NOW - timedelta(minutes=13)
        self.board = Board({NAME: "Kubernetes"})
        self.recorder = HistoryRecorder(folder, Redactor(), clocks=self.clocks)
        self.recorder.set_sources(SOURCES)
        self.recorder.identify(NAME, "Kubernetes", "https://eu", Principal(name="alice"))
        self.board.apply([BoardEvent("", SourceList(SOURCES), self.clocks.time)])

    def tells(self, changes: Sequence[Change], minutes: float) -> None:
        """Let time pass until so many *minutes* ago; then the source tells *changes*."""
        while self.clocks.time < NOW - timedelta(minutes=minutes):
            self.clocks.go_on(5)
            self.recorder.step()
        for change in changes:
            event = BoardEvent(NAME, change, self.clocks.time)
            self.board.apply([event])
            self.recorder.record(event)
        self.recorder.step()


async def test_what_was_recorded_is_what_the_screens_show(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.tells([*listing("all", [WELL]), Fresh("all", streaming=True)], 12)
    stage.tells([Upsert("all", [NEW])], 8)
    stage.tells([Upsert("all", [RED])], 4)
    stage.tells([], 0)
    history = HistoryService(stage.board, tmp_path, Stopped())
    app = AppHarness(BoardScreen, board=stage.board, history=history)
    object.__setattr__(app.app.context, "zone", UTC)
    async with app.showing("CrashLoopBackOff", (120, 36)) as pilot:
        await pilot.press("2")
        await app.does(pilot, "colon", *"at -10m", "enter", then="AS OF")
        await until(pilot, lambda: "4/4" in app.text and "CrashLoop" not in app.text)
        assert isinstance(app.app.screen, EarlierBoardScreen)
        minutes = [f"{NOW - timedelta(minutes=one):%H:%M}" for one in (8, 4)]
        await app.does(pilot, "right_square_bracket", then=f"AS OF {minutes[0]}")
        await app.does(pilot, "right_square_bracket", then=f"AS OF {minutes[1]}")
        await until(pilot, lambda: "CrashLoopBackOff" in app.text)
        await app.does(pilot, "left_square_bracket", then=f"AS OF {minutes[0]}")
        await until(pilot, lambda: "CrashLoopBackOff" not in app.text)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.app.screen, EarlierBoardScreen))
        await app.does(pilot, "t", then="v55 → v56")
        await app.does(pilot, "escape", "w", then="rollback --to 55")
        assert "1 joined" in app.text
    failed = act("restart", RED, 0)
    failed = replace(failed, created_at=NOW - timedelta(minutes=1), status=Status.FAILED)
    stage.board.apply([BoardEvent("", ActivityUpdate([failed]), NOW)])
    found = await history.before_red(failed.ref)
    assert found.subject == RED.ref
    assert "v55 → v56" in {change.event.change for change in found.changes}
    assert failed.id not in {change.event.act for change in found.changes}, "not itself"
    about_act = await history.timeline(failed.ref, NOW - timedelta(hours=1), NOW)
    assert "v55 → v56" in {event.change for event in about_act.events}
    stage.recorder.step(last=True)
    stage.recorder.ledger.close()


async def test_restarts_that_were_seen_are_a_line_beside_their_number(tmp_path: Path) -> None:
    pod = Pod(
        source=NAME, id="eu/shop/checkout-1", name="checkout-1", status=Status.OK, cluster="eu",
        namespace="shop", containers=1, ready=1,
    )  # fmt: skip
    down = replace(pod, status=Status.FAILED, reason="CrashLoopBackOff", ready=0)
    stage = Stage(tmp_path)
    stage.tells([*listing("all", [pod]), Fresh("all", streaming=True)], 12)
    stage.tells([Upsert("all", [replace(down, restarts=4)])], 8)
    stage.tells([Upsert("all", [replace(pod, restarts=4)])], 6)
    stage.tells([Upsert("all", [replace(down, restarts=9)])], 2)
    stage.tells([], 0)
    history = HistoryService(stage.board, tmp_path, Stopped())
    for kept, shown in ((history, "    █   9"), (None, "       9")):
        app = AppHarness(BoardScreen, board=stage.board, history=kept)
        async with app.showing("Builds", (120, 36)) as pilot:
            await app.does(pilot, "colon", *"pods", "enter", then="checkout-1")
            await app.sees(pilot, shown)
    stage.recorder.step(last=True)
    stage.recorder.ledger.close()


async def test_from_an_earlier_board_it_is_asked_of_then(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.tells([*listing("all", [WELL]), Fresh("all", streaming=True)], 12)
    stage.tells([Upsert("all", [NEW])], 9)
    stage.tells([Upsert("all", [RED])], 8)
    stage.tells([Upsert("all", [WELL])], 5)
    stage.tells([Remove("all", [WELL.ref])], 3)
    stage.tells([], 0)
    history = HistoryService(stage.board, tmp_path, Stopped())
    then = NOW - timedelta(minutes=7)
    *_, whole = [found async for found in history.at(then, [Kind.POD])]
    (alert,) = whole.board.records(Kind.ALERT)
    found = await history.of(whole.board, EarlierTime(then, "")).before_red(alert)
    assert found.subject == RED.ref
    assert [change.event.change for change in found.changes] == ["v55 → v56"], "not its own alert"
    with pytest.raises(NotFound):
        await history.before_red(alert)
    stage.recorder.step(last=True)
    stage.recorder.ledger.close()


FRAUD = Model(
    source=NAME, id="fraud", name="fraud", serving="5", aliases=(Alias("champion", "5"),),
    inputs=stated(model_version("https://ml", "fraud", "5", "alias", Strength.TAG)),
)  # fmt: skip
BETTER = replace(
    FRAUD,
    serving="6",
    aliases=(Alias("champion", "6"),),
    inputs=stated(model_version("https://ml", "fraud", "6", "alias", Strength.TAG)),
)
SCORING = replace(
    WELL, id="eu/ml/Deployment/scoring", name="scoring", namespace="ml", images=("r.example/s:v1",),
    deployed_at=NOW - timedelta(minutes=11),
    inputs=stated(model_alias("https://ml", "fraud", "champion", "env MODEL_URI", Strength.LABEL)),
    outputs=stated(workload("https://eu", "ml", "Deployment", "scoring", "Deployment")),
)  # fmt: skip


async def test_what_served_at_a_time_is_told_by_the_ledger_and_follows_each_step(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    stage.tells([*listing("all", [FRAUD]), Fresh("all", streaming=True)], 12)
    stage.tells([Upsert("all", [SCORING])], 11)
    stage.tells([Upsert("all", [BETTER])], 6)
    stage.tells([], 0)
    history = HistoryService(stage.board, tmp_path, Stopped())
    app = AppHarness(BoardScreen, board=stage.board, history=history)
    object.__setattr__(app.app.context, "zone", UTC)
    async with app.showing("Builds", (120, 50)) as pilot:
        await app.does(pilot, "colon", *"at -30m", "enter", then="known as of")
        await app.sees(pilot, f"recorded since {NOW - timedelta(minutes=12):%Y-%m-%d}")
        await app.does(pilot, "colon", *"at -8m", "enter", then="AS OF")
        await app.does(pilot, "5", "enter", then="Served by")
        await app.sees(pilot, "v5")
        assert isinstance(app.app.screen, ServiceScreen)
        moved = f"AS OF {NOW - timedelta(minutes=6):%H:%M}"
        await app.does(pilot, "right_square_bracket", then=moved)
        await app.sees(pilot, "v5 or v6")
        assert isinstance(app.app.screen, ServiceScreen), "it follows the time"
        await app.does(pilot, "left_square_bracket", then=f"AS OF {NOW - timedelta(minutes=11):%H}")
        await until(pilot, lambda: "v5 or v6" not in app.text and "v5" in app.text)
        await app.does(pilot, "escape", "3", "enter", then="Aliases over time")
        assert isinstance(app.app.screen, ModelScreen)
        await app.does(pilot, "right_square_bracket", then=moved)
        await app.sees(pilot, "v5 or v6")
        assert isinstance(app.app.screen, ModelScreen)
    stage.recorder.step(last=True)
    stage.recorder.ledger.close()
