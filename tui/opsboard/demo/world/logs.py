"""Logs of pods and of workflow jobs, generated on demand; a line is the same each time."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zlib import crc32

from opsboard.demo.world.ci import DemoConclusion, DemoWorkflowJob, DemoWorkflowStep
from opsboard.demo.world.clusters import DemoPod, DemoPodState, PodOutcome
from opsboard.demo.world.rng import SeededRandom

LINE_SECONDS: Final = 1.5
"""Seconds between two lines of a pod."""

_PATHS: Final = ("/", "/items", "/basket", "/orders", "/health", "/prices", "/search?q=lamp")
_CRASH: Final = (
    "level=info msg=starting",
    'level=info msg="reading settings" file=/etc/app/settings.toml',
    'level=error msg="cannot connect to the database" host=ledger-db error="no such host"',
    "panic: settings: database.host: no such host",
    "goroutine 1 [running]:",
    "main.main()",
    "\t/src/cmd/server/main.go:41 +0x1d4",
)


def pod_lines(
    pod: DemoPod, now: datetime, *, tail: int | None = None, after: datetime | None = None
) -> Iterator[tuple[datetime, str]]:
    """Yield time and text of the last *tail* lines of *pod*, or of those *after* a time."""
    if pod.state in _SILENT:
        return
    if pod.revision is not None and pod.revision.outcome is PodOutcome.CRASH:
        yield from _crash_lines(pod, tail, after)
        return
    end = min(now, pod.since) if pod.state in _DONE else now
    count = int((end - pod.created_at).total_seconds() / LINE_SECONDS) + 1
    first = max(count - tail, 0) if tail is not None else 0
    if after is not None:
        first = max(first, int((after - pod.created_at).total_seconds() / LINE_SECONDS) + 1)
    for number in range(first, count):
        yield pod.created_at + timedelta(seconds=number * LINE_SECONDS), _line(pod, number)


def crash_lines(pod: DemoPod, tail: int | None = None) -> Iterator[tuple[datetime, str]]:
    """Yield what the instance of *pod* has written that ran before the present one."""
    yield from _crash_lines(pod, tail, None)


def init_lines(pod: DemoPod, name: str) -> Iterator[tuple[datetime, str]]:
    """Yield what the init container *name* of *pod* has written."""
    for second, text in enumerate(("begins", "schema is at version 41", "nothing is to be done")):
        yield pod.created_at + timedelta(seconds=second / 2), f"level=info {name}={text!r}"


def sidecar_lines(
    pod: DemoPod, name: str, now: datetime, after: datetime | None = None
) -> Iterator[tuple[datetime, str]]:
    """Yield what the container *name*, beside that of *pod*, has written in the last hour."""
    every = timedelta(seconds=30)
    begin = max(pod.created_at, now - timedelta(hours=1), after or pod.created_at)
    number = (begin - pod.created_at) // every + (after is not None)
    while (at := pod.created_at + number * every) <= now:
        yield at, f"level=info msg={name} changed=0 look={number}"
        number += 1


_SILENT: Final = frozenset(
    {
        DemoPodState.PENDING,
        DemoPodState.UNSCHEDULABLE,
        DemoPodState.CREATING,
        DemoPodState.PULL_FAILED,
    }
)
_DONE: Final = frozenset({DemoPodState.SUCCEEDED, DemoPodState.FAILED})


def _line(pod: DemoPod, number: int) -> str:
    chance = SeededRandom(f"{pod.uid}:{number}")
    status = 200 if chance.chance(0.96) else chance.choice((404, 429, 500, 503))
    level = "info" if status < 500 else "error"
    path, took, trace = chance.choice(_PATHS), chance.uniform(0.8, 90), chance.hex(16)
    style = crc32(pod.owner.name.encode()) % 3
    if style == 0:
        said = {"level": level, "msg": "request", "path": path, "status": status, "trace": trace}
        return json.dumps({**said, "ms": round(took, 1)})
    if style == 1:
        return f"{level.upper():<5} server: GET {path} {status} in {took:.1f} ms trace={trace}"
    return (
        f"level={level} msg=request method=GET path={path} status={status}"
        f" duration={took:.1f}ms trace={trace}"
    )


def _crash_lines(
    pod: DemoPod, tail: int | None, after: datetime | None
) -> Iterator[tuple[datetime, str]]:
    lines = [
        (pod.since - timedelta(milliseconds=40 * (len(_CRASH) - number)), text)
        for number, text in enumerate(_CRASH)
    ]
    kept = lines if tail is None else lines[len(lines) - min(tail, len(lines)) :]
    yield from (line for line in kept if after is None or line[0] > after)


def step_lines(
    job: DemoWorkflowJob, now: datetime
) -> Iterator[tuple[DemoWorkflowStep, Sequence[tuple[datetime, str]]]]:
    """Yield the steps of *job* that have started by *now*, each with its log lines so far."""
    chance = SeededRandom(f"job {job.id}")
    for step in job.steps:
        if step.starts_at <= now and step.conclusion is not DemoConclusion.SKIPPED:
            yield step, tuple(_lines_of(step, chance, now))


def _lines_of(
    step: DemoWorkflowStep, chance: SeededRandom, now: datetime
) -> Iterator[tuple[datetime, str]]:
    yield step.starts_at, f"##[group]Run {step.name}"
    yield step.starts_at, "shell: /usr/bin/bash -e {0}"
    yield step.starts_at, "##[endgroup]"
    seconds = int((step.ends_at - step.starts_at).total_seconds())
    for second in range(min(seconds, 40)):
        at = step.starts_at + timedelta(seconds=second)
        text = f"{step.name.lower()}: part {second + 1} of {seconds} ({chance.hex(8)})"
        if at <= now:
            yield at, text
    if step.ends_at <= now and step.conclusion is DemoConclusion.FAILURE:
        yield step.ends_at, "3 of 214 checks failed"
        for finding in findings(step):
            yield step.ends_at, f"##[{finding.command}]{finding.message}"


class DemoFinding(NamedTuple):
    """What a step wants looked at: the runner's *command* for it; *path* is ``.github`` where the
    step names no file."""

    command: str
    message: str
    path: str = ".github"
    line: int = 1


def findings(step: DemoWorkflowStep) -> Sequence[DemoFinding]:
    """Return what *step*, which has failed, wants looked at."""
    file = f"tests/test_{step.name.lower().replace(' ', '_')}.py"
    return (
        DemoFinding("warning", "The cache was not restored: no entry has this key"),
        DemoFinding("error", f"{step.name}: expected 3 items, got 4", file, 41),
        DemoFinding("error", "Process completed with exit code 1.", line=31),
    )
