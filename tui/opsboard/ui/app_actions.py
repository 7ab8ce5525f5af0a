"""The actions of the app, which are possible on every screen."""

from collections.abc import Sequence
from typing import Final

from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.command_line import commands_at, complete_command, parse_command
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption, OpenSources, OpenWhere, QuitRequested
from opsboard.ui.navigator import Navigator
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.theme.theme_switcher import ThemeSwitcher
from opsboard.ui.widgets.prompt import PromptQuestion

_OPENS: Final = {"app.help": "HelpScreen", "app.sources": "SourcesScreen"}
"""The class of the screen that an action opens; those are imported when they are opened."""


class AppActions(ActionGroup):
    """The actions of :attr:`BindingScope.APP`."""

    def __init__(
        self, app: UiActionHandler, context: AppContext, navigator: Navigator, themes: ThemeSwitcher
    ) -> None:
        self._app, self._context = app, context
        self._navigator, self._themes = navigator, themes
        self._command_history: list[str] = []

    def disabled_reason(self, action: UiAction) -> str:
        """Return why a screen is not opened: it is on top already."""
        top = type(self._app.screen).__name__
        return "it is shown already" if _OPENS.get(action.id) == top else ""

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the names of the themes, or of the sources."""
        if action.takes == "theme":
            return self._themes.names
        return [source.name for source in self._context.board.sources()]

    # --- the command line ------------------------------------------------------------------------

    def do_command(self) -> None:
        """Ask for a command."""
        screen = self._app.screen
        if not isinstance(screen, BaseScreen):
            return
        commands = commands_at(screen.focused or screen)
        screen.ask(
            PromptQuestion(
                ":",
                on_submit=self._run_command,
                complete=lambda line: complete_command(line, commands),
                history=self._command_history,
            )
        )

    def _run_command(self, line: str) -> str:
        """Run what was typed; return what is wrong with it."""
        if not line.strip():
            return ""
        screen = self._app.screen
        command, argument, error = parse_command(line, commands_at(screen.focused or screen))
        if command is None or error:
            return error
        self._app.call_later(command.handler.action_perform, command.action.id, argument)
        return ""

    # --- where a commit is ---

    def do_where(self, text: str) -> None:
        """Open the chain of the commit that begins with *text*, or ask which one is meant."""
        from opsboard.lineage.where import find_commits  # noqa: PLC0415 - seldom asked for

        commits = find_commits(self._context.board.lineage, text) if text else []
        if not text:
            self._app.show_notice("name a commit: `:where 4f2a9c1`", wrong=True)
        elif not commits:
            self._app.show_notice(f"nothing on the board states a commit {text!r}", wrong=True)
        elif len(commits) == 1:
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

    async def do_show_pane(self, pane: str) -> None:
        """Go back to the board, to the pane with the id *pane*."""
        await self._navigator.show_pane(pane)

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
        if isinstance(self._app.screen, BaseScreen):
            self._app.screen.reload()
        self._app.show_notice(f"Asking {source or 'every source'} again")

    def do_theme(self, name: str) -> None:
        """Switch to the theme *name*, or to the next one."""
        name = name or self._themes.next_name
        if name not in self._themes.names:
            text = f"there is no theme {name!r}; {did_you_mean_or_list(name, self._themes.names)}"
            self._app.show_notice(text, wrong=True)
            return
        self._themes.switch(name)
        self._app.show_notice(f"Theme: {self._themes.title}")

    def do_ascii(self) -> None:
        """Switch between Unicode and ASCII glyphs."""
        self._themes.toggle_ascii()
