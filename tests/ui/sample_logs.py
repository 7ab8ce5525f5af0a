"""The log of a workload with four pods, one of which fails; and the log of a build."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from opsboard.adapter import AnnotationLevel, LogAnnotation, LogLine, LogPart
from opsboard.records import Status

_AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_PODS = ("checkout-5d9f7-9k2", "checkout-5d9f7-x7p", "checkout-5d9f7-b4q", "checkout-77c8d-mm5")
_SAID = (
    '{"ts":"03:00:00Z","level":"info","msg":"request served","path":"/basket","ms":12}',
    'level=warn msg="retrying payment" payment=8812 attempt=2',
    "2026-11-24 03:00:01,123 INFO  checkout.worker settled 12 orders in 840 ms",
    '{"level":"debug","msg":"cache miss","key":"basket:u-17"}',
)
_FAILS = (
    "Traceback (most recent call last):",
    '  File "/app/limits.py", line 41, in split',
    "    return limits['split']",
    "KeyError: 'limits.split'",
    '{"level":"error","msg":"cannot charge","order":"o-8812","error":"limits.split"}',
)


def pods_log(count: int = 80) -> list[LogLine]:
    """Return *count* lines of four pods with two containers, then why one of them ended."""
    lines = [
        LogLine(
            _SAID[number % 4] if number % 7 else "10.0.3.7 - - GET /basket HTTP/1.1 200 512",
            _AT + timedelta(seconds=number),
            "app" if number % 7 else "proxy",
            group=_PODS[number % 3],
        )
        for number in range(count)
    ]
    end = _AT + timedelta(seconds=count)
    failing = _PODS[3]
    lines.append(LogLine("(the pod joins)", end, group=failing))
    lines += [LogLine(text, end, "app", group=failing) for text in _FAILS]
    said = "(the container ended: Error, exit code 1)"
    lines.append(LogLine(said, end, "app", group=failing, error=True, failed=True))
    return lines


def pods() -> list[LogPart]:
    """Return the containers of these pods."""
    return [
        LogPart(name="app", group=_PODS[3], status=Status.FAILED, note="Error, exit code 1"),
        *(
            LogPart(name=name, group=group, status=Status.OK, note="running")
            for group in _PODS[:3]
            for name in ("app", "proxy")
        ),
    ]


def build_log(job: str = "", depth: int = 0) -> list[LogLine]:
    """Return the log of a job with four steps, the third of which failed; with *job*, one of
    several of a run."""
    steps = (
        ("Set up job", "4s", ("Runner 2.331", "(Ubuntu", "24.04)", "Complete job name: test")),
        ("Check out", "2s", ("(Run actions/checkout@v4", "fetch-depth: 1)", "HEAD is at 5d9f7")),
        ("Unit tests", "1m04s", (*_RUN, *_FINDINGS)),
        ("Post Check out", "1s", ("Post job cleanup.", "git version 2.47")),
    )
    return [line for step in steps for line in _step(*step, job, depth)]


def run_log() -> list[LogLine]:
    """Return the log of all jobs of a run: one is well, one failed, one was cancelled."""
    heads = [
        LogLine(
            text,
            _AT,
            group=text.split("  ")[0],
            failed=status is Status.FAILED,
            title=True,
            head=True,
            status=status,
        )
        for text, status in (
            ("lint  40s", Status.OK),
            ("test (api)  failure  1m11s", Status.FAILED),
            ("deploy  cancelled", Status.UNKNOWN),
        )
    ]
    well = [replaced for line in build_log("lint", 1) if (replaced := _well(line)) is not None]
    return [
        LogLine("all of 3 jobs", title=True),
        heads[0], *well, heads[1], *build_log("test (api)", 1), heads[2],
    ]  # fmt: skip


def _well(line: LogLine) -> LogLine | None:
    """Return *line* as one of a job that is well; ``None`` for one that tells of a failure."""
    if line.annotation is not None or "failure" in line.text:
        return None
    return line._replace(failed=False)


_FILES = ("auth", "basket", "checkout", "items", "orders", "payments", "prices", "stock")
_RUN = (
    "(Run make test", "make test)", "collected 214 items",
    *(f"tests/test_{name}.py ....... [{at * 12:>3}%]" for at, name in enumerate(_FILES, 1)),
)  # fmt: skip
_FINDINGS = (
    "(Slowest tests", "1.2 s test_prices)", "W the cache was not restored",
    "E test_basket: expected 3, got 4", "3 failed, 211 passed",
    "E Process completed with exit code 1.",
)  # fmt: skip
_MARKS = {"E": AnnotationLevel.ERROR, "W": AnnotationLevel.WARNING}


def _step(name: str, took: str, texts: Sequence[str], job: str, depth: int) -> Iterator[LogLine]:
    failed = name == "Unit tests"
    said = f"{name}  {'failure  ' if failed else ''}{took}"
    at = _AT + timedelta(seconds=len(name))
    yield LogLine(
        said,
        at,
        name,
        group=job,
        failed=failed,
        title=True,
        head=True,
        depth=depth,
        status=Status.FAILED if failed else Status.OK,
    )
    within = 0
    for text in texts:
        level = _MARKS.get(text[:1]) if text[1:2] == " " else None
        yield LogLine(
            f"{level}: {text[2:]}" if level else text.strip("()"),
            at,
            name,
            group=job,
            error=level is AnnotationLevel.ERROR,
            failed=failed and not text.startswith("("),
            head=text.startswith("("),
            depth=depth + 1 + within,
            annotation=_mark(level, text) if level else None,
        )
        within = int(text.startswith("(") or (bool(within) and not text.endswith(")")))


def _mark(level: AnnotationLevel, text: str) -> LogAnnotation:
    return LogAnnotation(level, "tests/test_basket.py:41" if "basket" in text else "")
