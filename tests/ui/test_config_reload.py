"""A config that changes while the board is on the screen, with its own watch and thread."""

from argparse import Namespace
from pathlib import Path

from opsboard.commands.live_config import LiveConfig
from opsboard.commands.setup import LoadedConfig
from opsboard.config.load import load_config
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.sources import SourcesScreen
from opsboard.views.panes import SAVED_VIEWS
from tests.ui.app_harness import AppHarness, until
from tests.ui.test_listing_screen import typed

VIEW = '[[views]]\nname = "mine"\npane = "builds"\ntitle = "%s"\nfilter = "%s"\n'
KEYS = '[ui]\ntheme = "%s"\nkeys = { "app.sources" = "%s" }\n'
OPTIONS = Namespace(theme=None, ascii=None, no_mouse=False)


async def test_what_shows_follows_the_file_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(KEYS % ("dark", "i") + VIEW % ("First", ""))
    setup = LoadedConfig(load_config(file), file)
    config = LiveConfig(lambda: setup, OPTIONS)
    stage = AppHarness(BoardScreen, setup.config.settings.ui, config=config)

    def told() -> str:
        stage.app._tick()  # a second has passed
        return "\n".join(str(one.message) for one in stage.app._notifications)

    async with stage.run((120, 36)) as pilot:
        await until(pilot, lambda: SAVED_VIEWS.find("mine") is not None)
        await typed(pilot, "mine")
        await stage.sees(pilot, "First")
        file.write_text(KEYS % ("light", "W") + VIEW % ("Second", "nobody-has-this"))
        await typed(pilot, "reload")
        await until(pilot, lambda: "The config has been read again: views, ui." in told())
        await stage.sees(pilot, "Second 0")
        assert "the filter of this view" in stage.text  # the pane on the screen is the new one
        assert stage.app.theme == "light"
        await pilot.press("W")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))
        await pilot.press("escape")
        await stage.sees(pilot, "Second 0")
        file.write_text(VIEW % ("Third", "age:<1x"))
        await typed(pilot, "reload")
        await until(pilot, lambda: "config.toml:5: views.0.filter" in told())
        assert "what was read before counts on" in told()
        await stage.sees(pilot, "Second 0")
        file.write_text("")
        await typed(pilot, "reload")
        await until(pilot, lambda: bool(told()) and SAVED_VIEWS.find("mine") is None)
        file.write_text(VIEW % ("Fourth", ""))
        await typed(pilot, "view mine")  # within the seconds that the watch waits
        await stage.sees(pilot, "Fourth")
        file.write_text("")
        await typed(pilot, "reload")
        await until(pilot, lambda: bool(told()) and SAVED_VIEWS.find("mine") is None)
        await stage.sees(pilot, "4 Alerts")  # what is no more is not left on the screen
        assert stage.app.theme == "dark"
        await typed(pilot, "reload")
        await until(pilot, lambda: "The config has not changed." in told())
    config.stop()
