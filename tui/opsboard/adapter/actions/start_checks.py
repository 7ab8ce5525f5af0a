"""Running the checks of whether it will start: all at once, each within its time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from opsboard.adapter.errors import Forbidden, SourceError
from opsboard.adapter.start_findings import (
    StartCheck,
    StartFinding,
    StartReport,
    not_told,
)
from opsboard.system.containment import contained, named

_log = logging.getLogger(__name__)


async def run_checks(
    checks: Sequence[StartCheck], source: str, now: Callable[[], datetime]
) -> AsyncIterator[StartReport]:
    """Yield what each of *checks* has found, as it ends; with the *source* and the time of each.

    One that raises, or has not ended within its time, has found that it cannot be told.
    """
    tasks = [asyncio.create_task(_report(one)) for one in checks]
    try:
        for ended in asyncio.as_completed(tasks):
            report = await ended
            found = tuple(_stamped(one, source, now()) for one in report.findings)
            yield report._replace(findings=found)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _report(check: StartCheck) -> StartReport:
    try:
        async with asyncio.timeout(check.within):
            with contained():
                return await check.look()
    except TimeoutError:
        why = f"no answer within {check.within:g} s"
    except SourceError as error:
        why = why_not_told(error)
    except Exception as error:
        _log.exception("checking %s", check.about)
        why = named(error)
    return StartReport((not_told(check.about, why),))


def why_not_told(error: SourceError) -> str:
    """Return why something could not be told: the right that is missing, or what went wrong."""
    if isinstance(error, Forbidden):
        return error.hint or error.message
    return error.message


def _stamped(one: StartFinding, source: str, at: datetime) -> StartFinding:
    return one.model_copy(update={"source": one.source or source, "at": one.at or at})
