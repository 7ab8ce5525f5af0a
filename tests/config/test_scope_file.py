"""The scope is kept over restarts, by board, and a file that cannot be used harms nothing."""

import errno
import stat
from pathlib import Path

import pytest

from opsboard.config.scope_file import ScopeFile

SHOP = {"namespaces": ("shop",), "clusters": ("prod-eu", "prod-us")}


def test_each_board_keeps_its_own(tmp_path: Path) -> None:
    one, other = ScopeFile(tmp_path, "/home/me/a.toml"), ScopeFile(tmp_path, "/home/me/b.toml")
    assert not one.save(SHOP)
    assert not other.save({"namespaces": ("infra",), "clusters": ()})
    assert ScopeFile(tmp_path, "/home/me/a.toml").load() == SHOP
    assert other.load() == {"namespaces": ("infra",), "clusters": ()}
    assert stat.S_IMODE((tmp_path / "scope.json").stat().st_mode) == 0o600
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith(".scope")]


def test_no_scope_leaves_nothing_behind(tmp_path: Path) -> None:
    file = ScopeFile(tmp_path, "a")
    file.save(SHOP)
    file.save({"namespaces": (), "clusters": ()})
    assert not any(file.load().values())
    assert (tmp_path / "scope.json").read_text() == "{}"


@pytest.mark.parametrize(
    "content",
    ["", "nonsense", "[1]", '{"x": 1}', '"\\ud800"', "{" * 100_000],
)
def test_a_file_that_says_nothing_is_no_scope(tmp_path: Path, content: str) -> None:
    (tmp_path / "scope.json").write_text(content)
    file = ScopeFile(tmp_path, "a")
    assert not any(file.load().values())
    assert not file.save(SHOP)
    assert file.load() == SHOP


def test_what_is_no_plain_file_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("{}")
    (tmp_path / "scope.json").symlink_to(secret)
    file = ScopeFile(tmp_path, "a")
    assert not any(file.load().values())
    assert not file.save(SHOP)  # the link is replaced, what it led to is left alone
    assert secret.read_text() == "{}"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    assert "not kept over restarts" in ScopeFile(tmp_path / "state", "a").save(SHOP)


def test_what_could_not_be_put_in_place_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("opsboard.system.private_files.write_all", full)
    state = tmp_path / "state"
    said = ScopeFile(state, "a").save(SHOP)
    assert said.endswith(f": No space left on device: {state / 'scope.json'}")
    assert [*state.iterdir()] == []
