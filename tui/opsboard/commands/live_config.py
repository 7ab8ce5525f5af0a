"""The config while the board runs: a change of the file is taken whole, or not at all.

What only shows (views, theme, keys), declared services and retraining count at once, and so does a
rule that allows less. Sources that are others now are connected again, and the others go on.
What would allow more, or say of anything that it is in another environment, counts after a restart:
nobody who reads a plan may be surprised by a file that was written meanwhile.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from opsboard.config.ui_prefs import ui_prefs_of
from opsboard.system.background import run_in_thread
from opsboard.ui.config_port import ConfigNews

if TYPE_CHECKING:
    from argparse import Namespace

    from opsboard.acting.coordinator import ActionCoordinator
    from opsboard.collect.engine import Engine
    from opsboard.commands.config_changes import Sorted
    from opsboard.commands.config_watch import ConfigWatch
    from opsboard.commands.setup import LoadedConfig
    from opsboard.config.load import Config
    from opsboard.config.resolved_source import ResolvedSource
    from opsboard.config.settings import Settings
    from opsboard.startup.snapshot import StartupSettings
    from opsboard.ui.actions.keymap import KeymapError

RECONNECT_TIMEOUT: Final = 30.0
"""Seconds to wait until sources are exchanged."""
_BUSY: Final = "Sources are connected again once what is under way has ended."
_BUSY_UNWATCHED: Final = "Something is under way: `:reload` again once it has ended."
_log = logging.getLogger(__name__)


class LiveConfig:
    """Implements :class:`opsboard.ui.config_port.ConfigPort`.

    *first* returns the config that the board was started with; ``None`` until it has been read.
    *engine* collects by it, and :attr:`coordinator`, once there is one, acts by it.
    """

    def __init__(
        self,
        first: "Callable[[], LoadedConfig | None]",
        options: "Namespace | None" = None,
        engine: "Engine | None" = None,
    ) -> None:
        self._first, self._options = first, options
        self.engine = engine
        self.coordinator: ActionCoordinator | None = None
        self._newest: LoadedConfig | None = None
        self._is_wrong = False
        self._sources: Sequence[ResolvedSource] | None = None
        """What is yet to be connected."""
        self._asks_for_files = False
        """Whether sources are yet to be connected again whose files have changed."""
        self._last: dict[str, ResolvedSource] = {}
        """Sources as they were connected last, also those that are gone."""
        self._news: list[ConfigNews] = []
        self._lock = threading.Lock()
        self._told_first = False
        self._watch: ConfigWatch | None = None

    @property
    def setup(self) -> "LoadedConfig | None":
        """The config that counts now."""
        return self._newest or self._first()

    def settings(self) -> "Settings | None":
        """Return the settings that count now; ``None`` until the config has been read."""
        setup = self.setup
        return None if setup is None else setup.config.settings

    def act_by(self, coordinator: "ActionCoordinator") -> None:
        """Let *coordinator* go by what the config says from now on. From any thread."""
        self.coordinator = coordinator
        if self._newest is not None:
            coordinator.use_settings(self._newest.config.settings)

    # --- for the screen --------------------------------------------------------------------------

    def poll(self) -> ConfigNews | None:
        if not self._told_first and (setup := self._first()) is not None:
            self._told_first = True
            self._begin(setup)
            return news_of(setup.config)
        with self._lock:
            return self._news.pop(0) if self._news else None

    def key_problem(self, error: "KeymapError") -> str:
        config = self.setup.config if self.setup is not None else None
        if config is None and self._options is not None:  # the keys are those of the last session
            from opsboard.commands.setup import read_config  # noqa: PLC0415 - imports pydantic

            config = read_config(self._options).config
        return str(error) if config is None else _key_problem(error, config)

    def reload(self) -> str:
        if self._watch is not None:
            self._watch.read_now()
        elif self.engine is not None:  # its sources have files, even if they were discovered
            run_in_thread(lambda: self._connect_changed("There is no config file."))
        else:
            return "there is no config file; `opsboard init` writes one"
        return ""

    def look(self) -> None:
        if self._watch is not None:
            self._watch.look_now()

    def stop(self) -> None:
        """Watch the file no more."""
        if self._watch is not None:
            self._watch.stop()

    def _begin(self, setup: "LoadedConfig") -> None:
        if setup.file is not None and self._options is not None and not setup.file.is_fifo():
            from opsboard.commands.config_watch import (  # noqa: PLC0415 - behind the first frame
                ConfigWatch,
            )

            self._watch = ConfigWatch(setup.file, self.read_again, self.connect_waiting)
            self._watch.start()

    def _tell(self, news: ConfigNews) -> None:
        with self._lock:
            self._news.append(news)

    # --- in the thread of the watch --------------------------------------------------------------

    def read_again(self, asked: bool = False) -> None:
        """Read the file, and take what is in it; what is wrong with it is told, and nothing taken.

        Where somebody has *asked*, it is told that nothing has changed, and sources are connected
        again whose files have. All of it or nothing: half of a config is one that nobody has
        written.
        """
        before = self.setup
        assert before is not None  # noqa: S101 - there is something to watch since it was read
        assert before.file is not None  # noqa: S101 - likewise
        problems, config = _read(before)
        if config is None:
            kept = "the config has been changed and is wrong; what was read before counts on"
            self._tell(ConfigNews(problems=(f"{kept}. {problems[0]}", *problems[1:])))
            self._is_wrong = True
            return
        mended, self._is_wrong = self._is_wrong, False
        if config.digest != before.config.digest:
            self._take(replace(before, config=config), before)
            if asked:
                self._connect_changed()
        elif asked:
            self._connect_changed("The config has not changed.")
        elif mended:
            self._tell(ConfigNews(notes=("The config is as it was before it was wrong.",)))

    def _take(self, setup: "LoadedConfig", before: "LoadedConfig") -> None:
        from opsboard.commands.config_changes import (  # noqa: PLC0415 - as above
            held_back,
            sorted_changes,
        )
        from opsboard.commands.setup import enabled_sources  # noqa: PLC0415 - imports pydantic

        changes = sorted_changes(before.config.settings, setup.config.settings)
        settings, news = setup.config.settings, news_of(setup.config, before.config)
        self._newest = setup
        if self.coordinator is not None:
            self.coordinator.use_settings(settings)
        for name in (source.name for source in before.config.sources):
            if (connected := self._resolved(name)) is not None:
                self._last[name] = connected
        found = asyncio.run(enabled_sources(setup, _log.warning))
        self._sources, held = held_back(found, self._resolved)
        options = self._options or SimpleNamespace(theme=None, ascii=None, no_mouse=False)
        self._tell(
            replace(news, ui_prefs=ui_prefs_of(settings.ui, options), notes=(_note(changes, held),))
        )
        self.connect_waiting(tell_why=True)

    def _resolved(self, name: str) -> "ResolvedSource | None":
        """Return the source called *name* as it is connected, or as it was last."""
        connected = self.engine.resolved(name) if self.engine is not None else None
        return connected or self._last.get(name)

    def connect_waiting(self, *, tell_why: bool = False) -> None:
        """Connect the sources that wait for it, unless an action is under way just now."""
        if self._asks_for_files and not (self.coordinator and self.coordinator.is_busy):
            self._connect_changed()
        if self._sources is None or self.engine is None:
            return
        if self.coordinator is not None and self.coordinator.is_busy:
            if tell_why:
                self._tell(ConfigNews(notes=(_BUSY,)))
            return
        sources, self._sources = self._sources, None
        done = self.engine.reconfigure(sources, self._startup_settings(sources))
        try:
            changed = done.result(RECONNECT_TIMEOUT)
        except Exception as error:
            _log.exception("sources of the config that was read again")
            late = isinstance(error, TimeoutError)
            why = f"no end within {RECONNECT_TIMEOUT:.0f} s" if late else type(error).__name__
            text = f"The sources of the config could not all be connected again ({why})"
            self._tell(
                ConfigNews(problems=(f"{text}; the log says more, a restart does it anew.",))
            )
            return
        gone = [name for name in changed.ended if name not in changed.begun]
        parts = [
            f"Connecting: {', '.join(changed.begun)}." if changed.begun else "",
            f"No longer there: {', '.join(gone)}." if gone else "",
        ]
        if said := " ".join(filter(None, parts)):
            self._tell(ConfigNews(notes=(said,)))

    def _connect_changed(self, said: str = "") -> None:
        """Connect those sources again whose files have changed; tell which, after what is *said*.

        They are connected by the settings that they have: what is in which environment stays.
        """
        self._asks_for_files, text = False, ""
        try:
            if self.engine is not None:
                changed = self.engine.changed_files().result(RECONNECT_TIMEOUT)
                if changed and self.coordinator is not None and self.coordinator.is_busy:
                    self._asks_for_files = self._watch is not None
                    text = _BUSY if self._asks_for_files else _BUSY_UNWATCHED
                elif changed:
                    self.engine.reconnect(changed).result(RECONNECT_TIMEOUT)
                    parts = (f"{name} ({_named(files)})" for name, files in changed.items())
                    text = f"Connecting again: {', '.join(parts)}."
        except Exception as error:
            _log.exception("sources whose files have changed")
            why = f"Sources whose files have changed could not be connected again ({error})."
            self._tell(ConfigNews(problems=(why,)))
        if note := " ".join(filter(None, (said, text))):
            self._tell(ConfigNews(notes=(note,)))

    def _startup_settings(self, sources: "Sequence[ResolvedSource]") -> "StartupSettings | None":
        setup = self.setup
        return None if setup is None else setup.startup_settings(sources)


def _named(files: "Sequence[Path]") -> str:
    """Return which *files* have changed, as people write them."""
    home, told = str(Path.home()), [str(file) for file in files]
    told = [f"~{one.removeprefix(home)}" if one.startswith(f"{home}/") else one for one in told]
    return f"{' and '.join(told[:2])} changed" if len(told) <= 2 else f"{len(told)} files changed"


def _read(before: "LoadedConfig") -> "tuple[Sequence[str], Config | None]":
    """Return what is wrong with the file of *before*, or else the config that it holds."""
    from opsboard.config.load import load_config  # noqa: PLC0415 - imports pydantic
    from opsboard.config.problems import ConfigError  # noqa: PLC0415 - likewise

    assert before.file is not None  # noqa: S101 - what calls this has looked
    try:
        config = load_config(before.file)
    except ConfigError as error:
        return [str(problem) for problem in error.problems], None
    from opsboard.ui.actions.keymap import keymap_errors  # noqa: PLC0415 - late

    keys = [_key_problem(error, config) for error in keymap_errors(config.settings.ui.keys)]
    problems = [*map(str, config.problems), *news_of(config).problems, *keys]
    return problems, None if problems else config


def _key_problem(error: "KeymapError", config: "Config") -> str:
    from opsboard.commands.config_findings import key_fault  # noqa: PLC0415 - imports pydantic

    return str(config.locate(key_fault(error)))


def _note(changes: "Sorted", held: Sequence[str]) -> str:
    """Return what has changed, and what of it counts only after a restart."""
    now = f": {', '.join(changes.at_once)}" if changes.at_once else ""
    later = [*changes.after_restart, *held]
    said = f"The config has been read again{now}."
    if changes.stricter_only:
        rules = ", ".join(changes.stricter_only)
        said += (
            f" Of {rules}, what allows less counts at once, and what allows more after a restart."
        )
    return f"{said} After a restart: {', '.join(later)}." if later else said


def news_of(config: "Config", before: "Config | None" = None) -> ConfigNews:
    """Return what *config* has for the screen; views that are as *before* are ``None``."""
    from opsboard.views.saved_views import read_views  # noqa: PLC0415 - behind the first frame

    if before is not None and before.settings.views == config.settings.views:
        return ConfigNews()
    views = read_views(config.settings.views)
    problems = tuple(str(config.locate(fault)) for fault in views.faults)
    return ConfigNews(views=views.views, problems=problems)
