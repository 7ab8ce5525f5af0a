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
        Path(it.state("pane_tty")).write_text(f"\x1b[5;5H{FOREIGN}", "utf-8")
        it.shows(FOREIGN)
        it.press("C-l")
        it.until(lambda screen: FOREIGN not in screen, "the foreign text to go")
        it.press("q")
        assert it.ended() == 0
