"""A small stage for the frame and its screens: a feed that says what it is told to say."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from textual.pilot import Pilot
from textual.screen import Screen

from opsboard.adapter import (
    Budget,
    Complete,
    Condition,
    Detail,
    Fact,
    Facts,
    Fresh,
    Grid,
    GridRow,
    Health,
    LogLine,
    NotFound,
    Passage,
    Point,
    Report,
    Series,
    SourceError,
    Spent,
    listing,
)
from opsboard.board.arrival import Arrival
from opsboard.board.state import Board
from opsboard.config.settings import UiSettings
from opsboard.records import JSON, Alert, Build, Kind, Record, Ref, Status
from opsboard.ui.app import OpsboardApp

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

BUILD = Build(
    source="github",
    id="1",
    name="shop/api #412",
    status=Status.FAILED,
    reason="test failed",
    message="job unit-tests: exit code 1",
    environment="production",
    repository="shop/api",
    workflow="ci",
    number=412,
    state="failure",
    url="https://github.com/shop/api/actions/runs/1",
    updated_at=NOW - timedelta(minutes=3),
)
JOB = Ref("github", Kind.BUILD_JOB, "11")
ALERTS = tuple(
    Alert(
        source="github",
        id=f"alert-{number}",
        name=f"alert {number}",
        status=Status.WARNING,
        since=NOW,
        about=BUILD.ref,
    )
    for number in range(3)
)
DETAIL = Detail(
    record=BUILD,
    sections=(
        Facts(
            title="Run",
            facts=(
                Fact(label="repository", value="shop/api"),
                Fact(
                    label="commit",
                    value="4f2a9c1 Make the [b]basket[/b] survive " + "a restart " * 9,
                ),
                Fact(label="started", value="2026-11-24T02:56:00+00:00"),
                Fact(label="verdict", value="failure", status=Status.FAILED),
            ),
        ),
        Grid(
            title="Jobs",
            columns=("job", "state", "started", "took"),
            rows=(
                GridRow(
                    cells=("build", "success", "2026-11-24T02:56:10+00:00", "72"), status=Status.OK
                ),
                GridRow(
                    cells=("unit-tests", "failure", "2026-11-24T02:57:30+00:00", "48"),
                    status=Status.FAILED,
                    ref=JOB,
                ),
                GridRow(cells=("deploy", "queued", "", ""), status=Status.RUNNING),
            ),
        ),
        Grid(title="Artifacts", columns=("name",)),
        Series(
            title="accuracy",
            points=tuple(Point(value=0.8 + 0.15 * (1 - 1 / (at + 1)), step=at) for at in range(30)),
        ),
        Series(
            title="psi",
            threshold=0.25,
            points=tuple(Point(value=0.05 + at * 0.012, step=at) for at in range(30)),
        ),
        Passage(title="Failure", text="E   assert 2 == 3\n\ntests/test_basket.py:41"),
    ),
)
RAW: JSON = {
    "id": 1,
    "name": "shop/api",
    "message": "Make\nit",
    "jobs": [{"name": "build"}, {"name": "t"}],
}


def log_lines(count: int) -> list[LogLine]:
    """Return lines of which each tenth is an error."""
    return [
        LogLine(
            text=f"line {at} fetched /{at}" + (" ERROR" if at % 10 == 0 else ""),
            at=NOW + timedelta(seconds=at),
            part="api",
        )
        for at in range(count)
    ]


class Stopped:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class StageFeed:
    """Says what a test has put into its attributes."""

    def __init__(self) -> None:
        self.started = self.stopped = 0
        self.pending: list[Arrival] = []
        self.wake: Callable[[], None] = lambda: None
        self.refreshed: list[str | None] = []
        self.error: SourceError | Exception | None = None
        self.detail_of: dict[Ref, Detail] = {BUILD.ref: DETAIL}
        self.asked: list[Ref] = []
        self.lines = log_lines(200)
        self.more: asyncio.Queue[LogLine | SourceError] = asyncio.Queue()

    def start(self) -> None:
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    def listen(self, wake: Callable[[], None]) -> None:
        self.wake = wake

    def drain(self) -> Sequence[Arrival]:
        pending, self.pending = self.pending, []
        return pending

    def refresh(self, source: str | None = None) -> None:
        self.refreshed.append(source)

    def has_log(self, ref: Ref) -> bool:
        return ref.kind is Kind.BUILD_JOB

    async def detail(self, ref: Ref) -> Detail:
        self.asked.append(ref)
        if self.error is not None:
            raise self.error
        if ref not in self.detail_of:
            raise NotFound(f"{ref.kind} {ref.id} is gone", "go back")
        return self.detail_of[ref]

    async def raw(self, ref: Ref) -> JSON:
        if self.error is not None:
            raise self.error
        return RAW

    async def logs(self, ref: Ref, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        for line in self.lines[-tail:]:
            yield line
        while follow:
            line_or_error = await self.more.get()
            if isinstance(line_or_error, SourceError):
                raise line_or_error
            yield line_or_error


def stage_board(*records: Record) -> Board:
    """Return a board with a polled, a streaming and an unreachable source."""
    board = Board({"github": "GitHub Actions", "kube-prod": "Kubernetes", "mlflow": "MLflow"})
    live, at = Health(condition=Condition.LIVE), NOW - timedelta(seconds=42)
    down = Health(
        condition=Condition.UNREACHABLE,
        message="no answer from http://mlflow.internal:5000: connection refused",
        mend="check that the server runs",
    )
    core = Budget(name="core", remaining=4_812, limit=5_000, resets_at=NOW + timedelta(minutes=40))
    told = [("github", change) for change in listing("shop/api", [BUILD, *ALERTS])]
    board.apply(
        [
            *(Arrival(source, change, at) for source, change in told),
            Arrival("github", Report(live), at),
            Arrival("github", Spent(core), at),
            Arrival("kube-prod", Complete("pods", frozenset()), at),
            Arrival("kube-prod", Fresh("pods", streaming=True), at),
            Arrival("kube-prod", Report(live), at),
            Arrival("mlflow", Report(down), at),
        ]
    )
    return board


class Stage:
    """An app on the stage, with what it was made of."""

    def __init__(
        self,
        home: Callable[[], Screen[None]],
        settings: UiSettings | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.home = home
        self.feed, self.clock, self.board = StageFeed(), Stopped(), stage_board()
        self.app = OpsboardApp(
            self.feed,
            self.board,
            settings or UiSettings(),
            self.clock,
            env=env or {"TERM": "xterm-256color"},
            home=home,
        )

    def run(self, size: tuple[int, int]) -> AbstractAsyncContextManager[Pilot[int]]:
        """Run the app without a terminal, with its notices."""
        return self.app.run_test(size=size, notifications=True)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait until *true* is; fail after a bounded number of rounds."""
    for _ in range(1_500):
        if true():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never became true")


def screen_text(app: OpsboardApp) -> str:
    """Return what is on the screen, as lines of text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
