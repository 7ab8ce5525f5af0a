"""What a plan needs and another source holds: asked of the sources, joined by identity."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from opsboard.adapter import (
    Holding,
    Need,
    Severity,
    SourceError,
    StartFinding,
    not_told,
)
from opsboard.adapter.actions.start_checks import why_not_told
from opsboard.adapter.start_findings import CHECK_TIMEOUT
from opsboard.collect.collector import Collector

_SHORT: Final = 12
_log = logging.getLogger(__name__)


async def check_need(
    need: Need, collectors: Sequence[Collector], now: Callable[[], datetime]
) -> Sequence[StartFinding]:
    """Return whether any of the sources that may hold it has what *need* names."""
    able = [one for one in collectors if need.identity.type in one.resolved.adapter.holds]
    answers = await asyncio.gather(*(_asked(need, one) for one in able))
    told = [
        (one.resolved.name, answer)
        for one, answer in zip(able, answers, strict=True)
        if answer is not None
    ]
    if not told:
        where = f" of {need.place}" if need.place else ""
        why = f"no source{where} is connected"
        return (not_told(need.what, why, at=now()),)
    held = [one for one in told if isinstance(one[1], Holding) and one[1].is_held]
    failed = [one for one in told if isinstance(one[1], str)]
    source, answer = (held or failed or told)[0]
    return (_finding(need, source, answer, now()),)


async def _asked(need: Need, collector: Collector) -> Holding | str | None:
    """Return what a source says; why it could not, as text; ``None`` where it is not its own."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            answer: object = await collector.ask(lambda source: source.holds(need))
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT:g} s"
    except SourceError as error:
        return why_not_told(error)
    if answer is None or isinstance(answer, Holding):
        return answer
    return f"the adapter returned {type(answer).__name__}, and no Holding"


def _finding(need: Need, source: str, answer: Holding | str, at: datetime) -> StartFinding:
    if isinstance(answer, str):
        return not_told(need.what, answer, source=source, at=at)
    told = {"source": source, "subject": answer.subject, "at": at}
    if not answer.is_held:
        besides = f"; {need.besides}" if need.besides else ""
        text = f"{need.what} is gone from {source}{besides}"
        return StartFinding(severity=need.severity, text=text, **told)
    if need.pinned and answer.content and need.pinned != answer.content:
        text = (
            f"{need.what} is another one now: {_short(answer.content)}, and was "
            f"{_short(need.pinned)} when it ran"
        )
        return StartFinding(severity=Severity.WARNING, text=text, **told)
    return StartFinding(severity=Severity.NOTE, text=f"{need.what} is there", **told)


def _short(digest: str) -> str:
    algorithm, colon, digits = digest.partition(":")
    return f"{algorithm}:{digits[:_SHORT]}" if colon else digest[:_SHORT]
