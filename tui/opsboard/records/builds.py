"""Runs of CI, and their jobs."""

from typing import Literal

from opsboard.frozen import UtcDatetime, frozen
from opsboard.records.record import Record
from opsboard.records.words import Kind
from opsboard.text.sanitize import Text


@frozen
class Build(Record):
    """A run of a CI workflow, at its latest attempt.

    *state* is the server's own word, for instance ``queued``, ``waiting``, ``in_progress``,
    ``success``, ``failure``, ``cancelled``: a free string, since servers add new ones.
    """

    kind: Literal[Kind.BUILD] = Kind.BUILD
    repository: Text
    workflow: Text
    number: int
    attempt: int = 1
    state: Text
    branch: Text = ""
    commit: Text = ""
    title: Text = ""
    event: Text = ""
    actor: Text = ""
    started_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None


@frozen
class BuildJob(Record):
    """A job of a :class:`Build`: what has a log. *build* is the id of its build."""

    kind: Literal[Kind.BUILD_JOB] = Kind.BUILD_JOB
    build: Text
    repository: Text
    state: Text
    runner: Text = ""
    started_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None
