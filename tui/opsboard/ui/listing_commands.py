"""``:nodes`` and the like: words for what the sources list, beside the commands of the program."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.command_line import TypedCommand, unknown_word
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption, OpenListing
from opsboard.ui.navigator import Navigator
from opsboard.ui.scope_actions import ScopeActions
from opsboard.ui.workers import start_worker
from opsboard.views.listing_directory import ListingChoice, ListingDirectory
from opsboard.views.listing_view import not_listed
from opsboard.views.panes import SAVED_VIEWS, ListingView
from opsboard.views.scope import ALL, known_namespaces

_ALL_WORDS: Final = "`:resources` shows all words"


class ListingCommands:
    """Knows what the sources can list, asked for once: when somebody first types a command."""

    def __init__(
        self,
        app: UiActionHandler,
        context: AppContext,
        navigator: Navigator,
        scope: ScopeActions,
    ) -> None:
        self._app, self._context, self._navigator = app, context, navigator
        self._scope = scope
        self._asking: asyncio.Task[ListingDirectory] | None = None

    def ask(self) -> None:
        """Ask the sources, if they have not been asked yet."""
        if self._asking is None or (self._asking.done() and not self._known()):
            self._asking = asyncio.create_task(self._read())

    def forget(self) -> None:
        """Ask the sources again when it is needed next."""
        self._asking = None

    async def _read(self) -> ListingDirectory:
        directory = ListingDirectory(await self._context.feed.listing_types())
        for view in SAVED_VIEWS.all:
            for word in view.words:
                if directory.find(word) is not None:
                    text = f":{word} opens a view of [[views]]; what the sources list by that word"
                    self._app.show_notice(f"{text} is behind :resources {word}")
        return directory

    def _known(self) -> ListingDirectory | None:
        """Return what is known by now."""
        task = self._asking
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    @property
    def words(self) -> Sequence[str]:
        """The words that are known by now, for completion."""
        known = self._known()
        return known.words if known is not None and self._is_now else ()

    def completions(self, line: str) -> Sequence[str]:
        """Return what *line*, a listing and the beginning of a namespace, could become."""
        word, space, rest = line.lstrip().partition(" ")
        known = self._known()
        choice = known.find(word) if known is not None and space and self._is_now else None
        if choice is None or not choice.is_scoped:
            return ()
        names = [*known_namespaces(self._context.board), ALL]
        return [f"{word} {name}" for name in names if name.startswith(rest.lstrip())]

    def open_view(self, view: ListingView) -> None:
        """Open *view*, once the sources have said what they list."""
        if not self._is_now:
            self._app.show_notice(
                f"{view.id} shows what servers list now, and the board another time", wrong=True
            )
            return
        self.ask()
        start_worker(self._app, partial(self._open_view_later, view), exclusive=False)

    async def _open_view_later(self, view: ListingView) -> None:
        assert self._asking is not None  # noqa: S101 - it was asked just before
        known = await asyncio.shield(self._asking)
        choice = known.find(view.listing)
        if choice is None:
            said = f"view {view.id}: nothing is listed by the word {view.listing!r}"
            near = not_listed(view.listing, known.words)
            self._app.show_notice("; ".join([said, near, *known.notes[:1]]), wrong=True)
        elif problem := choice.search_problem(view):
            self._app.show_notice(f"view {view.id}: {problem}", wrong=True)
        else:
            self._navigator.navigate(OpenListing(choice, view=view))
            self._tell_apart(choice, view.listing)

    def _tell_apart(self, choice: ListingChoice, word: str) -> None:
        if told := choice.told_apart(word):
            self._app.show_notice(told)

    def choose(self, text: str) -> None:
        """Show what the sources list, of *text* if there is any, to choose one to open."""
        self.ask()
        start_worker(self._app, partial(self._choose_later, text), exit_on_error=False)

    async def _choose_later(self, text: str) -> None:
        assert self._asking is not None  # noqa: S101 - it was asked just before
        known = await asyncio.shield(self._asking)
        found = known.matching(text)
        if not found:
            said = f"nothing that is listed matches {text!r}" if text else "no source lists more"
            self._app.show_notice("; ".join([said, *known.notes[:1]]), wrong=True)
            return
        options = [ChoiceOption(one.name, one.name, _note(one)) for one in found]

        def on_chosen(name: str | None) -> None:
            if name is not None and (choice := known.find(name)) is not None:
                self._navigator.navigate(OpenListing(choice))

        self._navigator.navigate(AskChoice(f"What is listed? {len(found):,}", options, on_chosen))

    @property
    def _is_now(self) -> bool:
        return self._navigator.as_of is None

    def run(self, line: str, commands: Mapping[str, TypedCommand]) -> str:
        """Open what *line*, which is no command, lists; return what is wrong with it.

        While the sources have not answered yet, nothing is wrong: it is opened, or it is said that
        it cannot be, once they have.
        """
        if not self._is_now:
            return unknown_word(line.strip().partition(" ")[0], commands)
        word, _, rest = line.strip().partition(" ")
        self.ask()
        if (known := self._known()) is not None:
            return self._open(known, word, rest.strip(), commands)
        start_worker(
            self._app, partial(self._run_later, word, rest.strip(), commands), exclusive=False
        )
        return ""

    async def _run_later(self, word: str, rest: str, commands: Mapping[str, TypedCommand]) -> None:
        assert self._asking is not None  # noqa: S101 - it was asked just before
        known = await asyncio.shield(self._asking)
        if wrong := self._open(known, word, rest, commands):
            self._app.show_notice(wrong, wrong=True)

    def _open(
        self, known: ListingDirectory, word: str, rest: str, commands: Mapping[str, TypedCommand]
    ) -> str:
        if (choice := known.find(word)) is not None:
            is_taken = choice.is_scoped and self._scope.takes_namespace(rest)
            self._navigator.navigate(OpenListing(choice, "" if is_taken else rest))
            self._tell_apart(choice, word)
            return ""
        said = unknown_word(word, [*commands, *known.words])
        hint = [_ALL_WORDS] if said == unknown_word(word, ()) else []
        return "; ".join([said, *(known.notes[:1] or hint)])


def _note(choice: ListingChoice) -> str:
    """Return by which other words it is opened, whether it is in namespaces, and whose it is."""
    first = choice.offered[0].type
    words = " ".join(f":{alias}" for alias in first.aliases)
    where = "in namespaces" if choice.is_scoped else ""
    sources = ", ".join(one.source for one in choice.offered)
    return " · ".join(filter(None, (words, where, sources)))
