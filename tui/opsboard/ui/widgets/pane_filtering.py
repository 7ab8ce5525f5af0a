"""Filtering a pane, while its rows follow each keystroke."""

from collections.abc import Sequence

from textual.widget import Widget

from opsboard.ui.app_host import host_of
from opsboard.ui.widgets.prompt import PromptQuestion, open_prompt
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.filter import EVERYTHING, FilterError, parse
from opsboard.views.panes import PaneSpec


class PaneFiltering(Widget):
    """A pane whose rows can be filtered."""

    spec: PaneSpec
    _history: list[str]

    @property
    def table(self) -> RecordTable:
        """The table."""
        raise NotImplementedError

    def update_labels(self) -> None:
        """Bring what stands around the rows up to date."""
        raise NotImplementedError

    def do_filter(self, text: str = "") -> None:
        """Filter by *text*, or ask for it, with the rows following each keystroke."""
        if text:
            if wrong := self.filter_by(text):
                host_of(self).show_notice(wrong, wrong=True)
            return
        before = self.table.model.filter.text
        open_prompt(
            self,
            PromptQuestion(
                "/",
                on_submit=self.filter_by,
                text=before,
                on_change=self.filter_by,
                on_cancel=lambda: _ignore(self.filter_by(before)),
                complete=self._complete_filter,
                history=self._history,
            ),
        )

    def filter_by(self, text: str) -> str:
        """Filter by *text*; return what is wrong with it, and then leave the rows as they are."""
        try:
            chosen = parse(text, self.spec) if text.strip() else EVERYTHING
        except FilterError as error:
            return str(error)
        before = self.table.model.filter
        self.table.set_filter(chosen)
        if chosen.problem:
            self.table.set_filter(before)
        self.update_labels()
        return chosen.problem

    def _complete_filter(self, line: str) -> Sequence[str]:
        head, _, word = line.rpartition(" ")
        if not word or ":" in word or word[0] in '/!"':
            return ()
        names = sorted({column.id for column in self.spec.columns} | set(self.spec.search))
        return [f"{head} {name}:".lstrip() for name in names if name.startswith(word)]


def _ignore(_: str) -> None:
    """A filter that was fine before is fine again."""
