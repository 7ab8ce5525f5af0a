"""Faults that a server injects into exchanges, and the table of all of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeAlias

from tests.fault_injection.exchange import Exchange

Injection: TypeAlias = Callable[[Exchange, Random], Awaitable[None]]
"""Answers an exchange wrongly, in a way that *random* chooses."""


class Applies(StrEnum):
    """Which exchanges a fault is injected into."""

    ANY = "any"
    """All that read, watches too."""
    READ = "read"
    """All that read, but for watches."""
    WATCH = "watch"
    CHANGE = "change"
    """Those that change something; a dry run does not."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault by its *name*."""

    name: str
    applies: Applies
    inject: Injection

    def fits(self, kind: Applies) -> bool:
        """Return whether it can be injected into an exchange of *kind*."""
        reads = {Applies.READ, Applies.WATCH}
        return kind is self.applies or (self.applies is Applies.ANY and kind in reads)


class FaultTable:
    """Faults by name, in the order of their entry."""

    def __init__(self) -> None:
        self.faults: dict[str, Fault] = {}

    def fault(self, applies: Applies) -> Callable[[Injection], Injection]:
        """Enter the decorated injection under its own name."""

        def enter(inject: Injection) -> Injection:
            name = inject.__name__
            self.faults[name] = Fault(name, applies, inject)
            return inject

        return enter

    def __or__(self, other: "FaultTable") -> "FaultTable":
        table = FaultTable()
        table.faults = self.faults | other.faults
        return table
