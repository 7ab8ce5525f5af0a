"""What cannot be read of a scope: counted, and named."""

from typing import Final

from opsboard.adapter import Skipped

EXAMPLES: Final = 3
_MOST_KEPT: Final = 1_000
_MOST_LETTERS: Final = 200


class SkippedRecords:
    """The records of *scope* that are left out, as of now."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._odd: dict[str, str] = {}
        self._more = 0
        self._told: Skipped | None = Skipped(scope=scope, count=0, total=0)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self._odd) + self._more

    @property
    def names(self) -> frozenset[str]:
        """What they are called."""
        return frozenset(self._odd)

    def reset(self) -> None:
        """Forget all: the scope is read anew."""
        self._odd.clear()
        self._more = 0

    def add(self, name: str, fault: str) -> None:
        """Leave out what is called *name*, for its *fault*."""
        if name in self._odd or len(self._odd) < _MOST_KEPT:
            self._odd[name] = fault[:_MOST_LETTERS]
        else:
            self._more += 1

    def discard(self, name: str) -> None:
        """What is called *name* has become readable, or is gone."""
        self._odd.pop(name, None)

    def report_again(self) -> None:
        """Tell it again at the next opportunity: who was told before may be another."""
        if self._told is not None and self._told.count:
            self._told = None

    def report(self, total: int) -> Skipped | None:
        """Return what is to be told of it, if that has changed. *total* counts the odd ones too."""
        count = self.count
        examples = [f"{name}: {fault}" for name, fault in self._odd.items()][:EXAMPLES]
        told = Skipped(
            scope=self._scope,
            count=count,
            total=max(total, count) if count else 0,
            examples=tuple(examples),
        )
        if told == self._told:
            return None
        self._told = told
        return told
