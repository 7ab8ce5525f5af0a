"""``--read-only`` reaches every source, wherever it is said, and the user's eyes."""

import asyncio
import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from opsboard.arguments.parser import make_parser
from opsboard.cli import main
from opsboard.commands.setup import enabled_sources, read_config
from opsboard.config.paths import current_environ
from opsboard.startup.login_keys import login_key

CONFIG = """
[sources.one]
adapter = "mlflow"
tracking_uri = "http://127.0.0.1:1"

[sources.typo]
adapter = "mlflow"

[sources.own]
adapter = "mlflow"
tracking_uri = "http://127.0.0.1:2"
read_only = true
"""


def _read_only(*words: str) -> dict[str, bool]:
    """Return for each source whether its settings forbid actions."""
    setup = read_config(make_parser().parse_args(words))
    sources = asyncio.run(enabled_sources(setup))
    assert setup.read_only == all(source.settings.read_only for source in sources)
    return {source.name: source.settings.read_only for source in sources}


def test_a_source_of_its_own(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    assert _read_only("--config", str(config)) == {"one": False, "typo": False, "own": True}


def test_by_flag(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    found = _read_only("--read-only", "--config", str(config))
    assert found == {"one": True, "typo": True, "own": True}


def test_by_config(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"read_only = true\n{CONFIG}")
    found = _read_only("--config", str(config), "status")
    assert found == {"one": True, "typo": True, "own": True}


def _by(*words: str) -> dict[str, str]:
    """Return for each source what makes it read-only."""
    setup = read_config(make_parser().parse_args(words))
    return {one.name: one.read_only_by for one in asyncio.run(enabled_sources(setup))}


def test_what_makes_it_so_is_known(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    own = f"read_only = true in [sources.own], {config}:12"
    assert _by("--config", str(config)) == {"one": "", "typo": "", "own": own}
    assert set(_by("--read-only", "--config", str(config)).values()) == {"--read-only"}
    config.write_text(f"# for the demo\nread_only = true\n{CONFIG}")
    assert set(_by("--config", str(config)).values()) == {f"read_only = true, {config}:2"}


def test_what_was_discovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert _read_only("--read-only") == {"mlflow": True}


@pytest.mark.parametrize("words", [("--read-only", "demo"), ("demo", "--read-only")])
def test_the_demo_takes_it_on_either_side(words: tuple[str, ...]) -> None:
    options = make_parser().parse_args(["--theme", "light", *words])
    assert options.read_only is True
    assert (options.theme, options.ascii, options.no_mouse) == ("light", None, False)


def test_what_was_known_is_still_shown_to_who_only_reads(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    keys = []
    for words in ((), ("--read-only",)):
        setup = read_config(make_parser().parse_args([*words, "--config", str(config)]))
        source = asyncio.run(enabled_sources(setup))[0]
        keys.append(login_key(source, current_environ()))
    assert keys[0] == keys[1]


DENIES = '# no\n[policy.production]\n"roll*" = "deny"\n'
DENIED = """the policy denies rollback in production ([policy.production] "roll*" = "deny", {}:3)"""


@pytest.mark.parametrize(
    ("before", "words", "told"),
    [
        ("read_only = true\n", [], "mlflow is read-only (read_only = true, {}:1)"),
        ("", ["--read-only"], "mlflow is read-only (--read-only)"),
        (DENIES, [], DENIED),
    ],
)
def test_an_act_is_told_what_forbids_it(
    before: str, words: list[str], told: str, demo_config: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"{before}{demo_config.read_text()}")
    complaints = io.StringIO()
    with redirect_stderr(complaints):
        assert main([*words, "--config", str(config), "act", "rollback", "fraud-detector"]) == 3
    assert told.format(config) in complaints.getvalue()
