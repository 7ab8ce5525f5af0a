"""A screen that something else wrote over is repaired by a key."""

from pathlib import Path

import pytest

from tests.terminal.standing_demo import standing_demo
from tests.terminal.tmux import terminal

pytestmark = pytest.mark.terminal
FOREIGN = "Broadcast message: the bastion goes down at noon"


def test_what_someone_else_wrote_is_gone_after_redrawing(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start(standing_demo(), 100, 30)
        it.shows("✓ clusters")
        tty = Path(it.state("pane_tty"))

        def is_written(screen: str) -> bool:
            if FOREIGN not in screen:  # yet, or a frame has come over it
                tty.write_text(f"\x1b[5;5H{FOREIGN}", "utf-8")
            return FOREIGN in screen

        it.until(is_written, "the foreign text")
        it.press("C-l")
        it.until(lambda screen: FOREIGN not in screen, "the foreign text to go")
        it.press("q")
        assert it.ended() == 0
