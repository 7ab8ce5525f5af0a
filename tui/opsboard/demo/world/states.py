"""States of Terraform: what the company manages as code, by workspace."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False, slots=True)
class DemoStateResource:
    """An instance of a resource. *changes* counts how often its attributes have become others."""

    type: str
    name: str
    key: str = ""
    """The key of ``for_each``, ``""`` for a resource of one instance."""
    id: str = ""
    changes: int = 0

    @property
    def address(self) -> str:
        index = f'["{self.key}"]' if self.key else ""
        return f"{self.type}.{self.name}{index}"


@dataclass(frozen=True, slots=True)
class DemoStateLock:
    """Who holds the lock of a state, since when; always to apply."""

    id: str
    who: str
    since: datetime


@dataclass(eq=False, slots=True)
class DemoState:
    """A state, *name* being its workspace. *cluster* is the name of the one that is in it."""

    name: str
    cluster: str
    lineage: str
    serial: int
    written_at: datetime
    resources: dict[str, DemoStateResource] = field(default_factory=dict)
    """By address."""
    lock: DemoStateLock | None = None

    def write(self, at: datetime) -> None:
        """Note that it was written *at*."""
        self.serial += 1
        self.written_at = at
