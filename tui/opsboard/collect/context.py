"""What a source is given by the collector that runs it, and the clock that it goes by."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from opsboard.adapter import Clock, HostEnviron, ProgramHost
from opsboard.adapter.programs import NoPrograms
from opsboard.collect.redact import Redactor
from opsboard.environments.names import UNKNOWN, normal_form
from opsboard.environments.rules import EnvironmentRules
from opsboard.system.async_cleanup import first_of

if TYPE_CHECKING:
    from opsboard.adapter import SourceSettings


class SystemClock:
    """The machine's clock. Implements :class:`opsboard.adapter.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SourceContext:
    """Implements :class:`opsboard.adapter.Context` for one source."""

    def __init__(
        self,
        name: str,
        settings: "SourceSettings",
        *,
        host_environ: HostEnviron,
        environments: EnvironmentRules,
        clock: Clock,
        redactor: Redactor,
        programs: ProgramHost | None = None,
    ) -> None:
        self._name = name
        self._programs: ProgramHost = programs or NoPrograms()
        self._settings = settings
        self._host_environ = host_environ
        self._environments = environments
        self._clock = clock
        self._redactor = redactor
        self._asked = asyncio.Event()
        self.on_pause: Callable[[float], None] = lambda _: None
        """Called with the length of each pause, before it begins."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def host_environ(self) -> HostEnviron:
        return self._host_environ

    @property
    def programs(self) -> ProgramHost:
        return self._programs

    def now(self) -> datetime:
        return self._clock.now()

    def register_secret(self, secret: str) -> None:
        self._redactor.register_secret(secret)

    def holds_secret(self, text: str) -> bool:
        return self._redactor.holds_secret(text)

    def environment_of(self, *names: str) -> str:
        return self._own or self._environments.environment_of(*names)

    def environments_of(self, *names: str) -> tuple[str, ...]:
        named = self._environments.environments_of(*names)
        if not self._own:
            return named
        return (self._own, *(one for one in named if one not in {self._own, UNKNOWN}))

    @property
    def _own(self) -> str:
        """The environment of the whole source, where the config names one."""
        named = self._settings.environment
        return normal_form(named) if named else ""

    async def pause(self, seconds: float) -> None:
        """Wait for *seconds*; :meth:`refresh` ends every pause that is going on."""
        self.on_pause(seconds)
        await first_of(self._clock.sleep(seconds), self._asked.wait())

    async def pause_uninterrupted(self, seconds: float) -> None:
        """Wait for *seconds*, whatever a user asks: a server said when it will answer again."""
        await self._clock.sleep(seconds)

    def refresh(self) -> None:
        """Cut short every pause that is going on. To be called in the source's own loop."""
        self._asked.set()
        self._asked = asyncio.Event()
