"""What ``opsboard status`` prints for eyes, and for pipes."""

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import ColorSystem

from opsboard.adapter import Complete, Condition, Fresh, Health, Report, Upsert
from opsboard.board.rollup import exit_code
from opsboard.board.state import Board
from opsboard.cli import main
from opsboard.commands.report_style import (
    ReportStyle,
    plain_report_style,
    report_style,
    style_of,
)
from opsboard.commands.selection import nothing_matches, select
from opsboard.commands.setup import LoadedConfig
from opsboard.commands.status_json import board_fields
from opsboard.commands.status_text import MOST_ROWS, text_report
from opsboard.config.load import Config
from opsboard.config.settings import Settings
from opsboard.demo.detection import NOTICE
from opsboard.records import AnyRecord, Deployment, Drift, Status
from opsboard.ui.theme.theme_files import DEFAULT, built_in_theme
from opsboard.views.filter import FilterError
from opsboard.views.panes import numbered_panes, pane_named
from tests.board import NOW, build, deployment, events
from tests.patience import PATIENCE

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
LONG = "Fix what nobody has seen since the year that the office moved to the other harbour" * 2


def _board(*records: AnyRecord, source: str = "k8s") -> Board:
    board = Board()
    refs = frozenset(record.ref for record in records)
    live = Report(Health(condition=Condition.LIVE))
    changes = (live, Upsert("all", records), Complete("all", refs), Fresh("all"))
    board.apply(events(source, *changes))
    return board


def _mixed() -> Board:
    states = (Status.OK, Status.RUNNING, Status.FAILED, Status.WARNING, Status.UNKNOWN)
    return _board(
        *(
            deployment(f"web-{number}-{status}", status, cluster="eu", reason=status.title())
            for number in range(3)
            for status in states
        ),
        deployment("mañana-日本語-👩‍💻", Status.FAILED, message=LONG, environment="staging"),
    )  # fmt: skip


def _text(board: Board, out: ReportStyle, words: str = "", panes: str = "deployments") -> str:
    selected = select(board, [pane_named(pane) for pane in panes.split()], words, NOW)
    return text_report(board.sources(), selected, NOW, out)


def _statuses(text: str) -> list[str]:
    found = re.findall(r"^  \S? ?(failed|warning|unknown|running|ok)\b", text, re.MULTILINE)
    return [str(one) for one in found]


@pytest.mark.parametrize("out", [plain_report_style(), plain_report_style(80)])
def test_what_is_wrong_stands_first(out: ReportStyle) -> None:
    order = sorted(_statuses(_text(_mixed(), out)), key=list("fwuro").__contains__)
    told = _statuses(_text(_mixed(), out))
    assert order
    assert told == sorted(told, key=("failed", "warning", "unknown", "running", "ok").index)
    assert len(told) == 16


def test_drift_is_told_as_the_board_draws_it_and_json_keeps_what_it_says() -> None:
    drift = Drift(
        source="k8s", id="d", name="ranker psi", model="ranker", metric="psi", value=0.4,
        threshold=0.25, status=Status.FAILED,
    )  # fmt: skip
    board = _board(drift, deployment("web", Status.FAILED))
    text = _text(board, plain_report_style(100), panes="drift deployments")
    assert "Drift (1): 1 warning" in text
    assert _statuses(text) == ["warning", "failed"]
    selected = select(board, [pane_named("drift")], "", NOW)
    panes = board_fields(board, selected, NOW, 0)["panes"]
    assert [one["status"] for one in panes["drift"]] == ["failed"]


def test_alerts_and_the_sources_that_fail_stand_first() -> None:
    board = _mixed()
    down = Health(condition=Condition.UNREACHABLE, message="no route", hint="see the VPN")
    board.apply(events("gone", Report(down)))
    lines = _text(board, plain_report_style(80), panes="deployments alerts").splitlines()
    assert lines[0].startswith("✗ failed  gone: unreachable, never answered")
    assert [line.strip() for line in lines[1:3]] == ["no route", "see the VPN"]
    assert lines[3].startswith("✓ ok      k8s: live")
    titles = [line.partition(" ")[0] for line in lines if re.match(r"[A-Z]", line)]
    assert titles == ["Alerts", "Deployments"]


@pytest.mark.parametrize("width", [20, 24, 30])
def test_in_a_narrow_strip_lines_break_or_are_cut(width: int) -> None:
    """Of a split terminal: no line runs over its edge, and what is wrong is still told first."""
    board = _mixed()
    board.apply(events("k8s", Report(Health(condition=Condition.BROKEN, message=LONG))))
    text = _text(board, plain_report_style(width), panes="builds deployments alerts")
    assert max(map(cell_len, text.splitlines())) <= width
    assert text.startswith("✗ failed")
    assert "✓ ok      web-0" in text


@pytest.mark.parametrize("width", [31, 40, 41, 60, 80, 120, 200, 400])
def test_it_fits_the_terminal(width: int) -> None:
    """As the panes of the board do: columns that can be read are left out by their priority."""
    board = _mixed()
    board.apply(events("k8s", Report(Health(condition=Condition.BROKEN, message=LONG))))
    text = _text(board, plain_report_style(width), panes="builds deployments alerts")
    assert max(map(cell_len, text.splitlines())) <= width
    assert "✗ failed" in text
    assert "mañana-日本語-👩‍💻" in text
    headers = [line for line in text.splitlines() if line.startswith("  status")]
    assert any(" cluster" in header for header in headers) is (width >= 120)


def test_columns_stand_below_each_other_whatever_is_in_them() -> None:
    lines = _text(_mixed(), plain_report_style(80)).splitlines()
    rows = [line for line in lines if "production" in line or "staging" in line]
    at = {cell_len(re.split("production|staging", line)[0]) for line in rows}
    assert len(rows) == 16
    assert len(at) == 1


def test_nothing_is_cut_in_a_pipe() -> None:
    many = [build(number, title=LONG, message=LONG) for number in range(1, MOST_ROWS * 3)]
    text = _text(_board(*many, source="ci"), plain_report_style(), panes="builds")
    assert text.count(LONG) == len(many)
    assert "…" not in text
    assert "\x1b" not in text
    drawn = _text(_board(*many, source="ci"), plain_report_style(100), panes="builds")
    assert len(_statuses(drawn)) == MOST_ROWS
    assert f"... and {len(many) - MOST_ROWS} more ({len(many) - MOST_ROWS} ok): --filter" in drawn


# --- colours -------------------------------------------------------------------------------------


class _Terminal(io.StringIO):
    """A stream that says it is one."""

    def __init__(self, *, tty: bool = True) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


TERM = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("env", "color", "tty", "depth"),
    [
        (TERM, "auto", True, ColorSystem.EIGHT_BIT),
        ({"TERM": "xterm"}, "auto", True, ColorSystem.STANDARD),
        ({**TERM, "COLORTERM": "truecolor"}, "auto", True, ColorSystem.TRUECOLOR),
        ({"TERM": "xterm-direct"}, "auto", True, ColorSystem.TRUECOLOR),
        (TERM, "auto", False, None),
        (TERM, "never", True, None),
        (TERM, "always", False, ColorSystem.EIGHT_BIT),
        ({}, "always", False, ColorSystem.STANDARD),
        ({"TERM": "dumb"}, "auto", True, None),
        ({}, "auto", True, None),
        ({**TERM, "NO_COLOR": "1"}, "auto", True, None),
        ({**TERM, "NO_COLOR": ""}, "auto", True, ColorSystem.EIGHT_BIT),
        ({**TERM, "NO_COLOR": "1"}, "always", True, ColorSystem.EIGHT_BIT),
        ({**TERM, "CLICOLOR": "0"}, "auto", True, None),
        ({**TERM, "CLICOLOR_FORCE": "1"}, "auto", False, ColorSystem.EIGHT_BIT),
        ({**TERM, "CLICOLOR_FORCE": "0"}, "auto", False, None),
        ({**TERM, "NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, "auto", True, None),
    ],
)
def test_when_there_is_colour(
    env: Mapping[str, str], color: str, tty: bool, depth: ColorSystem | None
) -> None:
    theme = built_in_theme(DEFAULT)
    out = report_style(_Terminal(tty=tty), env, color, theme, ascii_only=None)
    assert out.depth is depth
    assert (out.width is None) is not tty
    assert ("\x1b[" in _text(_mixed(), out)) is (depth is not None)


def test_colour_is_never_the_only_sign_and_changes_no_text() -> None:
    out = report_style(
        _Terminal(), {**TERM, "COLUMNS": "80"}, "auto", built_in_theme(DEFAULT), ascii_only=None
    )
    text = _text(_mixed(), out)
    assert ESCAPE.sub("", text) == _text(_mixed(), plain_report_style(80))
    failed = next(line for line in text.splitlines() if "✗ failed" in line)
    assert "\x1b[1;38;5;" in failed


def test_ascii_where_nothing_else_can_be_drawn() -> None:
    env = {**TERM, "LANG": "C"}
    text = _text(
        _mixed(), report_style(_Terminal(), env, "never", built_in_theme(DEFAULT), ascii_only=None)
    )
    assert "x failed" in text
    assert "+ ok" in text


@pytest.mark.parametrize(
    ("columns", "width"),
    [("100", 100), ("7", 20), ("9999", 400), ("0", 80), ("wide", 80), ("", 80), ("-5", 80)],
)
def test_how_wide_it_is(columns: str, width: int) -> None:
    out = report_style(
        _Terminal(), {"COLUMNS": columns}, "auto", built_in_theme(DEFAULT), ascii_only=None
    )
    assert out.width == width


# --- the filter ----------------------------------------------------------------------------------


def test_it_takes_the_filter_of_the_board() -> None:
    board = _mixed()
    text = _text(board, plain_report_style(), "status:failed !env:staging")
    assert "Deployments (3 of 16)" in text
    assert set(_statuses(text)) == {"failed"}


def test_a_pane_without_the_field_says_so() -> None:
    text = _text(_mixed(), plain_report_style(), "repo:web", panes="builds deployments")
    assert "Deployments (0 of 16): no field 'repository'" in text
    with pytest.raises(FilterError, match="did you mean 'status'"):
        _text(
            _mixed(),
            plain_report_style(),
            "stauts:failed",
            panes="builds deployments models alerts",
        )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("env:prodution", "nothing matches 'env:prodution'; did you mean 'env:production'?"),
        ("reason:Faild", "nothing matches 'reason:Faild'; did you mean 'reason:Failed'?"),
        ("env:mars", "nothing matches 'env:mars'"),
        ("zzz", "nothing matches 'zzz'"),
        ("env:production", ""),
        ("", ""),
    ],
)
def test_a_value_that_is_near_is_told_where_nothing_matches(words: str, told: str) -> None:
    board = _mixed()
    panes = [pane_named("builds"), pane_named("deployments")]
    assert nothing_matches(board, select(board, panes, words, NOW), words) == told


def test_the_exit_code_is_that_of_what_is_told() -> None:
    board = _mixed()
    kinds = [pane.kind for pane in numbered_panes()]

    def code(words: str) -> int:
        selected = select(board, numbered_panes(), words, NOW)
        return exit_code(board, kinds, {one.ref for s in selected for one in s.records})

    assert (code(""), code("status:failed"), code("status:ok"), code("env:staging")) == (1, 1, 0, 1)
    assert code("env:mars") == 0


# --- the program ---------------------------------------------------------------------------------


def _in_terminal(words: list[str], columns: int, env: Mapping[str, str]) -> tuple[int, str]:
    """Run the program in a terminal of so many columns; return exit code and what it wrote."""
    far, near = pty.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    program = [sys.executable, "-m", "opsboard", *words]
    clean = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "NO_COLOR"}}
    with subprocess.Popen(
        program, stdin=near, stdout=near, stderr=subprocess.PIPE, env={**clean, **env}
    ) as running:
        os.close(near)
        told = b""
        while True:
            try:
                block = os.read(far, 65_536)
            except OSError:  # EIO: the other side is closed (pty(7))
                break
            if not block:
                break
            told += block
        code = running.wait(PATIENCE)
    os.close(far)
    return code, told.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_in_a_terminal(demo_config: Path, columns: int) -> None:
    words = ["--config", str(demo_config), "status", "--wait-fresh", "240"]
    code, text = _in_terminal(words, columns, TERM)
    assert code == 1
    assert "\x1b[" in text
    bare = ESCAPE.sub("", text)
    assert "\x1b" not in bare
    assert max(map(cell_len, bare.splitlines())) <= columns
    assert bare.index("Alerts (") < bare.index("Builds (")


Piped = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def piped(demo_config: Path) -> Piped:
    def call(words: str) -> "subprocess.CompletedProcess[str]":
        line = (
            f"{sys.executable} -m opsboard --config {demo_config} status --wait-fresh 240 {words}"
        )
        command = ["bash", "-c", f"set -o pipefail; {line}"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return call


def test_who_reads_only_the_first_line_hears_of_no_fault(piped: Piped) -> None:
    ended = piped("--json | head -1")
    assert (ended.stdout, ended.stderr) == ("{\n", f"opsboard: {NOTICE}\n")


def test_the_filter_holds_for_json_too(
    demo_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--config", str(demo_config), "status", "--wait-fresh", "240", "--json"]
    code = main([*words, "--filter", "status:failed env:production"])
    document = json.loads(capsys.readouterr().out)
    assert code == document["exit_code"] == 1
    assert set(document["panes"]) == {"services", "builds", "deployments", "models", "alerts"}
    told = [record for pane in document["panes"].values() for record in pane]
    assert {(one["status"], one["environment"]) for one in told} == {("failed", "production")}


@pytest.mark.parametrize("words", ["stauts:failed", "status:faild", '"open', "/[a/"])
def test_a_filter_that_is_none_is_told_at_once(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No source is asked: this one would be waited for."""
    config = tmp_path / "config.toml"
    config.write_text('[sources.gone]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:1"\n')
    assert main(["--config", str(config), "status", "--filter", words]) == 64
    assert f"--filter {words!r}: " in capsys.readouterr().err


def test_a_source_that_is_late_is_told_with_what_came(
    demo_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(demo_config), "status", "--wait-fresh", "0"]) == 2
    out = capsys.readouterr().out
    assert "failed   github: unreachable, never answered" in out
    assert "has not answered at all within 0 s" in out
    assert "wait longer with --wait-fresh, or see `opsboard doctor`" in out


def test_a_record_is_named_in_full_with_its_age(tmp_path: Path) -> None:
    old = deployment("web", Status.FAILED, updated_at=NOW - timedelta(hours=2))
    assert isinstance(old, Deployment)
    assert re.search(
        r"failed +web +production .* 2h k8s$",
        _text(_board(old), plain_report_style(120)),
        re.MULTILINE,
    )


def test_a_report_has_the_theme_and_the_glyphs_that_the_command_line_asks_for() -> None:
    """``opsboard --theme light --ascii status``, as for the board."""
    setup = LoadedConfig(Config(Settings()), None)
    options = Namespace(theme="light", ascii=True, no_mouse=False, color="never")
    style = style_of(options, setup)
    assert style.styles.theme is built_in_theme("light")
    assert style.styles.glyphs.ascii
