"""A delivery that is joined from commit to drift, and a history that says what a test tells it."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from opsboard.adapter import Clock, SourceError, listing
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.delivery.read_delivery import DeliveryHistory
from opsboard.history.before_red import BeforeRed, PriorChange
from opsboard.history.change_kind import ChangeKind
from opsboard.history.historical_board import HistoricalBoard, UncertainRecord
from opsboard.history.model import Gap, GapReason
from opsboard.history.port import TimelineData
from opsboard.history.served import ServedStretch
from opsboard.history.timeline import TimelineEvent, TimelineGap, merged_gaps
from opsboard.history.undo import Undo
from opsboard.records import (
    AnyRecord,
    Build,
    Deployment,
    DeploymentWitness,
    Drift,
    EnvironmentState,
    Kind,
    MainBuild,
    Ref,
    Service,
    ServiceTarget,
    Status,
    Strength,
)
from opsboard.records.claims import stated
from opsboard.records.identity import (
    ci_run,
    commit,
    image,
    model_version,
    workload,
)
from opsboard.views.restart_lines import CountReading
from tests.ui.sample_board import NOW

SHA = "fa2dec5" + "0" * 33
DIGEST = "sha256:" + "9ab4" * 16
BUILD = Build(
    source="github", id="11", name="checkout deploy #11", status=Status.OK,
    repository="shop/checkout", workflow="deploy", number=11, state="success", branch="main",
    commit=SHA, title="Round split payments", actor="dana", created_at=NOW - timedelta(minutes=65),
    updated_at=NOW - timedelta(minutes=61),
    inputs=stated(commit("https://github.com/shop/checkout", SHA, "GitHub run: head_sha")),
    outputs=stated(
        ci_run("https://github.com/shop/checkout", "11", "GitHub run"),
        image(DIGEST, "GitHub artifact metadata"),
    ),
)  # fmt: skip
CHECKOUT = Deployment(
    source="kube-prod", id="checkout", name="checkout", status=Status.FAILED,
    reason="CrashLoopBackOff", message="KeyError: 'limits.split'", environment="production",
    workload="Deployment", cluster="prod-eu", namespace="shop", revision="56",
    images=("registry.example/shop/checkout:v56",), desired=4, updated=4, ready=3, available=3,
    created_at=NOW - timedelta(days=90), updated_at=NOW - timedelta(minutes=59),
    inputs=stated(
        image(DIGEST, "pod imageID"),
        model_version(
            "https://mlflow.example", "fraud-detector", "5", "env MODEL_URI",
            strength=Strength.CANDIDATE,
        ),
    ),
    outputs=stated(workload("https://prod-eu.example", "shop", "Deployment", "checkout", "object")),
)  # fmt: skip
STAGING = Deployment(
    source="kube-prod", id="checkout-staging", name="checkout", status=Status.OK,
    environment="staging", workload="Deployment", cluster="staging-eu", namespace="shop",
    revision="57", images=("registry.example/shop/checkout:v57",), desired=2, updated=2, ready=2,
    available=2, updated_at=NOW - timedelta(hours=3),
)  # fmt: skip
DRIFT = Drift(
    source="mlflow", id="x", name="psi", model="fraud-detector", version="5", metric="psi",
    value=0.04, threshold=0.25, trend=(0.02, 0.03, 0.04), status=Status.OK,
    inputs=stated(
        model_version("https://mlflow.example", "fraud-detector", "5", "drift of", Strength.SHA)
    ),
)  # fmt: skip
CHAIN: tuple[AnyRecord, ...] = (BUILD, CHECKOUT, STAGING, DRIFT)


def _env(environment: str, version: str, **rest: Any) -> EnvironmentState:
    return EnvironmentState(environment=environment, version=version, **rest)


def _said(ref: Ref, words: str) -> DeploymentWitness:
    return DeploymentWitness(ref=ref, says=words, commit=SHA)


def services() -> list[Service]:
    """Return services of every sort: failing, drifting, rolling out, without anything known."""

    def main(*statuses: Status) -> tuple[MainBuild, ...]:
        return tuple(MainBuild(
            status=status, commit=SHA, build=BUILD.ref, at=NOW - timedelta(hours=4 - at)
        )
                     for at, status in enumerate(statuses))  # fmt: skip

    ok, bad, going = Status.OK, Status.FAILED, Status.RUNNING
    return [
        Service(
            source="opsboard", id="checkout", name="checkout", status=bad,
            reason="CrashLoopBackOff", repository="github.com/shop/checkout", branch="main",
            main=main(ok, ok, bad, ok), waiting=1,
            environments=(
                _env("staging", "v57", status=ok, since=NOW - timedelta(hours=3),
                                 ready=2, desired=2, waiting=4),
                _env("production", "v56", status=bad, reason="CrashLoopBackOff",
                                 since=NOW - timedelta(minutes=19), ready=3, desired=4, waiting=0,
                                 commits=(SHA,),
                                 witnesses=(_said(CHECKOUT.ref, "v56"),
                                            _said(BUILD.ref, "deployed"))),
            ),
            targets=(ServiceTarget(environment="production", ref=CHECKOUT.ref),
                     ServiceTarget(environment="staging", ref=STAGING.ref)),
            sources=("kube-prod", "github"),
        ),
        Service(
            source="opsboard", id="product-ranker", name="product-ranker", status=Status.WARNING,
            reason="drift", main=main(ok, ok, ok, ok), model="product-ranker", model_version="6",
            environments=(
                _env("staging", "v8", status=ok, since=NOW - timedelta(days=1),
                                 ready=1, desired=1),
                _env("production", "v6", status=ok, since=NOW - timedelta(days=6),
                                 ready=4, desired=4, waiting=0),
            ),
            drift=DRIFT.ref, drift_status=Status.WARNING, drift_metric="psi", drift_value=0.37,
            drift_trend=(0.1, 0.12, 0.2, 0.3, 0.37),
        ),
        Service(
            source="opsboard", id="recommendations", name="recommendations", status=going,
            main=main(ok, ok, ok, going),
            environments=(
                _env("staging", "v18", status=ok, since=NOW - timedelta(minutes=2)),
                _env("production", "v17", next_version="v18", status=going,
                                 since=NOW - timedelta(days=9), ready=3, desired=4, waiting=0),
            ),
        ),
        Service(
            source="opsboard", id="cart", name="cart", status=ok, main=main(ok, ok),
            environments=(
                _env("dev", "v60", status=ok, since=NOW - timedelta(minutes=4)),
                _env("production", "v54", status=ok, since=NOW - timedelta(hours=1),
                                 since_at_latest=True, ready=4, desired=4, waiting=0),
            ),
        ),
        Service(source="opsboard", id="ledger", name="ledger", hint="no image names its commit"),
    ]  # fmt: skip


def events() -> list[TimelineEvent]:
    """Return what happened, the newest first."""

    def ago(minutes: int) -> datetime:
        return NOW - timedelta(minutes=minutes)

    return [
        TimelineEvent(
            ago(2), ChangeKind.ACT, Status.RUNNING, "checkout", "rollback v56 → v55, running",
            "ada", "image is broken", "production", "kube-prod", CHECKOUT.ref, "plan-1",
            alters=True,
        ),
        TimelineEvent(
            ago(59), ChangeKind.ALERT, Status.FAILED, "checkout", "CrashLoopBackOff",
            environment="production", source="kube-prod", ref=CHECKOUT.ref,
        ),
        TimelineEvent(
            ago(60), ChangeKind.DEPLOY, Status.WARNING, "checkout", "v55 → v56", "dana", "",
            "production", "kube-prod", CHECKOUT.ref, alters=True,
        ),
        TimelineEvent(
            ago(63), ChangeKind.CONFIG, Status.OK, "checkout-limits", "3 keys changed", "ci-bot",
            "", "production", "kube-prod", earliest=ago(68), alters=True,
        ),
        TimelineEvent(
            ago(200), ChangeKind.ALIAS, Status.OK, "product-ranker", "champion v5 → v6", "emre",
            "", "production", "mlflow", backfilled=True, alters=True,
        ),
        TimelineEvent(
            ago(61), ChangeKind.BUILD, Status.OK, "checkout deploy #11", "3 of 5 jobs", "dana", "",
            "", "github", BUILD.ref, minor=True,
        ),
    ]  # fmt: skip


def gaps() -> list[TimelineGap]:
    """Return a stretch in which no board ran."""
    gap = Gap("kube-prod", "shop", NOW - timedelta(minutes=89), NOW - timedelta(minutes=80),
              GapReason.NO_BOARD)  # fmt: skip
    return merged_gaps([gap], 1)


def before_red() -> BeforeRed:
    """Return what changed before checkout went red."""
    _, _, deploy, config, alias, _ = events()
    return BeforeRed(
        CHECKOUT.ref,
        NOW - timedelta(hours=7),
        NOW - timedelta(minutes=59),
        (
            PriorChange(deploy, "itself", candidate=False, before=timedelta(minutes=1),
                        undo=Undo("rollback", CHECKOUT.ref, {"to": "55"}), score=0.9),
            PriorChange(config, "not joined: a like name in the same place", candidate=True,
                        before=timedelta(minutes=4), undo=None, score=0.2),
            PriorChange(alias, "not joined: the same environment", candidate=True,
                        before=timedelta(hours=2), undo=None, score=0.01),
        ),
        tuple(gaps()),
    )  # fmt: skip


class FakeHistory:
    """Says what a test has put into its attributes; :attr:`asked` is what it was asked for."""

    def __init__(self) -> None:
        self.error: SourceError | None = None
        self.prior = before_red()
        self.asked: list[tuple[object, ...]] = []
        self.all_read = asyncio.Event()
        self.all_read.set()
        """Unset: the board of a time has what is read first only."""
        self.at_once = asyncio.Event()
        self.at_once.set()
        """Unset: a step from one time to another waits."""
        self.is_read = asyncio.Event()
        self.is_read.set()
        """Unset: the delivery figures are still being read."""
        self.changes = [NOW - timedelta(hours=3), NOW - timedelta(hours=1)]
        self.uncertain: tuple[UncertainRecord, ...] = ()
        self.stretches: tuple[ServedStretch, ...] = ()
        self.delivered = DeliveryHistory(NOW)
        self.readings: dict[Ref, Sequence[CountReading]] = {}

    def _note(self, *question: object) -> None:
        self.asked.append(question)
        if self.error is not None:
            raise self.error

    def of(self, board: Board, clock: Clock) -> "FakeHistory":
        return self

    async def timeline(self, ref: Ref | None, since: datetime, until: datetime) -> TimelineData:
        self._note("timeline", ref, since, until)
        told = tuple(event for event in events() if event.at > since)
        shown = tuple(gap for gap in gaps() if gap.until is None or gap.until > since)
        return TimelineData(told, shown)

    async def before_red(self, ref: Ref) -> BeforeRed:
        self._note("before red", ref)
        return self.prior

    async def counts(
        self, refs: Collection[Ref], field: str, since: datetime
    ) -> Mapping[Ref, Sequence[CountReading]]:
        self._note("counts", tuple(refs), field, since)
        return self.readings

    async def at(
        self, time: datetime, kinds: Collection[Kind], like: HistoricalBoard | None = None
    ) -> AsyncGenerator[HistoricalBoard, None]:
        self._note("at", time)
        if like is None or not like.joined:
            yield self._board(time, Kind.DEPLOYMENT in kinds, joined=False)
            await self.all_read.wait()
            yield self._board(time, True, joined=True)
        else:
            await self.at_once.wait()
            yield self._board(time, True, joined=False)

    def _board(self, time: datetime, filled: bool, *, joined: bool) -> HistoricalBoard:
        board = Board({"kube-prod": "Kubernetes"}, joined=joined)
        then = replace(CHECKOUT, status=Status.OK, reason="", ready=4)
        if filled:
            board.apply(BoardEvent("kube-prod", change, time) for change in listing("shop", [then]))
        return HistoricalBoard(board, time, False, (), self.uncertain, joined=joined)

    async def change_before(self, time: datetime) -> datetime | None:
        self._note("before", time)
        return max((at for at in self.changes if at < time), default=None)

    async def change_after(self, time: datetime) -> datetime | None:
        self._note("after", time)
        return min((at for at in self.changes if at > time), default=None)

    async def served(self, ref: Ref) -> tuple[ServedStretch, ...]:
        self._note("served", ref)
        return self.stretches

    async def delivery(self) -> DeliveryHistory:
        self._note("delivery")
        await self.is_read.wait()
        return self.delivered

    async def handover(self, since: datetime) -> str:
        self._note("handover", since)
        return "# Hand-over\n\n## Open alerts: 1\n\n- checkout: CrashLoopBackOff\n"
