"""The preview beside the list: what the record under the cursor is, and why.

Nothing of it is on the way of a key. When the cursor has come to rest, it paints what the board
knows; when it stays, it asks the history, a log and the source, one after the other, and gives that
up as soon as the cursor moves on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.worker import Worker

from opsboard.adapter import SourceError, Unsupported
from opsboard.kinds.registry import KINDS
from opsboard.records import Record, Ref
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.widgets.one_line_widget import OneLineWidget
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.workers import start_worker

if TYPE_CHECKING:
    from opsboard.board.state import BoardDelta
    from opsboard.ui.render.detail_rows import PageFormat
    from opsboard.ui.render.layout import PageRow
    from opsboard.ui.render.preview_joins import PreviewJoins
    from opsboard.ui.render.preview_lines import PreviewInput, PreviewNews
    from opsboard.ui.render.preview_subject import PreviewSubject
    from opsboard.ui.widgets.last_words import WordsBasis

WIDE: Final = 140
"""Columns of the screen from which on there is room for it beside a page."""
WIDEST: Final = 72
"""Columns that it takes at most, as its style sheet says too: what it says is broken into lines,
what is in a table is cut."""
PAINT_AFTER: Final = 0.06
"""Seconds that the cursor rests before what the board knows is painted."""
ASK_AFTER: Final = 0.3
"""Further seconds before anything is asked."""
PATIENCE: Final = 6.0
"""Seconds that one answer may take."""
FRESH: Final = timedelta(seconds=45)
"""For how long what was heard is not asked for again."""
_KEPT: Final = 24
"""Records of which what was heard is kept: the cursor goes up and down."""
_SPAN: Final = timedelta(days=7)


Ask: TypeAlias = "Callable[[PreviewSubject, PreviewNews], Awaitable[PreviewNews]]"
"""A question: it adds to the news of a subject."""


def width_beside(width: int) -> int:
    """Return how many of the *width* columns of a screen are for a preview beside its page."""
    return min(width * 2 // 5, WIDEST) if width >= WIDE else 0


class PreviewTitle(OneLineWidget):
    """The name of the record and its environment; to the right, of when that is."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.record: Record | None = None

    def line(self, width: int) -> Text:
        """Return the title."""
        styles, record = self.context.styles, self.record
        if record is None:
            return Text("")
        kind = KINDS.of(record)
        word = (kind.title.removesuffix("s") if kind else str(record.kind)).lower()
        text = Text.assemble((f" {record.name}", "bold"), (f"  {word}", styles.muted))
        if record.environment:
            text.append("  ").append(
                record.environment, styles.environment_cell(record.environment)
            )
        state = f" as of {self.context.as_of_text or 'now'} "
        truncate_text(text, max(1, width - len(state)), styles, pad=True)
        return text.append(state, styles.muted)


class PreviewPage(PageView, can_focus=False):
    """The lines below: nothing to stand on."""

    has_cursor = False


@dataclass(slots=True)
class _Heard:
    """What was heard of a record, when, and what its last words are of."""

    news: "PreviewNews"
    at: datetime
    basis: "WordsBasis"
    complete: bool = field(default=False)


class Preview(Vertical):
    """Shows the record that :meth:`show` names, a moment later."""

    DEFAULT_CSS: ClassVar = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, context: AppContext, *, names_remedy: bool = True) -> None:
        """*names_remedy*: whether the key that may help works on the screen that it is on."""
        super().__init__()
        self.context = context
        self._names_remedy = names_remedy
        self.ref: Ref | None = None
        self._heard: OrderedDict[Ref, _Heard] = OrderedDict()
        self._joins: PreviewJoins | None = None
        """What was found of the subject; ``None`` where it is to be found anew."""
        self._begun = False
        self._painting: Timer | None = None
        self._asking: Timer | None = None
        self._listener: Worker[None] | None = None
        self._title = PreviewTitle(context)
        self.page = PreviewPage(context)

    def compose(self) -> ComposeResult:
        """Yield the title and the lines."""
        yield self._title
        yield self.page

    def on_mount(self) -> None:
        """Begin behind the first frame, which does not wait for what only a preview needs."""
        self.context.first_paint.then(self._begin)

    def _begin(self) -> None:
        self._begun = True
        self._plan()

    def on_resize(self) -> None:
        """Break the lines at the new width; begin, where there was no room before."""
        self._plan()

    def stand_beside(self, columns: int) -> None:
        """Take *columns* beside a page; with none, nothing is seen of it."""
        self.display = columns > 0
        self.styles.width = columns

    # --- what it is about ------------------------------------------------------------------------

    def show(self, ref: Ref | None) -> None:
        """Show the record *ref* once the cursor rests."""
        if ref == self.ref:
            return
        self.ref = ref
        self.workers.cancel_group(self, "preview")
        for timer in filter(None, (self._painting, self._asking)):
            timer.stop()
        self._painting = self._asking = self._listener = self._joins = None
        self._plan()

    def board_changed(self, delta: "BoardDelta") -> None:
        """Show what has changed of it, or of what it is made of."""
        if self.ref is not None and (delta.changed or delta.removed):
            self._plan()

    def tick(self) -> None:
        """Write the lines that read differently by now: time has passed, and nothing else."""
        self._write()

    def repaint(self) -> None:
        """Write the lines again: they have other colours."""
        self._joins = None
        self._write()
        if self._title.is_attached:
            self._title.refresh()

    @property
    def is_seen(self) -> bool:
        """Whether there is room for it."""
        return self.is_attached and self.display and self.page.size.width > 0

    @property
    def is_at_rest(self) -> bool:
        """Whether it is complete: nothing is to be painted or asked, and nothing is under way."""
        listens = self._listener is not None and not self._listener.is_finished
        return self._begun and not (listens or self._painting or self._asking)

    def _plan(self) -> None:
        """Paint in a moment, once: a board that changes all the time puts nothing off."""
        if self._begun and self._painting is None and self.is_attached:
            self._painting = self.set_timer(PAINT_AFTER, self._paint)

    def _paint(self) -> None:
        """Write what is known, and ask for more if the cursor stays."""
        self._painting = self._joins = None
        if not self.is_seen:
            return
        self._write()
        if self.ref is None or self.context.as_of is not None or self._is_fresh(self.ref):
            return
        if self._asking is None and (self._listener is None or self._listener.is_finished):
            self._asking = self.set_timer(ASK_AFTER, self._ask)

    def _is_fresh(self, ref: Ref) -> bool:
        """Return whether what was heard of *ref* still holds, or nobody could tell of it."""
        from opsboard.ui.render.preview_subject import subject_of  # noqa: PLC0415 - as above
        from opsboard.ui.widgets.last_words import words_basis  # noqa: PLC0415 - as above

        context, heard = self.context, self._heard.get(ref)
        if context.board.get(ref) is None:
            return True
        if heard is None or not heard.complete or context.clock.now() - heard.at >= FRESH:
            return False
        subject = subject_of(context.board, ref)
        return subject is not None and heard.basis == words_basis(context, subject)

    # --- writing ---------------------------------------------------------------------------------

    def _write(self) -> None:
        from opsboard.ui.render.detail_rows import PageFormat  # noqa: PLC0415 - behind the frame
        from opsboard.ui.render.preview_joins import joins_of  # noqa: PLC0415 - as above
        from opsboard.ui.render.preview_lines import (  # noqa: PLC0415 - as above
            PreviewInput,
            PreviewNews,
        )
        from opsboard.ui.render.preview_subject import (  # noqa: PLC0415 - as above
            remedy_key,
            subject_of,
        )

        if not self.is_seen:
            return
        context = self.context
        subject = subject_of(context.board, self.ref) if self.ref is not None else None
        self._title.record = subject.record if subject is not None else None
        if self._title.is_attached:
            self._title.redraw()
        if subject is None:
            self.page.show_rows([])
            return
        heard = self._heard.get(subject.record.ref)
        page = PageFormat(context.styles, context.clock.now(), self.page.size.width)
        if self._joins is None:
            self._joins = joins_of(context.board, subject, page, self.page.size.height)
        content = PreviewInput(
            subject,
            context.board,
            context.zone,
            self._joins,
            heard.news if heard is not None else PreviewNews(),
            remedy_key(context, subject) if self._names_remedy else None,
            self.page.size.height,
        )
        self.page.show_rows(list(self.rows(content, page)))

    def rows(self, content: "PreviewInput", page: "PageFormat") -> "Iterator[PageRow]":
        """Return the lines, the most urgent first."""
        from opsboard.ui.render.preview_lines import preview_rows  # noqa: PLC0415 - as above

        return preview_rows(content, page)

    # --- asking ----------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._asking = None
        if self.ref is not None and self.screen.is_current:
            self._listener = start_worker(self, partial(self._listen, self.ref), group="preview")

    async def _listen(self, ref: Ref) -> None:
        """Take in one answer after the other, for as long as the cursor stays."""
        from opsboard.ui.render.preview_subject import subject_of  # noqa: PLC0415 - as above
        from opsboard.ui.widgets.last_words import words_basis  # noqa: PLC0415 - as above

        subject = subject_of(self.context.board, ref)
        if subject is None:
            return
        now, basis = self.context.clock.now(), words_basis(self.context, subject)
        async for news in self._answers(subject):
            self._heard[ref] = _Heard(news, now, basis)
            if ref == self.ref:
                self._write()
        if ref in self._heard:
            self._heard[ref].complete = True
            self._heard.move_to_end(ref)
        while len(self._heard) > _KEPT:
            self._heard.popitem(last=False)
        if ref == self.ref and not self._is_fresh(ref):  # the board went on meanwhile
            self._plan()

    async def _answers(self, subject: "PreviewSubject") -> AsyncIterator["PreviewNews"]:
        from opsboard.ui.render.preview_lines import PreviewNews  # noqa: PLC0415 - as above

        heard = self._heard.get(subject.record.ref)
        news = (heard.news if heard is not None else PreviewNews())._replace(error="")
        for ask in self.asks():
            try:
                async with asyncio.timeout(PATIENCE):
                    news = await ask(subject, news)
            except TimeoutError:
                news = news._replace(error="a source has not answered; Enter asks again")
            except SourceError as error:
                news = news._replace(error=error.message)
            yield news

    def asks(self) -> tuple["Ask", ...]:
        """Return the questions, in their order."""
        return (self.ask_history, self._log, self._detail)

    async def ask_history(self, subject: "PreviewSubject", news: "PreviewNews") -> "PreviewNews":
        history = self.context.history
        if history is None:
            return news
        if subject.is_wrong:
            about = subject.alert.ref if subject.alert is not None else subject.part.ref
            return news._replace(before=await history.before_red(about), events=None)
        now = self.context.clock.now()
        events = await history.timeline(subject.record.ref, now - _SPAN, now)
        return news._replace(before=None, events=events)

    async def _log(self, subject: "PreviewSubject", news: "PreviewNews") -> "PreviewNews":
        """Add the last words of what fails; of what is well, nobody asks."""
        from opsboard.ui.widgets.last_words import last_words  # noqa: PLC0415 - see app.SOON

        words = await last_words(self.context, subject)
        return news._replace(log=words.lines, log_of=words.of)

    async def _detail(self, subject: "PreviewSubject", news: "PreviewNews") -> "PreviewNews":
        part = subject.part
        kind = KINDS.of(part)
        if not subject.is_wrong and not (kind is not None and kind.charted):
            return news._replace(detail=None)
        try:
            return news._replace(detail=await self.context.feed.detail(part.ref))
        except Unsupported:
            return news._replace(detail=None)
