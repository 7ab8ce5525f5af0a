"""The last lines of the log that may say why something is wrong, asked of its source."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from opsboard.adapter import LogLine, LogQuery
from opsboard.records import Pod, Ref, Status
from opsboard.ui.context import AppContext

if TYPE_CHECKING:
    from opsboard.ui.render.preview_subject import PreviewSubject

_TAIL: Final = 40
_LINE: Final = 400
"""Lines of a log that are read, and characters of each that are kept."""


class LastWords(NamedTuple):
    """The last *lines* of the log *of* a pod, a job; only the errors, where there are any."""

    lines: Sequence[LogLine] = ()
    of: str = ""


class WordsBasis(NamedTuple):
    """What is asked for last words: of what *status*, and of which *part*, if any has a log."""

    status: Status
    part: Ref | None


def words_basis(context: AppContext, subject: "PreviewSubject") -> WordsBasis:
    """Return what last words of *subject* would be of now: those of another one are asked anew.

    The board may get the pod that fails after it has got its workload.
    """
    from opsboard.ui.render.preview_subject import failing_part  # noqa: PLC0415 - behind the frame

    part = failing_part(context.board, subject, context.feed.has_log)
    return WordsBasis(subject.record.status, part.ref if part is not None else None)


async def last_words(context: AppContext, subject: "PreviewSubject") -> LastWords:
    """Return the last words of what fails; of what is well, nobody asks.

    Raises :exc:`~opsboard.adapter.SourceError` where the log cannot be read.
    """
    from opsboard.ui.render.preview_subject import failing_part  # noqa: PLC0415 - behind the frame
    from opsboard.views.log_levels import LogLevel, level_of  # noqa: PLC0415 - as above

    part = failing_part(context.board, subject, context.feed.has_log)
    if part is None:
        return LastWords()
    again = isinstance(part, Pod) and part.restarts > 0 and part.ready < part.containers
    lines: list[LogLine] = []
    async for line in context.feed.logs(part.ref, LogQuery(tail=_TAIL, previous=again)):
        if line.title:
            continue
        is_error = line.error or level_of(line.text) >= LogLevel.ERROR
        lines.append(line._replace(text=line.text[:_LINE], error=is_error))
        if len(lines) >= _TAIL:
            break
    errors = [line for line in lines if line.error]
    return LastWords(tuple(errors or lines), part.name)
