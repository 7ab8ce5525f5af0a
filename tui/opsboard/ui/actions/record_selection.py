"""Which records the keys are about: the one under the cursor, or the marked ones."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from opsboard.records import Alert, Drift, Kind, Record, Ref, Service
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.context import AppContext

if TYPE_CHECKING:
    from opsboard.board.state import Board

GONE: Final = "it is gone from the board: nothing is done"
"""What is said of a target that the board no longer has."""


class RecordSelection(ABC):
    """What is selected in a list of records, or on the page of one."""

    can_mark: ClassVar[bool] = False
    """Whether rows can be marked where one is."""

    def __init__(self, context: AppContext) -> None:
        self.context = context

    # --- what a list or a page tells -------------------------------------------------------------

    @abstractmethod
    def current_ref(self) -> Ref | None:
        """Return the record under the cursor."""

    def selected_refs(self) -> Sequence[Ref]:
        """Return the marked records, or else the one under the cursor."""
        ref = self.current_ref()
        return [] if ref is None else [ref]

    def count(self) -> int:
        """Return how many records are selected, without listing many of them."""
        return len(self.selected_refs())

    def cell_text(self) -> str:
        """Return the text under the cursor, where it is more exact than the record."""
        return ""

    def log_part(self) -> str:
        """Return the part of the record's log that the cursor is on: a step, a container."""
        return ""

    def hold_cursor(self) -> None:  # noqa: B027 - the rows of a page do not move
        """Keep the cursor on its record from now on, however the rows move."""

    def record(self) -> Record | None:
        """Return the record under the cursor, where it is known."""
        ref = self.current_ref()
        return None if ref is None else self.context.board.get(ref)

    def records(self) -> Sequence[Record]:
        """Return the selected records that are known; of alerts, what they are about."""
        own, board = self.record(), self.context.board
        subjects = dict.fromkeys(filter(None, map(self._subject_of, self.selected_refs())))
        known = [own if own is not None and own.ref == ref else board.get(ref) for ref in subjects]
        return [record for record in known if record is not None]

    def as_target(self, record: Record) -> RecordTarget:
        """Return *record* as the target of an action, with the part that the cursor is on."""
        return RecordTarget(record, listed=self.context.board.get(record.ref) is not None)

    # --- what follows from that ------------------------------------------------------------------

    def subject(self) -> Ref | None:
        """Return the record under the cursor; of an alert, the record that it is about."""
        ref = self.current_ref()
        return None if ref is None else self._subject_of(ref)

    def gone_reason(self) -> str:
        """Return that the alert under the cursor is no more, where that is so."""
        ref = self.current_ref()
        is_gone = ref is not None and ref.kind is Kind.ALERT and self.context.board.get(ref) is None
        return "the alert is over, and gone from the board" if is_gone else ""

    def _subject_of(self, ref: Ref) -> Ref | None:
        if ref.kind is not Kind.ALERT:
            return ref
        alert = self.context.board.get(ref)
        return alert.about if isinstance(alert, Alert) else None

    def title_of(self, ref: Ref) -> str:
        """Return the name of the record *ref*."""
        record = self.context.board.get(ref) or self.record()
        return record.name if record else ref.id

    def url(self) -> str | None:
        """Return the web page of the record, or of what an alert is about."""
        record, subject = self.record(), self.subject()
        if isinstance(record, Alert) and not record.url and subject is not None:
            record = self.context.board.get(subject)
        return record.url if record else None

    def alerts(self) -> Sequence[Alert]:
        """Return the selected alerts."""
        records = [self.context.board.get(ref) for ref in self.selected_refs()]
        return [record for record in records if isinstance(record, Alert)]

    def targets(self) -> Sequence[RecordTarget]:
        """Return what an action would act on: what alerts are about, and the model that drifts.

        Records that nobody knows are left out. Of one :meth:`service`, these are the records that
        the action may be meant for, and one has to be chosen.
        """
        if (service := self.service()) is not None:
            return self._targets_of(service)
        board = self.context.board
        records = dict.fromkeys(acted_on(record, board) for record in self.records())
        return [self.as_target(record) for record in records]

    def service(self) -> Service | None:
        """Return the service that is selected, where it is the only record that is."""
        refs = self.selected_refs()
        if len(refs) != 1 or (subject := self._subject_of(refs[0])) is None:
            return None
        record = self.context.board.get(subject)
        return record if isinstance(record, Service) else None

    def _targets_of(self, service: Service) -> Sequence[RecordTarget]:
        board = self.context.board
        found = (board.get(target.ref) for target in service.targets)
        return [self.as_target(record) for record in dict.fromkeys(filter(None, found))]

    def unknown_reason(self) -> str:
        """Return why there is no target though the cursor is on a record."""
        if self.service() is not None:
            return "nothing is known that the service runs as"
        ref, board = self.current_ref(), self.context.board
        is_known_alert = ref is not None and ref.kind is Kind.ALERT and board.get(ref) is not None
        if ref is None or is_known_alert:
            return "the board does not know what this is about"
        return GONE


def acted_on(record: Record, board: "Board") -> Record:
    """Return *record*, or for drift, which no action is for, the model that drifts."""
    if not isinstance(record, Drift):
        return record
    models = board.records(Kind.MODEL).values()
    named = (m for m in models if (m.source, m.name) == (record.source, record.model))
    return next(named, record)
