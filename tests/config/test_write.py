"""What ``opsboard init`` writes can be read again, and means what was found."""

import itertools
import re
import stat
import tomllib
from pathlib import Path

import pytest

from opsboard.config import registry
from opsboard.config.broken_source import broken_source
from opsboard.config.load import load_config
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.write import config_text, write_new


def _found() -> ResolvedSource:
    adapter = registry.load_adapter("github")
    settings = adapter.settings.model_validate(
        {"repositories": ["acme/shop"], "token": {"env": "GH_TOKEN"}}
    )
    return ResolvedSource("acme shop", adapter, settings, found_by="git remote 'origin'")


def test_round_trip(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    write_new(file, config_text([_found()]))
    config = load_config(file)
    assert config.problems == ()
    assert config.sources[0].settings == _found().settings
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


_KEY_LINE = re.compile(r"(# )?[a-z_]+ = ")


def test_every_key_has_a_comment() -> None:
    lines = config_text([_found()]).splitlines()
    keys = 0
    for above, line in itertools.pairwise(lines):
        if _KEY_LINE.match(line) and not line.startswith("adapter"):
            keys += 1
            assert above.startswith("# "), line
            assert not _KEY_LINE.match(above), line
    assert keys > 10


def test_a_default_is_understood_once_it_is_no_comment(tmp_path: Path) -> None:
    text = config_text([_found()])
    plain = re.sub(r'^# (?=[a-z_]+ = (?!"?\.\.\."?$))', "", text, flags=re.MULTILINE)
    assert '\nhistory = { enabled = true, keep = "90d", max_size = "500MB"' in plain
    for name, content in (("comments", text), ("plain", plain)):
        write_new(tmp_path / name, content)
    config = load_config(tmp_path / "plain")
    assert config.problems == ()
    assert config.settings == load_config(tmp_path / "comments").settings


def test_what_lacks_a_login_is_written_as_a_comment() -> None:
    text = config_text([broken_source("ci", "no login", "run gh auth login", because="git remote")])
    assert tomllib.loads(text).get("sources") is None
    assert "run gh auth login" in text


def test_nothing_found_gives_an_example() -> None:
    text = config_text([])
    assert "# [sources.github]" in text
    assert "sources" not in tomllib.loads(text)


def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("mine")
    with pytest.raises(FileExistsError):
        write_new(file, "theirs")
    assert file.read_text() == "mine"
