"""What can be done wherever one is."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol, cast

from opsboard.adapter import ActionSpec
from opsboard.records import Ref
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.command_line import commands_at, complete_command, parse_command
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.app_host import Host
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.shutdown import request_exit
from opsboard.ui.theme import glyphs
from opsboard.ui.theme.theme_files import Theme
from opsboard.ui.widgets.prompt import PromptQuestion

_SHOWS: Final = {"app.help": "HelpScreen", "app.sources": "SourcesScreen"}
"""Which screen an action shows."""


class _ShowsPanes(Protocol):
    def show_pane(self, pane: str) -> None: ...


class AppActions(UiActionHandler, Host, inherit_bindings=False):
    """The app's own actions."""

    themes: Mapping[str, Theme]

    def __init__(self) -> None:
        super().__init__()
        self._typed: list[str] = []

    def wear(self, theme: str | None = None, chosen: glyphs.Glyphs | None = None) -> None:
        """Change the theme, or the glyphs, or both."""
        raise NotImplementedError

    def repaint_all(self) -> None:
        """Send the whole screen anew."""
        raise NotImplementedError

    def disabled_reason(self, action: UiAction) -> str:
        """Say what does not make sense where one is already."""
        here = type(self.screen).__name__  # they are imported only when they are asked for
        return "this is it" if _SHOWS.get(action.id) == here else ""

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the themes, or the sources."""
        if action.takes == "theme":
            return sorted(self.themes)
        return [source.name for source in self.board.sources()]

    # --- the prompt ------------------------------------------------------------------------------

    def do_command(self) -> None:
        """Ask for a command."""
        screen = self.screen
        if not isinstance(screen, BaseScreen):
            return
        commands = commands_at(screen.focused or screen)
        screen.ask(
            PromptQuestion(
                ":",
                on_submit=self._run_command,
                complete=lambda line: complete_command(line, commands),
                history=self._typed,
            )
        )

    def _run_command(self, line: str) -> str:
        if not line.strip():
            return ""
        command, rest, wrong = parse_command(line, commands_at(self.screen.focused or self.screen))
        if command is None or wrong:
            return wrong
        self.call_later(command.handler.action_perform, command.action.id, rest)
        return ""

    # --- screens ---------------------------------------------------------------------------------

    def show_detail(self, ref: Ref) -> None:
        """Open the record *ref* from near."""
        from opsboard.ui.screens.detail import DetailScreen  # noqa: PLC0415 - not at the start

        self.push_screen(DetailScreen(ref))

    def show_log(self, ref: Ref, title: str, part: str = "") -> None:
        """Open the log of *ref*, which is called *title*, at a *part* of it where one is meant."""
        from opsboard.ui.screens.log import LogScreen  # noqa: PLC0415 - as above

        self.push_screen(LogScreen(ref, title, part))

    def show_raw(self, ref: Ref, title: str) -> None:
        """Open *ref* as the server tells it; it is called *title*."""
        from opsboard.ui.screens.raw import RawScreen  # noqa: PLC0415 - as above

        self.push_screen(RawScreen(ref, title))

    def show_plan(
        self,
        offer: ActionSpec,
        targets: Sequence[RecordTarget],
        left_out: Sequence[tuple[RecordTarget, str]] = (),
    ) -> None:
        """Plan *offer* for *targets*, and ask whether to carry it out."""
        from opsboard.ui.screens.plan import PlanScreen  # noqa: PLC0415 - as above

        self.push_screen(PlanScreen(offer, targets, left_out))

    def show_sources(self, source: str = "") -> None:
        """Open how the sources are doing, at *source* where one is meant."""
        from opsboard.ui.screens.sources import SourcesScreen  # noqa: PLC0415 - as above

        self.push_screen(SourcesScreen(source))

    # --- the rest --------------------------------------------------------------------------------

    def do_help(self) -> None:
        """Show what can be done where one is."""
        from opsboard.ui.screens.help import HelpScreen  # noqa: PLC0415 - seldom asked for

        self.push_screen(HelpScreen(self.screen))

    def do_sources(self) -> None:
        """Show how the sources are doing."""
        self.show_sources()

    def do_palette(self) -> None:
        """Open the palette."""
        from opsboard.ui.screens.palette import Palette  # noqa: PLC0415 - as above

        self.push_screen(Palette())

    def do_refresh(self, source: str) -> None:
        """Ask *source* again now, or all of them."""
        if source and self.board.source(source) is None:
            names = [one.name for one in self.board.sources()]
            self.show_notice(
                f"there is no source {source!r}; {did_you_mean_or_list(source, names)}", wrong=True
            )
            return
        self.feed.refresh(source or None)
        if isinstance(self.screen, BaseScreen):
            self.screen.reload()
        self.show_notice(f"Asking {source or 'every source'} again")

    def do_theme(self, name: str) -> None:
        """Switch to the theme *name*, or to the next one."""
        names = sorted(self.themes)
        if not name:
            name = names[(names.index(self.theme) + 1) % len(names)]
        if name not in self.themes:
            self.show_notice(
                f"there is no theme {name!r}; {did_you_mean_or_list(name, names)}", wrong=True
            )
            return
        self.wear(theme=name)
        self.show_notice(f"Theme: {self.themes[name].title}")

    def do_ascii(self) -> None:
        """Switch between the two sets of glyphs."""
        self.wear(chosen=glyphs.UNICODE if self.current_styles.glyphs.ascii else glyphs.ASCII)

    def do_redraw(self) -> None:
        """Mend a screen that something else has written over."""
        self.repaint_all()

    def do_quit(self) -> None:
        """Leave."""
        request_exit(self)

    async def do_show_pane(self, pane: str) -> None:
        """Go back to the board, to the pane called *pane*."""
        while len(self.screen_stack) > 1 and not hasattr(self.screen, "show_pane"):
            await self.pop_screen()
        if hasattr(self.screen, "show_pane"):
            cast("_ShowsPanes", self.screen).show_pane(pane)
