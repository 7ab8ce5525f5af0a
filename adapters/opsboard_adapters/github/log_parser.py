"""Parse the log of a job: timestamps, the runner's commands, steps, and which lines to keep.

A job's log is one file. Its steps are recognised only by time and by a few lines with which the
runner begins a step. The API gives the start of a step in whole seconds: a line of a later second
surely belongs to the step; within the second, the line that begins it decides.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from opsboard.adapter import LogLine
from opsboard.records import Status
from opsboard_adapters.github.log_annotations import command_annotation
from opsboard_adapters.github.models import GitHubJob, GitHubStep
from opsboard_adapters.github.status_map import span_of_step, state_of, status_of
from opsboard_adapters.times import as_utc

_STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d) ?")
_COMMAND = re.compile(
    r"##\[([\w-]+)\]|::(error|warning|notice|debug|group|endgroup)(?: ([^\r\n]*?))?::",
    re.IGNORECASE,
)
"""A mark of the runner (``##[error]``), or the command for it (``::error::``), which other runners
do not translate.
"""
_ESCAPED: Final = (("%0D", "\r"), ("%0A", " "), ("%25", "%"))
_WORDS: Final = {
    "error": "error: ",
    "warning": "warning: ",
    "notice": "notice: ",
    "debug": "debug: ",
    "command": "$ ",
    "section": "",
}

_SECOND: Final = timedelta(seconds=1)
_GROUPS: Final = ("##[group]", "::group::")
_BEGINNINGS: Final = (
    *(f"{group}Run " for group in _GROUPS),
    "Post job cleanup.",
    "Evaluate and set job outputs",
    "Cleaning up orphan processes",
)
"""How the runner (actions/runner) begins a step, the post-job steps, and the last one."""


class LogSteps:
    """The steps of one job, advanced line by line in the order of its log."""

    def __init__(self, job: GitHubJob) -> None:
        steps = sorted(job.steps or (), key=lambda step: step.number)
        self._steps = [step for step in steps if step.started_at and step.conclusion != "skipped"]
        self._starts = [step.started_at for step in self._steps if step.started_at is not None]
        self.why_failed = failed_steps(job)
        """The steps that the job failed for."""
        self._all_failed = not self._steps and _state(job) is Status.FAILED
        self._at = 0
        self._told = 0

    @property
    def are_known(self) -> bool:
        """Whether there is any step that has begun."""
        return bool(self._steps)

    def heads(self) -> Iterator[GitHubStep]:
        """Yield the steps that have begun since this was last asked for."""
        if self._steps:
            yield from self._steps[self._told : self._at + 1]
            self._told = self._at + 1

    @property
    def name(self) -> str:
        """The current step; ``""`` where steps are not known."""
        return self._steps[self._at].name if self._steps else ""

    @property
    def failed(self) -> bool:
        """Whether the current step is why the job failed; without known steps, whether the job
        failed.
        """
        return self._steps[self._at] in self.why_failed if self._steps else self._all_failed

    def advance(self, at: datetime | None, text: str) -> bool:
        """Take in the next line, *text*, which the runner wrote *at* that time; return whether it
        begins another step.
        """
        if at is None:
            return False
        before = self._at
        while self._at + 1 < len(self._steps) and self._starts[self._at + 1] + _SECOND <= at:
            self._at += 1
        following = self._steps[self._at + 1 : self._at + 2]
        if following and self._starts[self._at + 1] <= at and _begins(text, following[0]):
            self._at += 1
        return self._at != before


def failed_steps(job: GitHubJob) -> Sequence[GitHubStep]:
    """Return the steps that *job* failed for: those that failed, or else those that were
    cancelled.
    """
    steps = [(step, state_of(step.status, step.conclusion)) for step in job.steps or ()]
    failed = [step for step, state in steps if status_of(state) is Status.FAILED]
    if failed or _state(job) is Status.OK:
        return failed
    return [step for step, state in steps if state == "cancelled"]


def _state(job: GitHubJob) -> Status:
    return status_of(state_of(job.status, job.conclusion))


def _begins(text: str, step: GitHubStep) -> bool:
    return text.startswith(_BEGINNINGS) or text in {f"{group}{step.name}" for group in _GROUPS}


class LogParser:
    """Parses the lines of a job's log and assigns each to one of its *steps*.

    Where the steps are not known, the groups in the log stand for them. Steps and groups head
    folds; the job is *depth* folds deep. *group* is the job's name, where there are several.
    """

    def __init__(self, steps: LogSteps | None = None, *, group: str = "", depth: int = 0) -> None:
        self._steps = steps or LogSteps(GitHubJob(id=0))
        self._group = _Groups()
        self._job = group
        self._depth = depth + self._steps.are_known

    def feed(self, raw: str, omitted: int = 0) -> Iterator[LogLine]:
        """Yield what *raw* is shown as, behind the heads of the steps that begin with it."""
        line = self.line(raw)
        for step in self._steps.heads():
            yield self._head(step)
        if line is not None:
            yield line._replace(omitted=omitted) if omitted else line

    def _head(self, step: GitHubStep) -> LogLine:
        state, span = state_of(step.status, step.conclusion), span_of_step(step)
        took = span.duration(span.ended_at or step.started_at) if step.started_at else ""
        said = "" if status_of(state) is Status.OK else state.replace("_", " ")
        return LogLine(
            "  ".join(filter(None, (step.name, said, took))),
            step.started_at,
            step.name,
            group=self._job,
            failed=step in self._steps.why_failed,
            title=True,
            head=True,
            depth=self._depth - 1,
            status=status_of(state),
        )

    def line(self, raw: str) -> LogLine | None:
        """Return *raw* as a line; ``None`` where it is only a mark."""
        at, text = _stamp(raw.lstrip("\ufeff"))
        text = text.lstrip("\ufeff")
        if self._steps.advance(at, text):
            self._group.leave()
        match = _COMMAND.match(text)
        if match is None:
            return self._line(text, at)
        word, rest = (match[1] or match[2]).lower(), text[match.end() :]
        if match[2]:
            for escaped, char in _ESCAPED:
                rest = rest.replace(escaped, char)
        if word == "endgroup":
            self._group.leave()
            return None
        if word == "group":
            self._group.enter(rest)
            return self._line(rest, at)._replace(head=True, depth=self._depth, failed=False)
        line = self._line(_WORDS.get(word, f"{word}: ") + rest, at, error=word == "error")
        annotation = command_annotation(word, match[3] or "")
        return line if annotation is None else line._replace(annotation=annotation)

    def _line(self, text: str, at: datetime | None, *, error: bool = False) -> LogLine:
        return LogLine(
            text,
            at,
            self._steps.name or self._group.title,
            group=self._job,
            error=error,
            failed=self._steps.failed,
            depth=self._depth + self._group.is_open,
        )


class _Groups:
    """The current group. A step opens with the group ``Run ...`` and continues after its end."""

    def __init__(self) -> None:
        self.title = self._step = ""
        self.is_open = False

    def enter(self, title: str) -> None:
        self.title, self.is_open = title, True
        if title.startswith(("Run ", "Post ")):
            self._step = title

    def leave(self) -> None:
        self.title, self.is_open = self._step, False


def _stamp(raw: str) -> tuple[datetime | None, str]:
    """Split the runner's timestamp (seven digits of a fraction) off *raw*."""
    match = _STAMP.match(raw)
    if match is None:
        return None, raw
    fraction, zone = (match[2] or ".0")[:7], match[3].replace("Z", "+00:00")
    try:
        at = as_utc(datetime.fromisoformat(f"{match[1]}{fraction:0<7}{zone}"))
    except ValueError:  # it only looks like a timestamp
        return None, raw
    return at, raw[match.end() :]


BEFORE: Final = 200
"""Lines that are kept before the first error of the failed step."""
AFTER: Final = 800
"""Lines that are kept after it."""


class LogWindow:
    """Keeps the last *tail* lines. Where the first error of the failed step is not among them,
    keeps the lines around it in place of some: that error is what a log is read for.
    """

    def __init__(self, tail: int) -> None:
        self._tail = tail
        self._after = min(AFTER, tail // 3)
        self._last: deque[LogLine] = deque(maxlen=tail)
        self._before: deque[LogLine] = deque(maxlen=min(BEFORE, tail // 8))
        self._around: list[LogLine] = []
        self._first = 0
        """How many lines came before those around the error."""
        self._count = 0

    def add(self, line: LogLine) -> None:
        """Take in the next line."""
        if self._around:
            if self._after:
                self._around.append(line)
                self._after -= 1
        elif line.failed and line.error:
            self._first = self._count - len(self._before)
            self._around = [*self._before, line]
            self._before.clear()
        else:
            self._before.append(line)
        self._last.append(line)
        self._count += 1

    def lines(self) -> Iterator[LogLine]:
        """Yield the lines that were kept, with a line that says where some are left out."""
        begin = self._count - len(self._last)
        if not self._around or self._first >= begin:
            yield from self._last
            return
        room = max(self._tail - len(self._around) - 1, 0)
        begin = max(self._count - room, self._first)
        around = self._around[: begin - self._first]
        yield from around
        if left_out := begin - self._first - len(around):
            text = f"({left_out:,} lines are left out here)"
            yield LogLine(text, depth=around[-1].depth if around else 0)
        yield from islice(self._last, len(self._last) - (self._count - begin), None)
