"""What can be done with a record, wherever one is shown."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from opsboard.adapter import SourceError
from opsboard.records import (
    Activity,
    ActivityState,
    Alert,
    AlertState,
    Drift,
    Kind,
    Record,
    Ref,
)
from opsboard.ui.actions.choice_options import ChoiceOption, ask_choice
from opsboard.ui.actions.durations import USUAL, parse_duration
from opsboard.ui.actions.record_actions import GONE, RecordActions
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.app_host import host_of
from opsboard.ui.terminal.browser import has_browser, is_page, open_page

if TYPE_CHECKING:
    from opsboard.board.state import Board

_SHOWN = 46


class RecordCommands(RecordActions):
    """Carries out the actions at :attr:`Place.RECORD`, and those at :attr:`Place.ACT`.

    A subclass says which record the cursor is on (:meth:`target`), and, where rows can be
    marked, which ones are meant (:meth:`targets`). It names the places in its ``SCOPES``.
    """

    def target(self) -> Ref | None:
        """Return the record that the cursor is on."""
        raise NotImplementedError

    def targets(self) -> Sequence[Ref]:
        """Return the records that are marked, or else the one that the cursor is on."""
        target = self.target()
        return [] if target is None else [target]

    def subjects(self) -> Sequence[RecordTarget | None]:
        """Return the targets that are meant: of an alert what it is about, of drift the model."""
        own, board = self.record(), host_of(self).board
        abouts = dict.fromkeys(filter(None, map(self._about, self.targets())))
        known = [own if own is not None and own.ref == ref else board.get(ref) for ref in abouts]
        meant = dict.fromkeys(_acted_on(record, board) for record in known)
        return [None if record is None else self.target_of(record) for record in meant]

    def target_of(self, record: Record) -> RecordTarget:
        """Return *record* as a target, with the part of it that the cursor is on."""
        return RecordTarget(record, listed=host_of(self).board.get(record.ref) is not None)

    def why_unknown(self) -> str:
        """Say what has become of the record under the cursor, where it has gone."""
        ref, board = self.target(), host_of(self).board
        if ref is not None and ref.kind is Kind.ALERT and board.get(ref) is not None:
            return super().why_unknown()
        return GONE if ref is not None else super().why_unknown()

    def cell_text(self) -> str:
        """Return the text under the cursor, as far as that is more exact than the record."""
        return ""

    def log_part(self) -> str:
        """Return which part of the record's log the cursor is on: a step, a container."""
        return ""

    def record(self) -> Record | None:
        """Return the record that the cursor is on, where it is known."""
        target = self.target()
        return None if target is None else host_of(self).board.get(target)

    def disabled_reason(self, action: UiAction) -> str:
        """Say why an action on records is not possible now."""
        reasons = {
            "record.open": self._why_no_record,
            "record.raw": self._why_no_raw,
            "record.log": self._why_no_log,
            "record.browser": self._why_no_page,
            "record.copy": self._why_no_record,
            "record.acknowledge": self._why_no_alert,
            "record.snooze": self._why_no_alert,
            "record.take_up": self._why_not_taken_up,
        }
        ask = reasons.get(action.id)
        return ask() if ask else super().disabled_reason(action)

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the usual durations of a snooze."""
        if action.takes == "duration":
            return [short for short, _ in USUAL]
        return super().completions(action)

    def _why_no_record(self) -> str:
        return "" if self.target() is not None else "there is no record under the cursor"

    def _why_no_raw(self) -> str:
        if (target := self.target()) is not None and target.kind is Kind.ACTIVITY:
            return "an act has no raw form; `opsboard audit --json` tells it"
        if self._subject() is None:
            return self._why_no_record() or "the alert is about a source, which has no raw form"
        return ""

    def _why_no_log(self) -> str:
        subject = self._subject()
        if subject is None:
            return self._why_no_record() or "a source has no log"
        if host_of(self).feed.has_log(subject):
            return ""
        return f"a {subject.kind.replace('-', ' ')} has no log of its own"

    def _why_no_page(self) -> str:
        return self._why_no_record() or ("" if is_page(self._url()) else "it has no web page")

    def _why_no_alert(self) -> str:
        return "" if self._alerts() else "that is for alerts; `:alerts` shows them"

    def _why_not_taken_up(self) -> str:
        host, record = host_of(self), self.record()
        if not isinstance(record, Activity) or record.state is not ActivityState.UNKNOWN:
            return "that is for acts whose outcome is unknown; `:activity` shows them"
        if host.acts is None:
            return "this board only shows"
        return "read-only" if host.read_only else ""

    def _url(self) -> str | None:
        record, subject = self.record(), self._subject()
        if isinstance(record, Alert) and not record.url and subject is not None:
            record = host_of(self).board.get(subject)
        return record.url if record else None

    def _subject(self) -> Ref | None:
        """Return what is meant: of an alert, the record that it is about."""
        target = self.target()
        return None if target is None else self._about(target)

    def _about(self, ref: Ref) -> Ref | None:
        if ref.kind is not Kind.ALERT:
            return ref
        alert = host_of(self).board.get(ref)
        return alert.about if isinstance(alert, Alert) else None

    def _alerts(self) -> Sequence[Alert]:
        board = host_of(self).board
        records = [board.get(ref) for ref in self.targets()]
        return [record for record in records if isinstance(record, Alert)]

    # --- looking ---------------------------------------------------------------------------------

    def do_open(self) -> None:
        """Show the record from near; for an alert, what it is about."""
        host, subject = host_of(self), self._subject()
        if subject is None:
            record = self.record()
            host.show_sources(record.source if record else "")
        else:
            host.show_detail(subject)

    def do_log(self) -> None:
        """Show its log."""
        if (subject := self._subject()) is not None:
            host_of(self).show_log(subject, self._title_of(subject), self.log_part())

    def do_raw(self) -> None:
        """Show it as the server tells it."""
        if (subject := self._subject()) is not None:
            host_of(self).show_raw(subject, self._title_of(subject))

    def _title_of(self, ref: Ref) -> str:
        record = host_of(self).board.get(ref) or self.record()
        return record.name if record else ref.id

    async def do_browser(self) -> None:
        """Open its page, or copy the address where no browser can be seen."""
        host, url = host_of(self), self._url() or ""
        if not has_browser(host.env):
            host.copy(url, "no browser here; the address")
        elif not await open_page(url, host.env):
            host.show_notice(f"no browser took {url}", wrong=True)

    # --- copying ---------------------------------------------------------------------------------

    def do_copy(self) -> None:
        """Copy the text under the cursor, the name, the address or the id."""
        choices = self._copies()
        if len(choices) == 1:
            host_of(self).copy(choices[0].value, choices[0].label)
            return
        labels = {choice.value: choice.label for choice in choices}
        ask_choice(self, "Copy to the clipboard", choices, partial(self._copy, labels))

    def _copy(self, labels: dict[str, str], value: str | None) -> None:
        if value is not None:
            host_of(self).copy(value, labels[value].strip())

    def _copies(self) -> Sequence[ChoiceOption]:
        record, target = self.record(), self.target()
        values = {
            "this cell": self.cell_text(),
            "name": record.name if record else "",
            "address": self._url() or "",
            "id": target.id if target else "",
        }
        chosen = {value: label for label, value in reversed(values.items()) if value}
        return [
            ChoiceOption(f"{label:<9}", value, value[:_SHOWN])
            for value, label in reversed(chosen.items())
        ]

    # --- alerts ----------------------------------------------------------------------------------

    def do_acknowledge(self) -> None:
        """Acknowledge the alerts that are meant; if all are already, open them again."""
        host, alerts = host_of(self), self._alerts()
        known = all(alert.state is AlertState.ACKNOWLEDGED for alert in alerts)
        for alert in alerts:
            host.board_changed(
                host.board.reopen(alert.ref)
                if known
                else host.board.acknowledge(alert.ref, host.clock.now())
            )
        host.show_notice(f"{_counted(alerts)} {'open again' if known else 'acknowledged'}")

    def do_snooze(self, duration: str) -> None:
        """Silence the alerts that are meant, for *duration* or for what is chosen."""
        if duration:
            self._snooze(self._alerts(), duration)
            return
        choices = [ChoiceOption(label, short) for short, label in USUAL]
        alerts = self._alerts()
        title = f"Silence {_counted(alerts)} for"
        ask_choice(self, title, choices, partial(self._snooze, alerts))

    def _snooze(self, alerts: Sequence[Alert], duration: str | None) -> None:
        if duration is None:
            return
        host, length = host_of(self), parse_duration(duration)
        if length is None:
            host.show_notice(f"{duration!r} is no duration; write 30m, 2h, 1d or 1w", wrong=True)
            return
        for alert in alerts:
            host.board_changed(host.board.snooze(alert.ref, host.clock.now() + length))
        host.show_notice(f"{_counted(alerts)} silent for {duration}")

    # --- acts ------------------------------------------------------------------------------------

    async def do_take_up(self) -> None:
        """Settle and follow the act from here, though another host may still have it."""
        host, record = host_of(self), self.record()
        if record is None or host.acts is None:
            return
        try:
            await host.acts.resume(record.ref)
        except SourceError as error:
            host.show_notice(error.message, wrong=True)
        else:
            host.follow([record.id])
            host.show_notice(f"Looking what became of it: {record.name}")


def _acted_on(record: Record | None, board: "Board") -> Record | None:
    """Return *record*, or of drift, to which nothing can be done, the model that drifts."""
    if not isinstance(record, Drift):
        return record
    models = board.records(Kind.MODEL).values()
    named = (m for m in models if (m.source, m.name) == (record.source, record.model))
    return next(named, record)


def _counted(alerts: Sequence[Alert]) -> str:
    return "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts"
