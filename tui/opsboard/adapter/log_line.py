"""A line of a log, and what a log is made of.

Ten thousand lines a second pass through here: a line is a tuple that checks itself while it is
made, at a fifth of the price of a model.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Self

from opsboard.frozen import Frozen, frozen
from opsboard.records import Status
from opsboard.text.sanitize import Text, is_sanitized, sanitize
from opsboard.text.terminal_line import LOG_LINE_LIMIT, terminal_line


class AnnotationLevel(StrEnum):
    """How grave an annotation is, in the words of CI systems."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class _Annotation(NamedTuple):
    level: AnnotationLevel
    place: str
    title: str


class LogAnnotation(_Annotation):
    """What makes a line of a log one of its annotations: what somebody is to look at.

    *place* says where in the sources, such as ``src/app.js:3``; *title* is its heading. Either may
    be ``""``. Both are cleaned here: a line that is given one later does not look at it again.
    """

    __slots__ = ()

    def __new__(cls, level: AnnotationLevel, place: str = "", title: str = "") -> Self:
        return super().__new__(cls, level, _name(place), _name(title))


class _Fields(NamedTuple):
    text: str
    at: datetime | None
    part: str
    group: str
    error: bool
    failed: bool
    title: bool
    omitted: int
    head: bool
    depth: int
    annotation: LogAnnotation | None
    status: Status | None


class LogLine(_Fields):
    """A line of a log, as a terminal shows it.

    *group* names what it comes from, where a log is of several: the pod. *part* names what of it:
    the container, or the step of a build. *error* marks a line that the source itself calls an
    error, *failed* every line of the part that has failed: a log that is opened for a failure opens
    at the first error of what failed. A *title* is no line of the log, but says what it is the log
    of, where that is not what was asked for: which job of a build. It comes first.

    A *head* heads a fold: the lines behind it that are deeper (*depth*) are of it, up to the next
    line that is not. If it has *failed*, or there is an error of what has failed in the fold, the
    fold is shown open, otherwise closed. A head that is a *title* too was made by the source, for a
    job or a step, and is no line of the log; *status* tells how that has gone.

    *at* is aware, and kept in UTC. A line of more than :data:`LOG_LINE_LIMIT` characters ends in an
    ellipsis; *omitted* says how many bytes are left out behind it.
    """

    __slots__ = ()

    def __new__(
        cls,
        text: str,
        at: datetime | None = None,
        part: str = "",
        *,
        group: str = "",
        error: bool = False,
        failed: bool = False,
        title: bool = False,
        omitted: int = 0,
        head: bool = False,
        depth: int = 0,
        annotation: LogAnnotation | None = None,
        status: Status | None = None,
    ) -> Self:
        """Clean and check what a source says. Raises :exc:`TypeError` and :exc:`ValueError`."""
        if type(text) is not str or type(part) is not str or type(group) is not str:
            raise TypeError("LogLine: text, part and group must be text")
        if not is_sanitized(text):
            omitted += max(0, len(text[LOG_LINE_LIMIT:].encode("utf-8", "replace")))
            text = terminal_line(text)
        if at is not None and at.tzinfo is not UTC:
            at = _in_utc(at)
        return super().__new__(
            cls, text, at, _name(part), _name(group), error, failed, title, omitted,
            head, depth, annotation, status,
        )  # fmt: skip

    def __getnewargs_ex__(self) -> tuple[tuple[object, ...], dict[str, object]]:
        """Return what a copy is made of."""
        return (), self._asdict()


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"LogLine.at: must have a time zone: {at}")
    return at.astimezone(UTC)


def _name(text: str) -> str:
    return text if is_sanitized(text) else sanitize(text)


@frozen
class LogPart(Frozen):
    """What a log has lines of, and can be narrowed to: a container of a pod, a step of a job.

    *name* and *group* are as :attr:`LogLine.part` and :attr:`LogLine.group`. *note* says in a few
    words what is the matter with it. An *init* part is read only where it is asked for;
    *previous* tells that an earlier instance has left a log.
    """

    name: Text
    group: Text = ""
    status: Status = Status.UNKNOWN
    note: Text = ""
    init: bool = False
    previous: bool = False
