"""Stand-ins for what the collector gives a source."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opsboard.adapter import HostEnviron, Permit, ProgramHost
from opsboard.adapter.programs import NoPrograms
from opsboard.collect.redact import Redactor
from opsboard.environments.names import UNKNOWN
from opsboard.environments.rules import EnvironmentRules

if TYPE_CHECKING:
    from opsboard.adapter import Plan

EPOCH: Final = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


class FakeClock:
    """Time that passes only when it is told to: by :meth:`advance`."""

    def __init__(self, now: datetime = EPOCH) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        due = (self._now + timedelta(seconds=seconds), asyncio.Event())
        self._sleepers.append(due)
        try:
            await due[1].wait()
        finally:
            self._sleepers.remove(due)

    @property
    def sleeping(self) -> tuple[float, ...]:
        """The seconds that each sleeper has left, in the order of their going to sleep."""
        return tuple(
            (due - self._now).total_seconds() for due, woken in self._sleepers if not woken.is_set()
        )

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass; wake who has slept enough."""
        self._now += timedelta(seconds=seconds)
        for due, event in self._sleepers:
            if due <= self._now:
                event.set()


class FakeContext:
    """Implements :class:`opsboard.adapter.Context` for tests.

    A pause lasts until :meth:`refresh`, whatever its length; :attr:`pauses` has the lengths that
    were asked for. The time is the real one unless *clock* is given.
    """

    def __init__(
        self,
        name: str = "example",
        *,
        env: Mapping[str, str] | None = None,
        home: Path = Path("/nonexistent"),
        clock: FakeClock | None = None,
        environment: str | None = None,
        programs: ProgramHost | None = None,
    ) -> None:
        self._name = name
        self._programs: ProgramHost = programs or NoPrograms()
        self._surroundings = HostEnviron(env=env or {}, home=home, cwd=home)
        self._clock = clock
        self._environment = environment
        self._rules = EnvironmentRules({})
        self._asked = asyncio.Event()
        self.pausing = 0
        self.pauses: list[float] = []
        self.concealed: set[str] = set()
        self._redactor = Redactor()

    @property
    def name(self) -> str:
        return self._name

    @property
    def host_environ(self) -> HostEnviron:
        return self._surroundings

    @property
    def programs(self) -> ProgramHost:
        return self._programs

    def now(self) -> datetime:
        return self._clock.now() if self._clock else datetime.now(UTC)

    def register_secret(self, secret: str) -> None:
        self.concealed.add(secret)
        self._redactor.register_secret(secret)

    def holds_secret(self, text: str) -> bool:
        return self._redactor.holds_secret(text)

    def environment_of(self, *names: str) -> str:
        return self._environment or self._rules.environment_of(*names)

    def environments_of(self, *names: str) -> tuple[str, ...]:
        found = self._rules.environments_of(*names)
        if not self._environment:
            return found
        return (self._environment, *(o for o in found if o not in {self._environment, UNKNOWN}))

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.pausing += 1
        try:
            await self._asked.wait()
        finally:
            self.pausing -= 1

    def refresh(self) -> None:
        """End every pause that is going on."""
        self._asked.set()
        self._asked = asyncio.Event()


class ClosedPermit(Permit):
    """A permit that lets :meth:`Source.execute` begin, and never opens.

    What the source then sends has to be refused where it is sent.
    """

    def __init__(self) -> None:
        """Make one without the guard, of which nothing comes."""

    @contextmanager
    def used_for(self, plan: "Plan") -> Iterator[None]:
        yield

    @property
    def is_open(self) -> bool:
        return False

    @property
    def has_lapsed(self) -> bool:
        return False
