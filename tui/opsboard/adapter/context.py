"""What a source is given by the collector that runs it."""

from datetime import datetime
from typing import Protocol

from opsboard.adapter.host_environ import HostEnviron


class Clock(Protocol):
    """Time, as handed to whatever needs it, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""


class Context(Protocol):
    """What a source is given by the collector that runs it."""

    @property
    def name(self) -> str:
        """The source's name: goes into every record."""

    @property
    def host_environ(self) -> HostEnviron: ...

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""

    async def pause(self, seconds: float) -> None:
        """Wait for *seconds*, or until somebody asks for a refresh, whichever is first."""

    def register_secret(self, secret: str) -> None:
        """Never let *secret* reach a screen, a log or an error."""

    def holds_secret(self, text: str) -> bool:
        """Tell whether *text* holds a registered secret that cannot be a mere word.

        A password ``checkout`` does not make the Deployment ``checkout`` a secret.
        """

    def environment_of(self, *names: str) -> str:
        """Return the environment that the first telling one of *names* belongs to, or ``""``.

        Names are those of namespaces, clusters, branches, model aliases, ...; the rules are the
        user's, with defaults that know the usual words. A source whose settings fix the
        environment always gets that. This is what is shown.
        """

    def environments_of(self, *names: str) -> tuple[str, ...]:
        """Return all environments that any of *names* belongs to: what an act there touches.

        What the settings fix is one of them; where nothing is told,
        :data:`~opsboard.environments.names.UNKNOWN` is the only one. See
        :attr:`~opsboard.adapter.Plan.environments`.
        """
