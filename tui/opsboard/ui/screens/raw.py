"""The raw form of a record, as its server returns it, as YAML or JSON."""

import json
import re
from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult

from opsboard.adapter import SourceError
from opsboard.records import JSON, Ref
from opsboard.text.sanitize import sanitize_prose
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import CopyText, StylesChanged
from opsboard.ui.render.layout import PageRow, error_rows
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.caption import Caption, kind_text
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.prompt import PromptQuestion
from opsboard.ui.workers import start_worker


class RawScreen(BaseScreen):
    """Shows the raw form of *ref*; searches it, and copies it."""

    SCOPES: ClassVar = (BindingScope.RAW, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.RAW)

    def __init__(self, context: AppContext, ref: Ref, title: str) -> None:
        super().__init__(context)
        self._ref, self._title = ref, title
        self._raw: JSON | None = None
        self._as_json = False
        self._query = ""
        self._searches: list[str] = []
        self._text = ""

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        yield Caption(self.context, kind_text(self._ref), self._title)
        yield PageView(self.context)

    def on_mount(self) -> None:
        """Ask the source."""
        self.query_one(Caption).set_state("loading")
        self.reload()

    def reload(self) -> None:
        """Ask the source again."""
        start_worker(self, self._ask, group="raw")

    async def _ask(self) -> None:
        try:
            await self.read()
        except SourceError as error:
            rows = list(error_rows(error, self.context.styles, self.size.width))
            self.query_one(PageView).show_rows(rows)
            self.query_one(Caption).set_state("not available", wrong=True)
            return
        self._write()

    async def read(self) -> None:
        """Ask the source for the text. Raises :exc:`SourceError`."""
        self._raw = await self.context.feed.raw(self._ref)
        self._set_text()

    def _set_text(self) -> None:
        if self._raw is not None:
            # cleaned here, since no record model has done so before
            self._text = sanitize_prose(_json(self._raw) if self._as_json else _yaml(self._raw))

    @property
    def format_text(self) -> str:
        """What the text is, for the caption."""
        return "JSON" if self._as_json else "YAML"

    @on(StylesChanged)
    def _write(self) -> None:
        rows = raw_rows(self._text, self._query, self.context.styles)
        self.query_one(PageView).show_rows(rows)
        self._tell()
        self.refresh_bindings()

    def _tell(self) -> None:
        found = len(self._found())
        states = [f"{found} lines with {self._query!r}"] if self._query else []
        states.append(self.format_text)
        self.query_one(Caption).set_state(", ".join(states))

    # --- acting ----------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why an action that needs the text, or a search, is not possible."""
        if action.scope is BindingScope.RAW and not self._text:
            return "there is no text yet"
        if action.id in ("raw.next", "raw.previous") and not self._query:
            return "nothing is searched for; `/` begins a search"
        return super().disabled_reason(action)

    def do_format(self) -> None:
        """Show it in the other format."""
        self._as_json = not self._as_json
        page = self.query_one(PageView)
        self._set_text()
        self._write()
        page.move_to(0)

    def do_top(self) -> None:
        """Go to the first line."""
        self.query_one(PageView).do_top()

    def do_copy(self) -> None:
        """Copy all of it."""
        self.post_message(CopyText(self._text, self.format_text))

    def do_search(self, text: str) -> None:
        """Search for *text*, or ask for what."""
        if text:
            self._search(text)
        else:
            self.ask(PromptQuestion("/", on_submit=self._search, history=self._searches))

    def _search(self, text: str) -> str:
        self._query = text
        self._write()
        if text and not self._found():
            return "not found"
        if text and self.query_one(PageView).cursor not in self._found():
            self._step(+1)
        return ""

    def _found(self) -> Sequence[int]:
        sought = self._query.lower()
        rows = self.query_one(PageView).rows
        return [at for at, row in enumerate(rows) if sought and sought in row.copy_text.lower()]

    def do_next(self) -> None:
        """Go to the next line that was found."""
        self._step(+1)

    def do_previous(self) -> None:
        """Go to the previous line that was found."""
        self._step(-1)

    def _step(self, step: int) -> None:
        page, found = self.query_one(PageView), self._found()
        if not found:
            return
        ahead = [at for at in found if (at - page.cursor) * step > 0]
        page.move_to((ahead or found)[0 if step > 0 else -1])


def _json(raw: JSON) -> str:
    return json.dumps(raw, indent=2, ensure_ascii=False, default=str)


def _yaml(raw: JSON) -> str:
    import yaml  # noqa: PLC0415 - 20 ms that the first frame need not wait for

    class Dumper(yaml.SafeDumper):
        """Writes text of several lines as it reads."""

    def lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        style = "|" if "\n" in text else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, lines)
    plain = json.loads(_json(raw))
    text = yaml.dump(plain, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return str(text).rstrip("\n")


_KEY: Final = re.compile(r'^(\s*(?:- )*)("(?:[^"\\]|\\.)*"|[^\s:#"\'][^:]*)(:)(?= |$)')


def raw_rows(text: str, sought: str, styles: Styles) -> Sequence[PageRow]:
    """Return a row for each line of *text*."""
    return [
        PageRow(_drawn(line, sought, styles), selectable=True, copy_text=line, key=number)
        for number, line in enumerate(text.split("\n"))
    ]


def _drawn(line: str, sought: str, styles: Styles) -> Text:
    text = Text(f" {line}")
    if key := _KEY.match(line):
        text.stylize(styles.accent, key.start(2) + 1, key.end(2) + 1)
    if sought:
        for found in re.finditer(re.escape(sought), line, re.IGNORECASE):
            text.stylize(styles.roles["match"], found.start() + 1, found.end() + 1)
    return text
