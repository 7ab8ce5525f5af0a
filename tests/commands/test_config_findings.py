"""``doctor`` tells what a config says of things that there are not: where, and what is meant."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from opsboard.cli import main
from opsboard.commands.live_config import LiveConfig
from opsboard.config.paths import user_paths
from opsboard.ui import start
from opsboard.ui.actions.keymap import KeymapError

Run = Callable[..., tuple[int, list[str]]]

SOURCE = '[sources.trainer]\nadapter = "command"\n'
VIEW = '[[views]]\nname = "mine"\npane = "builds"\n'


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs ``doctor`` on a text; it returns the exit code and what is wrong."""

    def call(text: str) -> tuple[int, list[str]]:
        file = tmp_path / "config.toml"
        file.write_text(SOURCE + text)
        code = main(["doctor", "--config", str(file)])
        said = capsys.readouterr().err.splitlines()
        return code, [line.partition("config.toml:")[2] for line in said if "config.toml:" in line]

    return call


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (VIEW.replace("builds", "biulds"), "5: views.0.pane: there is no pane 'biulds'; did you "),
        (VIEW + 'columns = ["nmae"]\n', "6: views.0.columns: "),
        (VIEW + 'sort = "-aeg"\n', "6: views.0.sort: "),
        (VIEW + 'filter = "stauts:failed"\n', "6: views.0.filter: "),
        ('[ui.keys]\n"log.wrop" = "x"\n', "4: ui.keys.log.wrop: there is no such action; did you "),
        ('[ui.keys]\n"log.wrap" = "ctlr+x"\n', "4: ui.keys.log.wrap: there is no key 'ctlr+x'; "),
        ('[ui.keys]\n"app.help" = "r"\n', "4: ui.keys.app.help: the key r belongs to app.refresh"),
        ('[ui.keys]\n"pane.bulids" = "f5"\n', "4: ui.keys.pane.bulids: there is no such action; "),
        ('[ui]\ntheme = "drak"\n', "4: ui.theme: there is no theme 'drak'; did you mean 'dark'?"),
        (
            '[[retrain]]\nmodels = "*"\nsource = "trianer"\n',
            "5: retrain.0.source: no source of this file is called 'trianer'; did you mean 'trai",
        ),
        (
            '[[start_checks]]\nname = "schema"\ncommand = ["chek-schema", "{name}"]\n',
            "5: start_checks.0.command: there is no program 'chek-schema' that may be run; ",
        ),
    ],
)
def test_what_there_is_not_is_told_with_its_line_and_what_is_meant(
    doctor: Run, text: str, told: str
) -> None:
    code, lines = doctor(text)
    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(told)
    assert "; " in lines[0]


def test_all_faults_are_told_at_once(doctor: Run) -> None:
    text = '[ui.keys]\n"log.wrop" = "x"\n"log.wrap" = ["w", "escpae", ""]\n"a.b" = " "\n'
    _, lines = doctor(text)
    assert [line.partition(":")[0] for line in lines] == ["4", "5", "5", "6", "6"]


def test_what_there_is_is_fine(doctor: Run) -> None:
    check = '[[start_checks]]\nname = "schema"\ncommand = ["true", "{name}"]\n'
    keys = '"pane.mine" = "ctrl+f5"\n"app.help" = ["?", "section_sign", "shift+f1"]\n'
    retrain = '[[retrain]]\nmodels = "*"\nsource = "trainer"\n'
    sort = 'columns = ["name", "commit"]\nsort = "-age"\nfilter = "status:failed"\n'
    assert doctor(f"{VIEW}{sort}{retrain}{check}[ui.keys]\n{keys}") == (0, [])


def test_a_theme_that_cannot_be_read_is_told(doctor: Run) -> None:
    user_paths().themes.mkdir(parents=True)
    (user_paths().themes / "mine.toml").write_text("title = 3")
    code, lines = doctor('[ui]\ntheme = "mine"\n')
    assert code == 2
    assert lines[0].startswith("4: ui.theme: theme ")
    assert "mine.toml is not used: " in lines[0]


# --- at the start of the board -------------------------------------------------------------------

WRONG_KEY = '[ui.keys]\n"log.wrop" = "x"\n'


def test_a_wrong_key_ends_the_start_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "terminal_problem", lambda *_, **__: "")
    file = tmp_path / "config.toml"
    file.write_text(SOURCE + WRONG_KEY)
    assert main(["--config", str(file)]) == 64
    said = "ui.keys.log.wrop: there is no such action; did you mean 'log.wrap'?"
    assert capsys.readouterr().err == f"opsboard: {file}:4: {said}\n"


def test_so_does_one_before_the_config_has_been_read(tmp_path: Path) -> None:
    """As where the keys are those of the last session, for the first frame."""
    file = tmp_path / "config.toml"
    file.write_text(WRONG_KEY)
    config = LiveConfig(lambda: None, Namespace(config=file, read_only=False))
    told = config.key_problem(KeymapError("log.wrop", "there is no such action", "look"))
    assert told == f"{file}:2: ui.keys.log.wrop: there is no such action; look"


def test_status_says_what_is_wrong_with_views_as_doctor_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    good = '[[views]]\nname = "workspaces-here"\npane = "workspaces"\n'  # of an adapter not used
    wrong = VIEW + 'filter = "stauts:failed"\n'
    file.write_text(f"{SOURCE}{good}{wrong}{VIEW}{VIEW}")
    for command in ("doctor", "status --wait-fresh 0", "status --json --wait-fresh 0"):
        main([*command.split(), "--config", str(file)])
        lines = capsys.readouterr().err.splitlines()
        told = [line.partition("config.toml:")[2] for line in lines if "config.toml:" in line]
        told = [line for line in told if "views." in line]
        assert [line.partition(": ")[0] for line in told] == ["9", "14"], command
        assert "did you mean 'status'" in told[0]
        assert "the word 'mine' opens 'mine' already" in told[1]
