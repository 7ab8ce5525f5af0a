"""What a source is given: the user's environment, a clock, a context; and whom it works for.

Whatever a person asks for (a detail, a log, a plan, an action) goes before the background. An
adapter that bounds its requests asks :func:`is_background` where it lets them in; it need not hand
the answer through its calls. A request that is not marked counts as a person's: to forget the mark
makes it too quick rather than too slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system.host_environ import HostEnviron

if TYPE_CHECKING:
    from opsboard.adapter.settings import SourceSettings


@frozen_unchecked
class LoginInputs(Frozen):
    """Where a login comes from: names of environment variables, and paths of files.

    A file need not exist; a relative path starts at the working folder. Of *variables* the values
    count, of *files* the whole content. *shared_files* hold the logins of others too (a kubeconfig
    with many contexts): of these, *identity* says what concerns this login, such as the server, the
    user and the token. It is hashed and never kept, so it may hold secrets.
    """

    variables: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    shared_files: tuple[Path, ...] = ()
    identity: str = ""


@frozen_unchecked
class Discovery(Frozen):
    """A source that can be had without configuration, or what is missing to have it.

    *name* is a suggestion, unique among the adapter's own discoveries. *because* says where it
    was found (``git remote 'origin'``). With *settings* as ``None``, something was found that
    cannot be used yet, and *hint* says what is missing.
    """

    name: str
    because: str
    settings: "SourceSettings | None"
    hint: str = ""


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
        """Return the environment of the first of *names* that says anything of one, or ``""``.

        Names are those of namespaces, clusters, branches, model aliases, ...; the rules are the
        user's, with defaults that know the usual words. A source whose settings fix the
        environment always gets that. This is what is shown.
        """

    def environments_of(self, *names: str) -> tuple[str, ...]:
        """Return all environments that any of *names* belongs to: what an action there touches.

        What the settings fix is one of them; where no name says anything,
        :data:`~opsboard.environments.names.UNKNOWN` is the only one. See
        :attr:`~opsboard.adapter.Plan.environments`.
        """


_background: ContextVar[bool] = ContextVar("background", default=False)


@contextmanager
def background() -> Iterator[None]:
    """Mark requests made within, and in tasks that are created within, as background work.

    The collector does so while it reads :meth:`Source.changes`. A task keeps the mark of where it
    was created: create work that a person may come to wait for outside.
    """
    token = _background.set(True)
    try:
        yield
    finally:
        _background.reset(token)


def is_background() -> bool:
    """Tell whether the present request is background work, for which no person waits."""
    return _background.get()
