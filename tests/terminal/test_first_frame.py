"""The last frame is on the screen before Textual is imported, and gives way without a trace."""

import os
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from bench.terminal import HEIGHT, WIDTH, Screen

from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from opsboard.startup.frame_file import FOLDER, SUFFIX
from tests.conftest import empty_world
from tests.terminal.tmux import Terminal, homes_in, terminal

pytestmark = pytest.mark.terminal

COMING = "what is true now is being asked for"
"""What only the kept frame says."""

GATE = """
import os, sys, time
class Wait:
    def __del__(self):
        open({reached!r}, "w").close()
        while not os.path.exists({open!r}):
            time.sleep(0.01)
class Gate:
    def find_spec(self, name, path=None, target=None):
        if name == "textual":
            Wait()
            if os.path.exists({broken!r}):
                raise ImportError("there is no textual")
sys.meta_path.insert(0, Gate())
from opsboard.cli import main
from opsboard.startup import instant_frame
instant_frame.LOAD_TIMEOUT = 60.0  # a busy machine is not what is tried here
sys.exit(main(["--config", {config!r}]))
"""
"""Runs the board, which waits for a file before it may import Textual.

It waits where an exception would be lost, as in the callbacks of the import system.
"""


class LastSession(NamedTuple):
    """What a session has left: its *config*, and the folders of its user."""

    config: Path
    env: Mapping[str, str]

    @property
    def frames(self) -> list[Path]:
        return list((Path(self.env["XDG_CACHE_HOME"]) / "opsboard" / FOLDER).glob(f"*{SUFFIX}"))


@pytest.fixture(scope="module")
def last_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LastSession]:
    """Run a board until it is complete, and leave it."""
    folder = tmp_path_factory.mktemp("last")
    env = {**homes_in(folder), "HOME": str(folder)}
    with (
        pytest.MonkeyPatch.context() as patch,
        running_demo(DemoOptions(at=datetime.now(UTC))) as config,
    ):
        empty_world(folder, patch)
        session = LastSession(config, env)
        with terminal(folder, **env) as it:
            it.start([sys.executable, "-m", "opsboard", "--config", str(config)], WIDTH, HEIGHT)
            it.until(
                lambda screen: re.search(r"2 Deployments .* live", screen) is not None,
                "the clusters",
            )
            it.until(lambda screen: "failure" in screen, "the builds")
            it.packet("q")
            assert it.ended() == 0
        assert len(session.frames) == 1
        patch.undo()
        yield session


class Gated(NamedTuple):
    """A board that is held up, with its terminal."""

    it: Terminal
    folder: Path
    modes: Path

    def open(self, *, broken: bool = False) -> None:
        """Let it import Textual, which may be *broken*."""
        if broken:
            (self.folder / "broken").touch()
        (self.folder / "open").touch()

    def check_usable(self) -> None:
        """Fail unless the terminal is as it was before the board."""
        self.it.until(lambda _: self.it.is_clean, "the modes of the screen to be put back")
        same = f"clear; stty -g | cmp - {shlex.quote(str(self.modes))} && echo the-same=$((41 + 1))"
        self.it.type(same)
        self.it.shows("the-same=42")

    @property
    def process(self) -> int:
        (child,) = self.it.children()
        return child


@pytest.fixture
def gated(last_session: LastSession, tmp_path: Path) -> Iterator[Gated]:
    """Start a board that has to wait for Textual; its last frame is shown."""
    with terminal(tmp_path, **last_session.env) as it:
        modes = tmp_path / "modes"
        it.start(["sh", "-c", f"stty -g > {shlex.quote(str(modes))}"], WIDTH, HEIGHT)
        assert it.ended() == 0
        files = {name: str(tmp_path / name) for name in ("open", "broken", "reached")}
        code = GATE.format(config=str(last_session.config), **files)
        it.type(f"clear; {shlex.join([sys.executable, '-c', code])}; echo gone-with=$?")
        it.shows(COMING)
        it.until(lambda _: (tmp_path / "reached").exists(), "the import of Textual")
        yield Gated(it, tmp_path, modes)


def test_the_last_frame_is_there_before_textual_and_keys_wait(gated: Gated) -> None:
    shown = gated.it.shows("1 Builds")
    assert shown.splitlines()[0].lstrip().startswith("opsboard")
    assert "from disk" in shown.splitlines()[0]
    assert "PRODUCTION" in shown.splitlines()[0]
    assert shown.count("old, from disk") >= 4
    assert "live" not in shown
    gated.it.packet(":alerts\rzzz")
    assert gated.it.screen() == shown, "nothing is echoed"
    gated.open()
    gated.it.until(lambda screen: "4 Alerts" in screen and "1 Builds" not in screen, "the alerts")
    gated.it.packet("qq")
    gated.it.shows("gone-with=0")
    gated.check_usable()


def test_the_screen_is_never_blank_in_between(last_session: LastSession, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    with terminal(tmp_path, **last_session.env) as it:
        words = [sys.executable, "-m", "opsboard", "--config", str(last_session.config)]
        it.start(words, WIDTH, HEIGHT, record=sent)
        it.until(lambda screen: "? Help" in screen, "the board")
        it.packet("q")
        assert it.ended() == 0
    _, _, told = sent.read_bytes().partition(b"\x1b[?1049h")
    told, _, _ = told.partition(b"\x1b[?1049l")
    assert b"\x1b[?1049h" not in told, "an xterm would clear the screen"
    assert not re.search(rb"\x1b\[[0-3]?J|\x1bc", told), "nothing is erased"
    screen, least = Screen(), 0
    for piece in re.split(rb"(?=\x1b\[\d+;\d+H)", told):
        screen.feed(piece)
        filled = sum(bool(line.strip()) for line in screen.text.splitlines())
        assert filled >= least, f"blank:\n{screen.text}"
        if COMING in screen.text:
            least = HEIGHT // 2
    assert least


def test_a_terminal_that_is_resized_meanwhile_is_drawn_at_its_size(gated: Gated) -> None:
    gated.it.resize(90, 24)
    gated.open()
    shown = gated.it.until(lambda screen: "? Help" in screen, "the board")
    assert "? Help" in shown.splitlines()[23]
    gated.it.packet("q")
    gated.it.shows("gone-with=0")
    gated.check_usable()


def test_a_broken_import_puts_the_terminal_back(gated: Gated) -> None:
    gated.it.packet("echo typed-meanwhile\r")
    gated.open(broken=True)
    shown = gated.it.shows("gone-with=")
    assert "opsboard: " in shown
    assert "Traceback" not in shown
    assert "typed-meanwhile" not in shown
    gated.check_usable()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT])
def test_a_signal_meanwhile_puts_the_terminal_back(gated: Gated, number: signal.Signals) -> None:
    os.kill(gated.process, number)
    gated.it.shows(f"gone-with={128 + number}")
    gated.check_usable()


def test_ctrl_c_meanwhile_leaves(gated: Gated) -> None:
    gated.it.press("C-c")
    gated.it.shows("gone-with=130")
    gated.check_usable()


def test_a_paste_meanwhile_is_no_keys(gated: Gated) -> None:
    gated.it.paste("q:alerts\rq")
    gated.open()
    gated.it.until(lambda screen: "? Help" in screen and "1 Builds" in screen, "the board")
    gated.it.packet("q")
    gated.it.shows("gone-with=0")
    gated.check_usable()


def _beginnings(screen: str) -> list[str]:
    """Return how the lines begin, but for the age of the frame, which goes on."""
    lines = (line[:40] for line in screen.splitlines())
    return [re.sub(r"\d+\w* old", "old", line).rstrip() for line in lines]


def test_ctrl_z_meanwhile_stops_and_the_frame_comes_back(gated: Gated) -> None:
    shown = gated.it.screen()
    gated.it.press("C-z")
    gated.it.until(lambda screen: COMING not in screen, "the shell")
    gated.check_usable()
    gated.it.type("fg")
    again = gated.it.shows(COMING)
    assert _beginnings(again) == _beginnings(shown)
    gated.open()
    gated.it.until(lambda screen: "? Help" in screen, "the board")
    gated.it.packet("q")
    gated.it.until(lambda screen: "1 Builds" not in screen, "the end")
    gated.check_usable()


WRONG: list[tuple[str, Callable[[Path], object]]] = [
    ("cut short", lambda file: file.write_bytes(file.read_bytes()[:-20])),
    ("others may write", lambda file: file.chmod(0o666)),
    ("empty", lambda file: file.write_bytes(b"")),
]


@pytest.mark.parametrize("spoil", [spoil for _, spoil in WRONG], ids=[name for name, _ in WRONG])
def test_a_frame_that_cannot_be_believed_is_ignored_and_replaced(
    last_session: LastSession, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    (file,) = last_session.frames
    before = file.read_bytes()
    spoil(file)
    with terminal(tmp_path, **last_session.env) as it:
        it.start(
            [sys.executable, "-m", "opsboard", "--config", str(last_session.config)], WIDTH, HEIGHT
        )
        it.until(lambda screen: "? Help" in screen, "the board")
        it.until(
            lambda screen: re.search(r"2 Deployments .* live", screen) is not None, "the clusters"
        )
        it.packet("q")
        assert it.ended() == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) > len(before) / 2
