"""The commands of a log that ask the source for other lines: other parts, another time."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial

from opsboard.adapter import LogPart, LogQuery, SourceError
from opsboard.history.time_expression import TimeExpressionError, parse_since
from opsboard.kinds.registry import KINDS
from opsboard.records import Ref
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.screens.part_choice import PartChoice, by_name
from opsboard.ui.widgets.log_buffer import MAX_LINES
from opsboard.ui.widgets.prompt import PromptQuestion
from opsboard.ui.workers import start_worker

TAIL = 10_000
"""Lines of the past that are asked for."""
WHOLE_TAIL = MAX_LINES
"""The same of all jobs of a build: as many as are kept."""
_PARTS = ("pods", "containers")
"""What lines come from, where nobody knows the kind."""
_PICKS = ("log.pods", "log.containers")
"""The actions that pick of those."""


class LogQueryCommands(BaseScreen):
    """A screen that reads what :attr:`query` says of the log of *ref*."""

    def __init__(self, context: AppContext, ref: Ref) -> None:
        super().__init__(context)
        self._ref = ref
        self._since_text = ""
        self.log_query = LogQuery(follow=True, tail=TAIL)
        self._sinces: list[str] = []

    @abstractmethod
    def read_again(self) -> None:
        """Read what :attr:`log_query` says by now, from the start."""

    @abstractmethod
    def seen_parts(self) -> Sequence[LogPart]:
        """Return what lines have come from, where the source knows no more."""

    @property
    def part_words(self) -> tuple[str, str]:
        """What lines come from: the words for groups, and for parts of those."""
        kind = KINDS.get(self._ref.kind)
        return kind.log_parts if kind is not None else _PARTS

    def title_here(self, action: UiAction) -> str:
        """Return what is picked from by its own word: a build has jobs and steps."""
        if action.id in _PICKS:
            return self.part_words[_PICKS.index(action.id)].removesuffix("s").capitalize()
        return super().title_here(action)

    @property
    def can_be_whole(self) -> bool:
        """Whether the log can be read together with those of what it is a part of."""
        kind = KINDS.get(self._ref.kind)
        return kind is not None and kind.log_whole

    def query_states(self) -> list[str]:
        """Return what is read, where that is not all."""
        query = self.log_query
        states = [f"of {', '.join(query.parts)}"] if query.parts else []
        if query.since is not None:
            states.append(f"since {self._since_text}")
        if query.previous:
            states.append("previous instances")
        return [*states, "with init"] if query.init else states

    def _ask_for(self, **changes: object) -> None:
        values = {name: getattr(self.log_query, name) for name in self.log_query.__dict__}
        self.log_query = LogQuery(**{**values, **changes})
        self.read_again()

    def do_containers(self) -> None:
        """Pick containers."""
        start_worker(self, partial(self._pick, groups=False), group="pick", exit_on_error=True)

    def do_pods(self) -> None:
        """Pick pods."""
        start_worker(self, partial(self._pick, groups=True), group="pick", exit_on_error=True)

    async def _pick(self, *, groups: bool) -> None:
        what = self.part_words[0 if groups else 1]
        try:
            known = await self.context.feed.log_parts(self._ref)
        except SourceError as error:
            self.show_notice(str(error), wrong=True)
            return
        parts = by_name(known or self.seen_parts(), groups=groups)
        parts = [part for part in parts if part.name]
        if not parts:
            self.show_notice(f"this log has no {what} to pick from")
            return
        title = f"Which {what}? Space marks several, Enter takes them"
        screen = PartChoice(self.context, title, parts, self.log_query.parts)
        self.app.push_screen(screen, lambda picked: self._picked(picked, parts))

    def _picked(self, picked: tuple[str, ...] | None, offered: Sequence[LogPart]) -> None:
        if picked is None:
            return
        others = {part.name for part in offered}
        kept = [name for name in self.log_query.parts if name not in others]
        if picked and kept:
            self.show_notice(f"{', '.join(kept)} is no longer picked: one of both at a time")
        self._ask_for(parts=picked)

    def do_whole(self) -> None:
        """Read all jobs of a build, or again the one that it was opened for."""
        whole = not self.log_query.whole
        self._ask_for(whole=whole, tail=WHOLE_TAIL if whole else TAIL, parts=())

    def do_previous(self) -> None:
        """Read the instances before the present ones, or these again."""
        self._ask_for(previous=not self.log_query.previous)

    def do_init(self) -> None:
        """Read init containers too, or no longer."""
        self._ask_for(init=not self.log_query.init)

    def do_since(self, text: str) -> None:
        """Read from a time on, or ask from when."""
        if text:
            if wrong := self._since(text):
                self.show_notice(wrong, wrong=True)
            return
        self.ask(
            PromptQuestion(
                "since:",
                text=self._since_text,
                on_submit=self._since,
                history=self._sinces,
            )
        )

    def _since(self, text: str) -> str:
        since = None
        if text.strip():
            try:
                since = parse_since(text, self.context.clock.now(), self.context.zone)
            except TimeExpressionError as error:
                return str(error)
        self._since_text = text.strip()
        self._ask_for(since=since)
        return ""
