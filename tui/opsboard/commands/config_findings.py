"""What is wrong with a config, once all kinds, actions and themes are known: each with its line.

:mod:`opsboard.config.load` cannot say it: views, keys and themes are of rooms above it. The board
opens although some of it is wrong; ``opsboard doctor`` tells all of it.
"""

from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from opsboard.adapter import HostEnviron
from opsboard.config import registry
from opsboard.config.load import Config
from opsboard.config.paths import current_environ
from opsboard.config.problems import ConfigFault, ConfigProblem
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.theme.theme_files import theme_problem
from opsboard.views.panes import panes
from opsboard.views.saved_views import ReadViews, read_views

if TYPE_CHECKING:
    from opsboard.ui.actions.keymap import KeymapError


def config_findings(config: Config, themes: Path) -> Iterator[ConfigProblem]:
    """Yield what is wrong in views, keys, theme, retraining and start checks of *config*.

    *themes* is the folder of the user's own themes. All adapters are loaded for it.
    """
    registry.load_all_adapters()
    views = read_views(config.settings.views)
    faults = (
        *views.faults,
        *_keys(config, views),
        *_theme(config, themes),
        *_retrain(config),
        *_start_checks(config, current_environ()),
    )
    yield from map(config.locate, faults)


def view_findings(config: Config) -> Iterator[ConfigProblem]:
    """Yield what is wrong in the views of *config*, once the adapters of its sources are loaded.

    All adapters are loaded only where one may declare what a view is of.
    """
    if read_views(config.settings.views).faults:
        registry.load_all_adapters()
        yield from map(config.locate, read_views(config.settings.views).faults)


def _keys(config: Config, views: ReadViews) -> Iterator[ConfigFault]:
    from opsboard.ui.actions.keymap import keymap_errors  # noqa: PLC0415 - imports Textual

    named = {rule.name for rule in config.settings.views}
    known = {*named, *(view.id for view in views.views), *(pane.id for pane in panes())}
    for error in keymap_errors(config.settings.ui.keys, tables=known):
        yield key_fault(error)


def key_fault(error: "KeymapError") -> ConfigFault:
    """Return *error* as a fault of the config."""
    return ConfigFault(("ui", "keys", error.action_id), error.message, error.hint)


def _theme(config: Config, themes: Path) -> Iterator[ConfigFault]:
    if problem := theme_problem(config.settings.ui.theme, themes):
        yield ConfigFault(("ui", "theme"), problem, "")


def _retrain(config: Config) -> Iterator[ConfigFault]:
    names = [source.name for source in config.sources]
    for at, rule in enumerate(config.settings.retrain):
        if rule.source not in names:
            said = f"no source of this file is called {rule.source!a}"
            yield ConfigFault(
                ("retrain", str(at), "source"), said, did_you_mean_or_list(rule.source, names)
            )


def _start_checks(config: Config, host: HostEnviron) -> Iterator[ConfigFault]:
    for at, rule in enumerate(config.settings.start_checks):
        program = rule.command[0]
        if which(program, path=host.env.get("PATH")) is None:
            yield ConfigFault(
                ("start_checks", str(at), "command"),
                f"there is no program {program!a} that may be run",
                "write its whole path, and give this user the right to run it",
            )
