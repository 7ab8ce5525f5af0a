"""What a place for states has to be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from opsboard.adapter import Check, Principal
from opsboard.text.sanitize import sanitize
from opsboard_adapters.terraform.locks import Lock


@dataclass(frozen=True, slots=True)
class StateAddress:
    """Where one state is. *id* is unique in the backend, and stable.

    *workspace* is its name there, *name* what it is called on the board. *location* has no login in
    it. *folder* is that of the configuration, where it is on this machine.
    """

    id: str
    workspace: str
    name: str
    location: str
    folder: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", sanitize(self.id))
        object.__setattr__(self, "name", sanitize(self.name))


@dataclass(frozen=True, slots=True)
class StateContent:
    """A state as it was read: its *body*, ``None`` where there is none yet.

    *version* is another one for another content; *changed_at* is when it was written.
    """

    body: bytes | None
    version: str
    changed_at: datetime | None = None


class Backend(ABC):
    """Reads states. Every method raises :class:`~opsboard.adapter.SourceError`."""

    name: str
    address: str

    @abstractmethod
    async def addresses(self) -> Sequence[StateAddress]:
        """Return where states are, in one order."""

    @abstractmethod
    async def read(self, one: StateAddress, known: str) -> StateContent | None:
        """Return the state at *one*; ``None`` where its version is *known* still."""

    @abstractmethod
    async def lock(self, one: StateAddress) -> Lock | None:
        """Return the lock of the state at *one*; ``None`` where nobody is known to hold it."""

    async def principal(self) -> Principal | None:
        """Return who asks, as far as the server says so."""
        return None

    async def check(self) -> Check | None:
        """Return a line for ``opsboard doctor`` beside that states can be read."""
        return None
