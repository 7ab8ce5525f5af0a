"""What stands on the stage: a build with its detail, its alerts, its raw form, a log, a board."""

from datetime import UTC, datetime, timedelta

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
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
    Point,
    Report,
    Series,
    TextSection,
    listing,
)
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.records import JSON, Alert, Build, Kind, Record, Ref, Status

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
PODS = Ref("kube", Kind.DEPLOYMENT, "shop/checkout")
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
        TextSection(title="Failure", text="E   assert 2 == 3\n\ntests/test_basket.py:41"),
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


def stage_board(*records: Record) -> Board:
    """Return a board with a polled, a streaming and an unreachable source."""
    board = Board({"github": "GitHub Actions", "kube-prod": "Kubernetes", "mlflow": "MLflow"})
    live, at = Health(condition=Condition.LIVE), NOW - timedelta(seconds=42)
    down = Health(
        condition=Condition.UNREACHABLE,
        message="no answer from http://mlflow.internal:5000: connection refused",
        hint="check that the server runs",
    )
    core = Budget(name="core", remaining=4_812, limit=5_000, resets_at=NOW + timedelta(minutes=40))
    told = [("github", change) for change in listing("shop/api", [BUILD, *ALERTS])]
    board.apply(
        [
            *(BoardEvent(source, change, at) for source, change in told),
            BoardEvent("github", Report(live), at),
            BoardEvent("github", BudgetUpdate(core), at),
            BoardEvent("kube-prod", Complete("pods", frozenset()), at),
            BoardEvent("kube-prod", Fresh("pods", streaming=True), at),
            BoardEvent("kube-prod", Report(live), at),
            BoardEvent("mlflow", Report(down), at),
        ]
    )
    return board
