"""Looking at a record: its detail, log, raw form and web page, and copying from it."""

from collections.abc import Sequence
from functools import partial

from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Record
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.service_choice import choose_part
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import (
    AskChoice,
    ChoiceOption,
    CopyText,
    OpenDescription,
    OpenDetail,
    OpenLog,
    OpenRaw,
    OpenSources,
    OpenTree,
)
from opsboard.ui.terminal.browser import has_browser, is_page, open_page
from opsboard.ui.widgets.caption import kind_text
from opsboard.views.rows import is_wrong

_PREVIEW = 46
"""Columns of a text to copy that the choice shows."""


class RecordCommands(ActionGroup):
    """The actions of :attr:`BindingScope.RECORD` that change nothing, for a *selection*."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection

    @property
    def record(self) -> Record | None:
        """The record that the actions are about."""
        return self._selection.record()

    def disabled_reason(self, action: UiAction) -> str:
        """Return why an action on the record is not possible now."""
        reasons = {
            "record.open": self._why_no_record,
            "record.raw": self._why_no_raw,
            "record.describe": self._why_no_description,
            "record.tree": self._why_no_tree,
            "record.log": self._why_no_log,
            "record.browser": self._why_no_page,
            "record.copy": self._why_no_record,
        }
        reason = reasons.get(action.id)
        return reason() if reason else ""

    def _why_no_record(self) -> str:
        there_is_one = self._selection.current_ref() is not None
        return "" if there_is_one else "there is no record under the cursor"

    def _why_no_subject(self, of_source: str) -> str:
        """Return why there is nothing that it is about: by *of_source* where that is a source."""
        return self._why_no_record() or self._selection.gone_reason() or of_source

    def _why_no_raw(self) -> str:
        ref = self._selection.current_ref()
        if ref is not None and self._node.context.as_of is not None:
            return self._not_recorded("the raw form")
        if ref is not None and ref.kind is Kind.ACTIVITY:
            return "an action has no raw form; `opsboard audit --json` prints it"
        if self._selection.subject() is None:
            return self._why_no_subject("the alert is about a source, which has no raw form")
        return ""

    def _why_no_description(self) -> str:
        ref = self._selection.current_ref()
        if ref is not None and ref.kind in {Kind.ACTIVITY, Kind.SERVICE}:
            return "its page says all there is; Enter opens it"
        return self._why_no_raw()

    def _why_no_tree(self) -> str:
        subject = self._selection.subject()
        if subject is None or self._node.context.as_of is not None:
            return self._why_no_raw()
        kind, record = KINDS.get(subject.kind), self._node.context.board.get(subject)
        own = self._selection.record()
        if record is None and own is not None and own.ref == subject:
            record = own  # a row of a listing is on no board
        word = kind_text(subject)
        if kind is None or not kind.is_in_namespaces:
            return f"no {word} has owners"
        if record is not None and kind.place is not None and not any(kind.place(record)):
            return f"no {word} of {record.source} has owners"
        return ""

    def _why_no_log(self) -> str:
        subject = self._selection.subject()
        if subject is None:
            return self._why_no_subject("a source has no log")
        if self._node.context.as_of is not None:
            return self._not_recorded("a log")
        if self._selection.service() is not None:
            return "" if self._logged_parts() else "nothing that the service runs as has a log"
        if self._node.context.feed.has_log(subject):
            return ""
        return f"no {kind_text(subject)} of {subject.source} has a log of its own"

    def _why_no_page(self) -> str:
        has_page = is_page(self._selection.url())
        return self._why_no_record() or ("" if has_page else "it has no web page")

    def _not_recorded(self, what: str) -> str:
        context = self._node.context
        return f"as of {context.as_of_text}: {what} was not recorded"

    # --- looking ---------------------------------------------------------------------------------

    def do_open(self) -> None:
        """Open the detail; for an alert, of what it is about."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenDetail(subject))
            return
        record = self._selection.record()
        self._node.post_message(OpenSources(record.source if record else ""))

    def do_log(self) -> None:
        """Open the log; of a service, that of the part which is wrong, or the one chosen."""
        if self._selection.service() is not None:
            choose_part(self._node, self._logged_parts(), self._open_log)
        elif (subject := self._selection.subject()) is not None:
            title, part = self._selection.title_of(subject), self._selection.log_part()
            self._node.post_message(OpenLog(subject, title, part))

    def _open_log(self, target: RecordTarget) -> None:
        self._node.post_message(OpenLog(target.record.ref, target.record.name))

    def _logged_parts(self) -> Sequence[RecordTarget]:
        """Return the parts of the service that have a log: the wrong one, or where not one, all."""
        has_log = self._node.context.feed.has_log
        found = [one for one in self._selection.targets() if has_log(one.record.ref)]
        wrong = [one for one in found if is_wrong(one.record)]
        return wrong if len(wrong) == 1 else found

    def do_raw(self) -> None:
        """Open the raw form."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenRaw(subject, self._selection.title_of(subject)))

    def do_describe(self) -> None:
        """Open the description."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenDescription(subject, self._selection.title_of(subject)))

    def do_tree(self) -> None:
        """Open the owners, and what is owned."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenTree(subject, self._selection.title_of(subject)))

    async def do_browser(self) -> None:
        """Open the web page, or copy its address where no browser can be seen."""
        env, url = self._node.context.env, self._selection.url() or ""
        if not has_browser(env):
            self._node.post_message(CopyText(url, "no browser here; the address"))
        elif not await open_page(url, env):
            self._node.show_notice(f"no browser could open {url}", wrong=True)

    # --- copying ---------------------------------------------------------------------------------

    def do_copy(self) -> None:
        """Copy the text under the cursor, the name, the address or the id."""
        options = self._copy_options()
        if len(options) == 1:
            self._node.post_message(CopyText(options[0].value, options[0].label))
            return
        labels = {option.value: option.label for option in options}
        on_chosen = partial(self._copy, labels)
        self._node.post_message(AskChoice("Copy to the clipboard", options, on_chosen))

    def _copy(self, labels: dict[str, str], value: str | None) -> None:
        if value is not None:
            self._node.post_message(CopyText(value, labels[value].strip()))

    def _copy_options(self) -> Sequence[ChoiceOption]:
        record, ref = self._selection.record(), self._selection.current_ref()
        values = {
            "this cell": self._selection.cell_text(),
            "name": record.name if record else "",
            "address": self._selection.url() or "",
            "id": ref.id if ref else "",
        }
        chosen = {value: label for label, value in reversed(values.items()) if value}
        return [
            ChoiceOption(f"{label:<9}", value, value[:_PREVIEW])
            for value, label in reversed(chosen.items())
        ]
