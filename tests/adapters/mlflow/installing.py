"""Installs the real servers beside the tests that come before theirs, and says so."""

import time
from collections.abc import Iterable
from queue import SimpleQueue
from threading import Thread

import pytest

from tests.adapters.mlflow.environments import RELEASES, InstallError, Release, install


class Installer:
    """A pytest plugin: what is missing is installed by a thread, from the end of collection on.

    Under xdist the controller does it, which alone has a terminal to tell of it; a worker that
    needs a release waits for it.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._said: SimpleQueue[str] = SimpleQueue()
        self._thread: Thread | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not session.config.option.collectonly:
            self._install_for(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        self._install_for(ids)

    def pytest_runtest_logreport(self) -> None:
        self._tell()

    def pytest_sessionfinish(self) -> None:
        self._tell()

    def _install_for(self, ids: Iterable[str]) -> None:
        """Begin to install what the tests of these *ids* need, unless somebody has."""
        if self._thread is not None:
            return
        text = "\n".join(ids)
        missing = [
            release
            for name, release in RELEASES.items()
            if name in text and not release.is_installed()
        ]
        if not missing:
            return
        for release in missing:
            self._said.put(
                f"installing {release.name} into {release.folder}, beside the other tests: "
                f"minutes, once ({release.variable} may name a Python that has it)"
            )
        self._tell()
        self._thread = Thread(target=self._install, args=(missing,), daemon=True)
        self._thread.start()

    def _install(self, missing: Iterable[Release]) -> None:
        for release in missing:
            began = time.monotonic()
            try:
                install(release)
            except InstallError as error:
                self._said.put(f"{error}; the tests that need it try again")
            else:
                self._said.put(f"installed {release.name} in {time.monotonic() - began:.0f} s")

    def _tell(self) -> None:
        """Print what there is to say, from the thread that owns the terminal."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        while not self._said.empty():
            line = self._said.get()
            if terminal is not None:
                terminal.ensure_newline()
                terminal.write_line(f"mlflow: {line}")


def register(config: pytest.Config) -> None:
    """Have the servers installed by the one process that can say so."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Installer(config), "mlflow-installer")
