"""Writes into the ledger what the tracker has found, as it is kept: without any secret.

What a source has told is masked again here, since a secret may be registered after it was told.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from opsboard.board.alert_acks import AckChange
from opsboard.collect.history_tracker import HistoryTracker
from opsboard.collect.redact import Redactor
from opsboard.collect.scope_watch import ScopeWatch
from opsboard.collect.tracked_history import TrackedHistory
from opsboard.history.ledger import Ledger
from opsboard.history.model import NewTransition

CONFIRM_EVERY: Final = timedelta(seconds=10)
"""How far behind the ledger may be about when a scope was looked at, when anything is written; that
is at each beat of a lease at least (:data:`opsboard.history.leases.BEAT_EVERY`)."""


class HistoryWriter:
    """Writes into *ledger*, within a batch that whoever calls it has begun."""

    def __init__(self, ledger: Ledger, redactor: Redactor) -> None:
        self._ledger, self._redactor = ledger, redactor

    def is_behind(self, tracker: HistoryTracker) -> bool:
        """Tell whether the ledger has yet to be told something of what *tracker* has found.

        That a scope has been looked at again can wait for the next beat.
        """
        if tracker.gaps or tracker.moves or tracker.transitions:
            return True
        scopes = (scope for one in tracker.sources.values() for scope in one.scopes.values())
        return any(scope.held and _is_watched_otherwise(scope) for scope in scopes)

    def write(self, tracker: HistoryTracker, *, exact: bool) -> None:
        """Write what *tracker* has found, and until when was looked.

        Unless *exact*, the ledger may be some seconds behind about that.
        """
        for new in tracker.gaps:
            gap = replace(new.gap, note=self._redactor.redact(new.gap.note))
            self._ledger.add_gap(new.source, gap.scope, gap)
        for source in tracker.sources.values():
            self._write_watches(source, exact=exact)
        for move in tracker.moves:
            self._ledger.move(*move)
        self._ledger.append([self._redacted(new) for new in tracker.transitions])

    def write_acks(
        self, tracker: HistoryTracker, changes: Sequence[AckChange]
    ) -> Sequence[AckChange]:
        """Write what was acknowledged here, whoever records the scope; return what is written."""
        written = []
        for change in changes:
            source = tracker.sources.get(change.ref.source)
            if source is not None and source.number:
                alert = change.alert and self._redactor.record(change.alert)
                actor, reason = map(self._redactor.redact, (change.actor, change.reason))
                kept = replace(change, actor=actor, reason=reason, alert=alert)
                self._ledger.add_ack(source.number, kept)
                written.append(change)
        return written

    def _redacted(self, new: NewTransition) -> NewTransition:
        """Return *new* as it is kept: whatever was registered as a secret since it was told."""
        return replace(
            new,
            after=new.after and self._redactor.record(new.after),
            actor=self._redactor.redact(new.actor),
            rule=self._redactor.redact(new.rule),
        )

    def _write_watches(self, source: TrackedHistory, *, exact: bool) -> None:
        for scope in source.scopes.values():
            if scope.held and _is_behind(scope, exact=exact):
                unwatched = scope.unwatched
                self._ledger.set_watch(
                    source.number, scope.name,
                    scope.looked if scope.ever_listed else None,
                    streaming=scope.streaming,
                    reason=unwatched.reason if unwatched else None,
                    note=self._redactor.redact(unwatched.note) if unwatched else "",
                )  # fmt: skip
                scope.saved = (scope.looked, scope.streaming, unwatched)


def _is_behind(scope: ScopeWatch, *, exact: bool) -> bool:
    """Tell whether the ledger has to be told how *scope* is watched, and until when."""
    if scope.saved is None or _is_watched_otherwise(scope):
        return True
    looked, _, _ = scope.saved
    if scope.looked is None or scope.streaming:
        return False  # the count of this program says until when it was watched
    return looked is None or scope.looked - looked >= (timedelta(0) if exact else CONFIRM_EVERY)


def _is_watched_otherwise(scope: ScopeWatch) -> bool:
    """Tell whether *scope* is watched in another way than the ledger has it."""
    return scope.saved is None or scope.saved[1:] != (scope.streaming, scope.unwatched)
