"""The command line, as a script would use it."""

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import TypeAdapter

from opsboard import __version__
from opsboard.cli import main
from opsboard.demo.detection import NOTICE
from opsboard.records.codec import RecordField

SCHEMA = Path(__file__).parents[2] / "docs" / "status.schema.json"
NOBODY = '[sources.gone]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:1"\n'


def _ends_with(*words: str) -> int:
    """Run the program; return its exit code, also where argparse exits by itself."""
    try:
        return main(words)
    except SystemExit as error:
        return int(error.code or 0)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with("--version") == 0
    assert capsys.readouterr().out == f"opsboard {__version__}\n"


@pytest.mark.parametrize(
    "words", [("nonsense",), ("status", "--color", "pink"), ("status", "--wait-fresh", "soon")]
)
def test_bad_usage_is_64(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with(*words) == 64
    assert "usage:" in capsys.readouterr().err


def test_a_table_that_there_is_not_is_64(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with("status", "--pane", "cakes") == 64
    assert "no such table; there are: services, builds, deployments" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("stauts",), "invalid command 'stauts'; did you mean 'status'?; there are: status, act"),
        (("status", "--jsno"), "unrecognized arguments: --jsno; did you mean '--json'?"),
        (("status", "--wiat-fresh=3"), "did you mean '--wait-fresh'?"),
        (("status", "--pane", "deploymets"), "no such table; did you mean 'deployments'?"),
        (("audit", "verfiy"), "invalid command 'verfiy'; did you mean 'verify'?"),
        (("audit", "verify", "--haed", "1:a"), "did you mean '--head'?"),
        (("--raed-only",), "did you mean '--read-only'?"),
        (("--theme", "lihgt"), "there is no theme 'lihgt'; did you mean 'light'?"),
        (("--theme=nope", "status"), "argument --theme: there is no theme 'nope'; there are: "),
        (("demo", "--theme", "nope"), "there is no theme 'nope'; there are: "),
        (("demo", "--seed", "x"), "argument --seed: 'x' is no whole number\n"),
        (("audit", "--last", "1.5"), "argument --last: '1.5' is no whole number\n"),
        (("status", "--schema", "x"), "argument --schema: 'x' is no whole number\n"),
        (("audit", "--config", "ops.toml"), "unrecognized arguments: --config\n"),
        (("audit", "--lats", "3", "verify"), "--lats; did you mean '--last'?\n"),
        (("demo", "--tide"), "unrecognized arguments: --tide\n"),
        (("demo", "--scale", "pdos=3"), "--scale: there is no 'pdos'; did you mean 'pods'?"),
    ],
)
def test_the_near_word(
    words: tuple[str, ...], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only what may be shown is suggested: ``--tied`` is for the program alone."""
    assert _ends_with(*words) == 64
    assert near in capsys.readouterr().err


def test_a_source_that_is_near(demo_config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with("--config", str(demo_config), "doctor", "gihtub", "mlfow", "gone") == 64
    told = capsys.readouterr().err
    assert "no source called 'gihtub'; did you mean 'github'?" in told
    assert "no source called 'mlfow'; did you mean 'mlflow'?" in told
    assert "no source called 'gone'; there are: github, clusters, mlflow" in told


def test_a_config_that_is_no_toml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text("read_only = maybe\n")
    assert _ends_with("--config", str(config), "status") == 64
    assert f"{config}:1: not valid TOML" in capsys.readouterr().err


def test_nothing_configured_and_nothing_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _ends_with("status", "--wait-fresh", "1") == 64
    assert "opsboard init" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "doctor"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nothing yet\n", "names no source: add one"),
        (f"{NOBODY}enabled = false\n", "every source in it has enabled = false"),
    ],
)
def test_a_config_without_a_source_to_show(
    command: str, text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    assert _ends_with("--config", str(config), command) == 64
    error = capsys.readouterr().err
    assert f"{config}: {said}".replace(": names", " names") in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("repositories", "https://me:pa55@github.com/o/r", "give it as owner/name"),
        ("repositories", "nope", "give it as owner/name"),
        ("organisations", "o/r", "give the name alone"),
    ],
)
def test_a_name_that_is_none_is_told_without_repeating_it(
    key: str, value: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[sources.gh]\nadapter = "github"\n{key} = ["{value}"]\n')
    assert _ends_with("--config", str(config), "doctor") == 2
    told = "".join(capsys.readouterr())
    assert f"{config}:3: sources.gh.{key}.0: {said}" in told
    assert value not in told


def test_status_as_json(whole_demo_config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = _ends_with("--config", str(whole_demo_config), "status", "--json", "--wait-fresh", "240")
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    assert code == document["exit_code"] == 1, "the demo world has a stuck roll-out"
    assert {source["condition"] for source in document["sources"]} == {"live"}
    for record in (record for pane in document["panes"].values() for record in pane):
        TypeAdapter(RecordField).validate_python(record, strict=False)
    assert all(document["panes"][pane] for pane in ("builds", "deployments", "models", "alerts"))


@pytest.mark.parametrize(
    "words",
    [
        ("status", "--json", "--wait-fresh", "240"),
        ("doctor",),
        ("act", "rollback", "no-such-thing", "--wait-fresh", "240", "--plan"),
    ],
)
def test_what_is_said_of_the_demo_says_so_beside(
    words: tuple[str, ...], demo_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error: what is told as JSON or text is as it is without."""
    mine = tmp_path / "copied.toml"
    mine.write_text(demo_config.read_text("utf-8"))
    _ends_with("--config", str(mine), *words)
    told = capsys.readouterr()
    assert f"opsboard: {NOTICE}\n" in told.err
    assert NOTICE not in told.out


@pytest.mark.parametrize(
    "proxies",
    [
        {"HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1"},
        {"http_proxy": "not a proxy", "NO_PROXY": "localhost,fd07:b51a:cc66:f0::/64"},
        {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "localhost,127.0.0.1,::1,[::1],[,::/x"},
        {"ALL_PROXY": "socks5://127.0.0.1:1"},
    ],
    ids=str,
)
def test_the_demo_is_live_behind_any_proxy(
    demo_config: Path,
    proxies: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)
    _ends_with("--config", str(demo_config), "status", "--json", "--wait-fresh", "240")
    document = json.loads(capsys.readouterr().out)
    assert {source["condition"] for source in document["sources"]} == {"live"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("status", "--pane", "models", "--wait-fresh", "0"), True),
        (("status", "--json", "--wait-fresh", "0"), True),
        (("doctor",), True),
        (("act", "rollback", "fraud-detector", "--plan", "--wait-fresh", "0"), True),
        (("config", "path"), False),
    ],
)
def test_what_is_told_of_the_demo_says_so(
    words: tuple[str, ...], says: bool, demo_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, so that what is printed is what it always is."""
    command, *rest = words
    _ends_with(command, *rest, "--config", str(demo_config))
    told = capsys.readouterr()
    assert (NOTICE in told.err) is says
    assert NOTICE not in told.out


def test_status_of_one_pane(models_config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--config", str(models_config), "status", "--pane", "models", "--wait-fresh", "240")
    _ends_with(*words)
    out = capsys.readouterr().out
    assert "Models (6)" in out
    assert "Builds" not in out


def test_one_unreachable_source_and_one_with_a_typo_leave_the_others(
    demo_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    typo = '[sources.typo]\nadapter = "mlflow"\ntracking_url = "http://127.0.0.1:1"\n'
    config.write_text(f"{NOBODY}{typo}{demo_config.read_text('utf-8')}")
    assert _ends_with("--config", str(config), "status", "--json", "--wait-fresh", "240") == 2
    document = json.loads(capsys.readouterr().out)
    sources = {source["name"]: source for source in document["sources"]}
    assert sources["gone"]["condition"] == "unreachable"
    assert sources["gone"]["hint"]
    assert "config.toml:6" in sources["typo"]["message"]
    assert "'tracking_uri'" in sources["typo"]["message"]
    assert sources["clusters"]["condition"] == "live"
    assert document["panes"]["deployments"]


def test_doctor(demo_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with("--config", str(demo_config), "doctor") == 0
    assert "logged in" in capsys.readouterr().out
    config = tmp_path / "config.toml"
    config.write_text(NOBODY)
    assert _ends_with("--config", str(config), "doctor") == 2
    assert "hint:" in capsys.readouterr().out
    assert _ends_with("--config", str(config), "doctor", "nobody") == 64


def test_init_writes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example:5000")
    assert _ends_with("init") == 0
    file = Path.home() / ".config" / "opsboard" / "config.toml"
    assert 'tracking_uri = "http://mlflow.example:5000"' in file.read_text("utf-8")
    assert _ends_with("init") == 64
    assert "is not changed" in capsys.readouterr().err


def test_config_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends_with("config", "schema") == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "sources" in schema["properties"]
