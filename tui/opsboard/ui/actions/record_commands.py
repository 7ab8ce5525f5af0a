"""Looking at a record: its detail, log, raw form and web page, and copying from it."""

from collections.abc import Sequence
from functools import partial

from opsboard.records import Kind
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import (
    AskChoice,
    ChoiceOption,
    CopyText,
    OpenDetail,
    OpenLog,
    OpenRaw,
    OpenSources,
)
from opsboard.ui.terminal.browser import has_browser, is_page, open_page

_PREVIEW = 46
"""Columns of a text to copy that the choice shows."""


class RecordCommands(ActionGroup):
    """The actions of :attr:`BindingScope.RECORD` that change nothing, for a *selection*."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection

    def disabled_reason(self, action: UiAction) -> str:
        """Return why an action on the record is not possible now."""
        reasons = {
            "record.open": self._why_no_record,
            "record.raw": self._why_no_raw,
            "record.log": self._why_no_log,
            "record.browser": self._why_no_page,
            "record.copy": self._why_no_record,
        }
        reason = reasons.get(action.id)
        return reason() if reason else ""

    def _why_no_record(self) -> str:
        there_is_one = self._selection.current_ref() is not None
        return "" if there_is_one else "there is no record under the cursor"

    def _why_no_raw(self) -> str:
        ref = self._selection.current_ref()
        if ref is not None and self._node.context.as_of is not None:
            return self._not_recorded("the raw form")
        if ref is not None and ref.kind is Kind.ACTIVITY:
            return "an action has no raw form; `opsboard audit --json` prints it"
        if self._selection.subject() is None:
            return self._why_no_record() or "the alert is about a source, which has no raw form"
        return ""

    def _why_no_log(self) -> str:
        subject = self._selection.subject()
        if subject is None:
            return self._why_no_record() or "a source has no log"
        if self._node.context.as_of is not None:
            return self._not_recorded("a log")
        if self._node.context.feed.has_log(subject):
            return ""
        return f"a {subject.kind.replace('-', ' ')} has no log of its own"

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
        """Open the log."""
        if (subject := self._selection.subject()) is not None:
            title, part = self._selection.title_of(subject), self._selection.log_part()
            self._node.post_message(OpenLog(subject, title, part))

    def do_raw(self) -> None:
        """Open the raw form."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenRaw(subject, self._selection.title_of(subject)))

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
