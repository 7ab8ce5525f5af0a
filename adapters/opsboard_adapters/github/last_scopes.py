"""The scopes that are polled once all others have been: they are about what these have found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from opsboard.adapter import Change, Condition, Report, SourceError
from opsboard_adapters.github import artifacts, commit_facts
from opsboard_adapters.github.scheduler import PollSlot

LAST: Final = frozenset({commit_facts.SCOPE, artifacts.SCOPE})


class LastScopes:
    """Those of *slots*, all of a source by their scopes, that are polled last.

    Where all others fail they are not polled either, and fail for the same reason: a source of
    which nothing but these is left has failed, and not in part.
    """

    def __init__(self, slots: Mapping[str, PollSlot], now: Callable[[], datetime]) -> None:
        self._slots = slots
        self._now = now
        self._fail_as: Condition | None = None
        self.stated = 0
        """How often others have stated something that these are to ask about."""

    def report_again(self) -> None:
        """Report again why they fail, if they do."""
        self._fail_as = None

    def others(self) -> Sequence[PollSlot]:
        """Return the slots of all other scopes."""
        return [slot for slot in self._slots.values() if slot.poller.scope not in LAST]

    def _all_others_fail(self) -> bool:
        others = self.others()
        return bool(others) and all(slot.failures for slot in others)

    def is_held_back(self, slot: PollSlot) -> bool:
        """Tell whether *slot* is about what the others find, and they have yet to find it."""
        if slot.poller.scope not in LAST:
            return False
        if not slot.interval and any(not other.interval for other in self.others()):
            return True
        return self._all_others_fail()

    def unanswered(self) -> Iterator[PollSlot]:
        """Yield those that have yet to be polled since others have stated something."""
        return (slot for slot in self._present() if slot.answered < self.stated)

    def follow_failures(self, failed: Sequence[tuple[PollSlot, SourceError]]) -> Sequence[Change]:
        """Let them fail with all others, which have *failed*; poll them once one is well again."""
        if not self._all_others_fail():
            if self._fail_as is not None:
                self._fail_as = None
                for slot in self._present():
                    slot.expedite(self._now())
            return ()
        error = next((error for slot, error in failed if slot.poller.scope not in LAST), None)
        if error is None or error.health.condition is self._fail_as:
            return ()
        self._fail_as = error.health.condition
        return [Report(error.health, slot.poller.scope) for slot in self._present()]

    def _present(self) -> Iterator[PollSlot]:
        return (self._slots[scope] for scope in LAST if scope in self._slots)
