"""The prompt for ``/`` and ``:``, with completion, history, and errors beside what was typed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, TypeAlias

from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input, Static

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.widgets.sanitized_input import SanitizedInput

PromptCallback: TypeAlias = Callable[[str], str]
"""Is called with what was typed; returns what is wrong with it, or ``""``."""

HISTORY = 100


def _fine(_: str) -> str:
    return ""


def _nothing() -> None:
    pass


def _no_completion(_: str) -> Sequence[str]:
    return ()


@frozen_unchecked
class PromptQuestion(Frozen):
    """What a prompt asks for, and its callbacks.

    *on_change* is called after each key, *on_submit* on Enter, *on_cancel* on Escape. The list
    *history* is shared by all questions of a sort, and grows. *complete* returns the whole
    lines that the typed one could become.
    """

    prefix: str
    on_submit: PromptCallback
    history: list[str]
    text: str = ""
    on_change: PromptCallback = _fine
    on_cancel: Callable[[], None] = _nothing
    complete: Callable[[str], Sequence[str]] = _no_completion


class PromptInput(UiActionHandler, SanitizedInput):
    """The line that is typed into."""

    SCOPES = (BindingScope.PROMPT,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.PROMPT)

    @property
    def prompt(self) -> "Prompt":
        """The prompt around it."""
        return self.query_ancestor(Prompt)

    def do_accept(self) -> None:
        """Submit what was typed."""
        self.prompt.accept()

    def do_close(self) -> None:
        """Close without submitting."""
        self.prompt.cancel()

    def do_complete(self) -> None:
        """Complete the word as far as all candidates agree."""
        self.prompt.complete()

    def do_older(self) -> None:
        """Bring back what was typed before."""
        self.prompt.browse_history(-1)

    def do_newer(self) -> None:
        """Go back towards what was being typed."""
        self.prompt.browse_history(+1)


class Prompt(Horizontal):
    """Asks a :class:`PromptQuestion` in place of the key hints."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__()
        self._question: PromptQuestion | None = None
        self._recalled = 0
        self._remarked = ""
        self._focus_before: Widget | None = None

    def _lay_out(self) -> None:
        """Mount prefix, input and remark when the prompt is first opened."""
        if not self.children:
            self.mount(
                Static(markup=False, id="sign"),
                PromptInput(compact=True, select_on_focus=False),
                Static(markup=False, id="remark"),
            )

    @property
    def is_open(self) -> bool:
        """Whether it is asking."""
        return self._question is not None

    @property
    def _input(self) -> PromptInput:
        return self.query_one(PromptInput)

    def ask(self, question: PromptQuestion) -> None:
        """Ask *question*; the focus goes back to where it was afterwards."""
        self._lay_out()
        self._question = question
        self._recalled = len(question.history)
        self.query_one("#sign", Static).update(question.prefix)
        with self._input.prevent(Input.Changed):
            self._input.value = question.text
        self._input.cursor_blink = False
        self._input.cursor_position = len(question.text)
        self._remark("")
        self.screen.add_class("-asking")
        if not isinstance(self.screen.focused, PromptInput):
            self._focus_before = self.screen.focused
        self.screen.set_focus(self._input, scroll_visible=False)

    def accept(self) -> None:
        """Submit what was typed; stay open if it is wrong."""
        if (question := self._question) is None:
            return
        text = self._input.value
        self._leave()
        if wrong := question.on_submit(text):
            self.ask(replace(question, text=text))
            self._remark(wrong, wrong=True)
        elif text.strip():
            _remember(question.history, text)

    def cancel(self) -> None:
        """Close, and call the question's *on_cancel*."""
        if (question := self._question) is not None:
            self._leave()
            question.on_cancel()

    def complete(self) -> None:
        """Complete as far as all candidates agree, and show them."""
        if self._question is None:
            return
        candidates = list(self._question.complete(self._input.value))
        common = _common_start(candidates)
        if len(common) > len(self._input.value):
            self._input.value = common
            self._input.cursor_position = len(common)
        self._remark(_listed(candidates))

    def browse_history(self, step: int) -> None:
        """Show an older (-1) or newer (+1) line of the history."""
        if (question := self._question) is None or not question.history:
            return
        self._recalled = max(0, min(len(question.history), self._recalled + step))
        lines = [*question.history, ""]
        self._input.value = lines[self._recalled]
        self._input.cursor_position = len(self._input.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Call *on_change*; show what is wrong, or else the completions."""
        event.stop()
        if (question := self._question) is None:
            return
        wrong = question.on_change(event.value)
        self._remark(wrong or _listed(question.complete(event.value)), wrong=bool(wrong))

    def _leave(self) -> None:
        self._question = None
        self.screen.remove_class("-asking")
        self.screen.set_focus(self._focus_before, scroll_visible=False)

    def _remark(self, text: str, *, wrong: bool = False) -> None:
        remark = self.query_one("#remark", Static)
        if text != self._remarked:  # an update lays the whole screen out again, at each letter
            remark.update(text)
        self._remarked = text
        remark.set_class(wrong, "-wrong")


def open_prompt(node: DOMNode, question: PromptQuestion) -> None:
    """Ask *question* in the prompt of the screen that *node* is on."""
    node.screen.query_one(Prompt).ask(question)


def _remember(history: list[str], text: str) -> None:
    if text in history:
        history.remove(text)
    history.append(text)
    del history[:-HISTORY]


def _common_start(words: Sequence[str]) -> str:
    if not words:
        return ""
    first, last = min(words), max(words)
    length = next(
        (at for at, char in enumerate(first) if at >= len(last) or last[at] != char), len(first)
    )
    return first[:length]


def _listed(candidates: Sequence[str]) -> str:
    """Return the last words of the first twelve candidates."""
    return "  ".join(line.rpartition(" ")[2] for line in candidates[:12])
