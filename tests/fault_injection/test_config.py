"""Invalid configs, invalid flags and broken adapters: reported in one line that says what to do."""

import json
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from opsboard.cli import main
from opsboard.config import registry
from opsboard.system.exit_codes import ExitCode

COMMANDS = (("status",), ("doctor",), ())
Said = Callable[..., tuple[int, str]]

TYPO = """\
read_only = false

[sources.models]
adapter = "mlflow"
tracking_uri = "http://127.0.0.1:1"
pol_interval = 30
token = "s3cret-that-stays"
"""


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Run the program; return its exit code and all that it said."""

    def go(*words: object) -> tuple[int, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as error:
            code = int(error.code or 0)
        captured = capsys.readouterr()
        text = captured.out + captured.err
        assert "Traceback" not in text
        assert "s3cret" not in text
        return code, text

    return go


@pytest.mark.parametrize("command", COMMANDS, ids=["status", "doctor", "board"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"read_only = maybe\n", "config.toml:1: not valid TOML"),
        (b"[sources.x\n", "config.toml:1: not valid TOML"),
        (b"\n\nread_onyl = true\n", "config.toml:3: read_onyl: unknown key; did you mean"),
        (b"read_only = 'perhaps'\n", "config.toml:1: read_only: "),
        (b"[ui]\nthem = 'dark'\n", "config.toml:2: ui.them: unknown key; did you mean 'theme'?"),
        (b"x = " + b"[" * 20_000, "config.toml: nested too deeply to be read"),
        (b"sources = 3\n", "config.toml:1: sources: must be tables"),
        (b"\xff\xfe[ui]\n", "config.toml: is not UTF-16 text (byte 5)"),
        ("theme = 'ä'".encode("latin-1"), "config.toml: is not UTF-8 text (line 1, byte 10)"),
    ],
)
def test_a_config_that_cannot_be_used(
    command: tuple[str, ...], content: bytes, told: str, tmp_path: Path, said: Said
) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(content)
    code, text = said("--config", config, *command)
    assert code == ExitCode.USAGE
    assert told in text
    assert len(text.splitlines()) == 1


def test_a_config_that_cannot_be_read(tmp_path: Path, said: Said) -> None:
    code, text = said("--config", tmp_path, "status")
    assert (code, "Is a directory" in text) == (ExitCode.USAGE, True)
    code, text = said("--config", tmp_path / "none.toml", "status")
    assert (code, "No such file" in text) == (ExitCode.USAGE, True)


def test_a_config_that_one_may_not_read(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    config = tmp_path / "config.toml"
    config.touch()
    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, who may read all
    code, text = said("--config", config, "status")
    assert code == ExitCode.USAGE
    assert f"{config}: cannot be read: Permission denied" in text


def test_a_config_named_by_the_environment_must_exist(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPSBOARD_CONFIG", "/none/such.toml")
    code, text = said("status")
    assert code == ExitCode.USAGE
    assert "/none/such.toml: cannot be read: No such file" in text


def test_a_typo_in_one_source_is_told_with_file_line_and_key(tmp_path: Path, said: Said) -> None:
    config = tmp_path / "config.toml"
    config.write_text(TYPO)
    told = f"{config}:6: sources.models.pol_interval: unknown key; did you mean 'poll_interval'?"
    code, text = said("--config", config, "status")
    assert code == ExitCode.UNREACHABLE
    assert told in text
    code, text = said("--config", config, "doctor")
    assert code == ExitCode.UNREACHABLE
    assert told in text


def test_a_secret_of_a_wrong_kind_is_not_quoted(tmp_path: Path, said: Said) -> None:
    config = tmp_path / "config.toml"
    config.write_text(TYPO.replace("pol_interval = 30", 'username = ["s3cret-too"]'))
    code, text = said("--config", config, "status")
    assert code == ExitCode.UNREACHABLE
    assert "config.toml:6: sources.models.username: " in text


def test_an_adapter_that_does_not_exist(tmp_path: Path, said: Said) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[sources.x]\nadapter = "githbu"\n')
    _, text = said("--config", config, "status")
    assert f"{config}:2: sources.x.adapter: there is no adapter called 'githbu'" in text
    assert "did you mean 'github'?" in text


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install, beside the usual adapters, some that cannot be used."""
    usual = dict(registry._entry_points())
    bad = {
        "missing": "no_such_module:Adapter",
        "raising": "tests.fault_injection.broken_adapters:Raising",
        "outdated": "tests.fault_injection.broken_adapters.outdated:Adapter",
        "number": "tests.fault_injection.broken_adapters:NUMBER",
        "exiting": "tests.fault_injection.broken_adapters.exiting:Adapter",
    }
    points = {name: EntryPoint(name, value, "opsboard.adapters") for name, value in bad.items()}
    registry.load_adapter.cache_clear()
    monkeypatch.setattr(registry, "_entry_points", lambda: {**usual, **points})
    yield
    registry.load_adapter.cache_clear()


@pytest.mark.parametrize(
    ("adapter", "told"),
    [
        ("missing", "fails to load: ModuleNotFoundError: No module named 'no_such_module'"),
        ("raising", "broke: RuntimeError: I never connect"),
        ("outdated", "it is written for another version of opsboard: install its release"),
        ("number", "is no subclass of Adapter"),
        ("exiting", "fails to load: SystemExit: 3"),
    ],
)
@pytest.mark.usefixtures("strangers")
def test_a_broken_adapter_harms_only_its_own_source(
    adapter: str, told: str, tmp_path: Path, said: Said
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[sources.strange]\nadapter = "{adapter}"\n'
        '[sources.models]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:1"\n'
    )
    code, text = said("--config", config, "status", "--json", "--wait-fresh", "30")
    sources = {source["name"]: source for source in json.loads(text)["sources"]}
    assert code == ExitCode.UNREACHABLE
    assert sources["strange"]["condition"] == "broken"
    assert told in sources["strange"]["message"]
    assert sources["strange"]["hint"]
    assert sources["models"]["condition"] == "unreachable"
    code, text = said("--config", config, "doctor")
    assert code == ExitCode.UNREACHABLE
    assert told in text
    assert "models (MLflow" in text


@pytest.mark.usefixtures("strangers")
def test_broken_adapters_do_not_keep_init_and_schema_from_the_others(said: Said) -> None:
    code, text = said("config", "schema")
    assert code == ExitCode.FAILED
    assert "the adapter 'missing'" in text
    assert '"mlflow-source"' in text
    code, text = said("init", "--print")
    assert code == ExitCode.OK
    assert "the adapter 'number'" in text


@pytest.mark.parametrize(
    "words",
    [
        ("--nonsense",),
        ("status", "--pane"),
        ("status", "--wait-fresh", "-1"),
        ("status", "--wait-fresh", "nan"),
        ("where", "fa2dec5", "--wait-fresh", "nan"),
        ("handover", "--wait-fresh", "-1"),
        ("config",),
        ("demo", "--port", "http"),
        ("demo", "--port", "70000"),
        ("demo", "--scale", "cakes=3"),
        ("demo", "--scale", "pods=-3"),
        ("demo", "--at", "teatime"),
        ("demo", "--at", "0001-01-01T00:00:00+14:00"),
        ("demo", "--at", "9999-12-31T23:59:59Z"),
        ("demo", "--scale", "pods=99999999999"),
        ("demo", "--churn", "much"),
        ("demo", "--churn", "nan"),
        ("demo", "--churn", "7"),
        ("--config",),
    ],
)
def test_bad_flags(words: tuple[str, ...], said: Said) -> None:
    code, text = said(*words)
    assert code == ExitCode.USAGE
    assert words[-1].partition("=")[0] in text or words[-2] in text, "what is wrong is not named"
