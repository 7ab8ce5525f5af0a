"""The actions of the app, which are possible on every screen."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from opsboard.records.claims import COMMIT, Identity
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler, handlers_at
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption, OpenSources, OpenWhere, QuitRequested
from opsboard.ui.navigator import Navigator
from opsboard.ui.scope_actions import ScopeActions
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.theme.theme_files import unknown_theme
from opsboard.ui.theme.theme_switcher import ThemeSwitcher
from opsboard.ui.widgets.prompt import PromptQuestion

if TYPE_CHECKING:
    from opsboard.ui.actions.command_line import TypedCommand
    from opsboard.ui.listing_commands import ListingCommands
    from opsboard.views.panes import ListingView

_OPENS: Final = {"app.help": "HelpScreen", "app.sources": "SourcesScreen"}
"""The class of the screen that an action opens; those are imported when they are opened."""


class AppActions(ActionGroup):
    """The actions of :attr:`BindingScope.APP`."""

    def __init__(
        self,
        app: UiActionHandler,
        context: AppContext,
        navigator: Navigator,
        themes: ThemeSwitcher,
        scope: ScopeActions,
    ) -> None:
        self._app, self._context = app, context
        self._navigator, self._themes = navigator, themes
        self._command_history: list[str] = []
        self._scope = scope

    @cached_property
    def _listings(self) -> "ListingCommands":
        from opsboard.ui.listing_commands import ListingCommands  # noqa: PLC0415 - see app.SOON

        return ListingCommands(self._app, self._context, self._navigator, self._scope)

    def open_view(self, view: "ListingView") -> None:
        """Open a saved view of what servers list."""
        self._listings.open_view(view)

    def disabled_reason(self, action: UiAction) -> str:
        """Return why a screen is not opened: it is on top already."""
        top = type(self._app.screen).__name__
        return "it is shown already" if _OPENS.get(action.id) == top else ""

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the names of the themes, or of the sources."""
        if action.takes == "theme":
            return self._themes.names
        if action.takes != "source":
            return ()
        return [source.name for source in self._context.board.sources()]

    # --- the command line ------------------------------------------------------------------------

    def do_command(self) -> None:
        """Ask for a command."""
        from opsboard.ui.actions.command_line import commands_at  # noqa: PLC0415 - see app.SOON

        screen = self._app.screen
        if not isinstance(screen, BaseScreen):
            return
        commands = commands_at(screen.focused or screen)
        self._listings.ask()
        screen.ask(
            PromptQuestion(
                ":",
                on_submit=self._run_command,
                complete=lambda line: self._complete(line, commands),
                history=self._command_history,
            )
        )

    def _complete(self, line: str, commands: "Mapping[str, TypedCommand]") -> Sequence[str]:
        """Return what *line* could become."""
        from opsboard.ui.actions.command_line import complete_command  # noqa: PLC0415 - see app.SOON

        found = complete_command(line, commands, self._listings.words)
        return found or self._listings.completions(line)

    def _run_command(self, line: str) -> str:
        """Run what was typed; return what is wrong with it."""
        from opsboard.ui.actions.command_line import (  # noqa: PLC0415 - see app.SOON
            commands_at,
            parse_command,
        )

        if not line.strip():
            return ""
        screen = self._app.screen
        commands = commands_at(screen.focused or screen)
        command, argument, error = parse_command(line, commands)
        if command is None:
            return self._listings.run(line, commands)
        if error:
            return error
        self._app.call_later(command.handler.action_perform, command.action.id, argument)
        return ""

    def do_resources(self, text: str) -> None:
        """Show what the sources can list beyond the board."""
        if self._context.as_of is not None or self._navigator.as_of is not None:
            self._app.show_notice("what is listed is listed as of now; `:at` goes back", wrong=True)
            return
        self._listings.choose(text)

    # --- where a commit is ---

    def do_where(self, text: str) -> None:
        """Open the chain of the commit that begins with *text*, or ask which one is meant.

        Without *text*, those of the record under the cursor are meant.
        """
        from opsboard.lineage.where import (  # noqa: PLC0415 - seldom asked for
            find_commits,
            not_stated,
            sha_digits,
        )

        if not text and (stated := self._commits_under_the_cursor()):
            self._open_where(stated)
            return
        try:
            digits = sha_digits(text)
        except ValueError as error:
            self._app.show_notice(str(error), wrong=True)
            return
        commits = find_commits(self._context.board.lineage, digits)
        if not commits:
            self._app.show_notice(not_stated(digits), wrong=True)
            return
        self._open_where(commits)

    def _commits_under_the_cursor(self) -> Sequence[Identity]:
        screen = self._app.screen
        for handler in handlers_at(screen.focused or screen):
            for group in handler.action_groups:
                record = group.record if isinstance(group, RecordCommands) else None
                if record is not None:
                    index = self._context.board.lineage
                    claims = (*record.outputs, *record.inputs)
                    found = (Identity(*index.identity(one)) for one in claims if one.type == COMMIT)
                    return tuple(dict.fromkeys(found))
        return ()

    def _open_where(self, commits: Sequence[Identity]) -> None:
        if len(commits) == 1:
            self._navigator.navigate(OpenWhere(commits[0]))
        else:
            options = [
                ChoiceOption(one.value[:12], str(at), one.scope) for at, one in enumerate(commits)
            ]

            def on_chosen(at: str | None) -> None:
                if at is not None:
                    self._navigator.navigate(OpenWhere(commits[int(at)]))

            self._navigator.navigate(AskChoice("Which commit is meant?", options, on_chosen))

    # --- screens ---------------------------------------------------------------------------------

    def do_help(self) -> None:
        """Open help on the screen on top."""
        self._navigator.open_help()

    def do_sources(self) -> None:
        """Open the health of the sources."""
        self._navigator.navigate(OpenSources())

    def do_palette(self) -> None:
        """Open the command palette."""
        self._navigator.open_palette()

    def do_quit(self) -> None:
        """Leave the program."""
        self._navigator.navigate(QuitRequested())

    # --- sources and appearance ------------------------------------------------------------------

    def do_refresh(self, source: str) -> None:
        """Ask *source* again now, or all sources."""
        if source and self._context.board.source(source) is None:
            names = [one.name for one in self._context.board.sources()]
            text = f"there is no source {source!r}; {did_you_mean_or_list(source, names)}"
            self._app.show_notice(text, wrong=True)
            return
        self._context.feed.refresh(source or None)
        self._listings.forget()
        if isinstance(self._app.screen, BaseScreen):
            self._app.screen.reload()
        self._app.show_notice(f"Asking {source or 'every source'} again")

    def do_theme(self, name: str) -> None:
        """Switch to the theme *name*, or to the next one."""
        name = name or self._themes.next_name
        if name not in self._themes.names:
            text = unknown_theme(name, self._themes.names)
            self._app.show_notice(text, wrong=True)
            return
        self._themes.switch(name)
        self._app.show_notice(f"Theme: {self._themes.title}")

    def do_ascii(self) -> None:
        """Switch between Unicode and ASCII glyphs."""
        self._themes.toggle_ascii()
