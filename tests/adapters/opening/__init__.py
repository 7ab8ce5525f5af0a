"""What odd settings, credentials and surroundings come to when a source is opened and asked."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from opsboard.adapter import (
    Adapter,
    Complete,
    Condition,
    Fresh,
    Health,
    HostEnviron,
    Report,
    Upsert,
)
from opsboard.collect.collector import Collector
from opsboard.collect.context import SourceContext, SystemClock
from opsboard.collect.redact import Redactor
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from tests.patience import PATIENCE

_WELL = {Condition.STARTING, Condition.LIVE}


async def told_of(
    adapter: type[Adapter[Any]], values: Mapping[str, Any], env: Mapping[str, str], home: Path
) -> Health:
    """Return the first trouble that a source of *values* has, as its collector tells it.

    What the settings themselves refuse is told as broken, as the config does.
    """
    try:
        settings = adapter.settings.model_validate(values)
    except ValidationError as error:
        said = "; ".join(problem["msg"] for problem in error.errors())
        return Health(condition=Condition.BROKEN, message=str(error), hint=said)
    redactor = Redactor()
    context = SourceContext(
        "it",
        settings,
        host_environ=HostEnviron(env=env, home=home, cwd=home),
        environments=EnvironmentRules({}),
        clock=SystemClock(),
        redactor=redactor,
    )
    found: asyncio.Future[Health] = asyncio.get_running_loop().create_future()

    def emit(change: object) -> None:
        if isinstance(change, Report) and change.health.condition not in _WELL:
            trouble = change.health
        elif isinstance(change, Upsert | Complete | Fresh):
            trouble = Health(condition=Condition.LIVE)
        else:
            return
        if not found.done():
            found.set_result(trouble)

    source = ResolvedSource("it", adapter, settings)
    running = asyncio.create_task(Collector(source, context, emit, redactor).run())
    try:
        async with asyncio.timeout(PATIENCE):
            return await found
    finally:
        running.cancel()
        await asyncio.wait([running])


def check_told(health: Health, *secrets: str) -> None:
    """Fail unless *health* is a trouble in a sentence with a hint, and holds none of *secrets*."""
    assert health.condition.status.value in {"failed", "warning"}, health
    text = f"{health.message} {health.hint}"
    assert health.message
    assert health.hint
    assert "fault of the adapter" not in text, text
    assert "Traceback" not in text
    assert " broke" not in health.message, f"nobody expected it: {text}"
    for secret in secrets:
        assert secret not in text
