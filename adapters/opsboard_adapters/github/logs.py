"""The log of a job.

GitHub hands a log out when its job has ended, as one file from a storage host. Who follows a
job that runs is told of its steps meanwhile.
"""

import re
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from opsboard.adapter import Context, LogLine, NotFound, Unreachable, Unsupported
from opsboard.records import Kind, Ref
from opsboard_adapters import http
from opsboard_adapters.github.api import Api
from opsboard_adapters.github.shapes import Job, read
from opsboard_adapters.github.translate import split_number
from opsboard_adapters.github.words import state_of

LOOK_EVERY: Final = 5.0
SILENCE: Final = 60.0
"""Seconds after which a log of which no line comes has broken off."""
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z ?")
_COMMAND = re.compile(r"^##\[(\w+)\]")
_WORDS: Final = {
    "error": "error: ",
    "warning": "warning: ",
    "notice": "notice: ",
    "debug": "debug: ",
    "command": "$ ",
    "section": "",
}


async def read_job(api: Api, ref: Ref) -> Job:
    """Return the job that *ref* names."""
    repository, number = split_number(ref.id)
    return read(Job, await api.object(f"repos/{repository}/actions/jobs/{number}"))


async def read_log(api: Api, ref: Ref, tail: int) -> AsyncIterator[LogLine]:
    """Yield the last *tail* lines of the log of a job that has ended."""
    repository, number = split_number(ref.id)
    response = await api.download(f"repos/{repository}/actions/jobs/{number}/logs")
    lines: deque[LogLine] = deque(maxlen=tail)
    parser = Parser()
    try:
        raws = http.lines(response, longest=http.LONGEST_LINE, cut=True, silence=SILENCE)
        async for raw in raws:
            if (line := parser.line(raw.decode("utf-8", "replace"))) is not None:
                lines.append(line)
    except Unreachable as error:
        raise Unreachable(f"the log broke off: {error.message}", "open it again") from None
    finally:
        await response.aclose()
    for line in lines:
        yield line


async def read_all(
    api: Api, context: Context, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Yield the log; with *follow*, first the steps of a job that has not ended."""
    job = await read_job(api, ref)
    if job.status != "completed" and not follow:
        raise NotFound(
            f"{job.name}: GitHub gives out a log when its job has ended; this one is {job.status}",
            "follow it to see its steps, and the log when it has ended",
        )
    told: set[tuple[int, str]] = set()
    while job.status != "completed":
        for line in _news(job, told):
            yield line
        await context.pause(LOOK_EVERY)
        job = await read_job(api, ref)
    async for line in read_log(api, ref, tail):
        yield line


def read_lines(
    api: Api, context: Context, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Return the lines of the log of *ref*. Raises :exc:`Unsupported` for what has none."""
    if ref.kind is not Kind.BUILD_JOB:
        raise Unsupported(f"{ref.kind} {ref.id} has no log", "its jobs have: enter one of them")
    return read_all(api, context, ref, follow=follow, tail=tail)


def _news(job: Job, told: set[tuple[int, str]]) -> list[LogLine]:
    found = []
    for step in job.steps or ():
        state = state_of(step.status, step.conclusion)
        if state in {"queued", "pending"} or (step.number, state) in told:
            continue
        told.add((step.number, state))
        at = step.completed_at or step.started_at
        found.append(LogLine(text=f"{step.name}: {state}", at=at, part="steps"))
    return found


class Parser:
    """Reads the lines of a job's log, and keeps in mind which step they belong to."""

    def __init__(self) -> None:
        self._step = ""
        self._part = ""

    def line(self, raw: str) -> LogLine | None:
        """Return *raw* as a line, or ``None`` where it is only a mark."""
        at, text = _stamp(raw.removeprefix("\ufeff"))
        match = _COMMAND.match(text)
        if match is None:
            return LogLine(text=text, at=at, part=self._part)
        word, rest = match[1], text[match.end() :]
        if word == "endgroup":
            self._part = self._step
            return None
        if word == "group":
            self._enter(rest)
            return LogLine(text=rest, at=at, part=self._part)
        return LogLine(text=_WORDS.get(word, f"{word}: ") + rest, at=at, part=self._part)

    def _enter(self, title: str) -> None:
        """Begin a group. A step opens with the group ``Run ...`` and goes on behind its end."""
        self._part = title
        if title.startswith(("Run ", "Post ")):
            self._step = title


def _stamp(raw: str) -> tuple[datetime | None, str]:
    match = _STAMP.match(raw)
    if match is None:
        return None, raw
    fraction = (match[2] or ".0")[:7]
    try:
        at = datetime.fromisoformat(f"{match[1]}{fraction:0<7}+00:00")
    except ValueError:  # a line may begin with what only looks like a time
        return None, raw
    return at, raw[match.end() :]
