"""The last frame is kept where the next start may believe it, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from opsboard.adapter import HostEnviron
from opsboard.config.paths import digest
from opsboard.config.settings import UiSettings
from opsboard.startup.frame_file import FOLDER, SUFFIX, FrameError, load_frame
from opsboard.startup.frame_keeper import MOST, FrameKeeper, FramePlace, forget_frames
from opsboard.startup.login_fingerprint import LoginFingerprint, digest_of_inputs
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from tests.startup.test_frame_format import NOW, frame

CONFIG = "[sources]\n"


@pytest.fixture
def around(tmp_path: Path) -> HostEnviron:
    """Return the environment of a user with a login and a config."""
    (tmp_path / "login").write_text("alice")
    (tmp_path / "config.toml").write_text(CONFIG)
    return HostEnviron(env={"HOME": str(tmp_path)}, home=tmp_path, cwd=tmp_path)


def place(around: HostEnviron, *argv: str) -> FramePlace:
    return FramePlace(around.home / "cache", argv, around, around.home / "config.toml")


def snapshot(around: HostEnviron) -> str:
    """Return what a session leaves that was logged in as it is now."""
    files = (str(around.home / "login"),)
    salted = digest_of_inputs((), files, "salt", around)
    settings = StartupSettings(digest(CONFIG), UiSettings(), {}, read_only=False)
    return StartupSnapshot(settings, LoginFingerprint((), files, "salt", salted)).to_json()


def keep(
    around: HostEnviron,
    where: FramePlace | None = None,
    told: Callable[[], str] | None = None,
    *,
    is_wanted: bool | None = True,
) -> list[Path]:
    """Keep a frame; return the files that there are then."""
    where = where or place(around)
    text = snapshot(around)
    keeper = FrameKeeper(where, told or (lambda: text), digest(CONFIG), lambda: is_wanted)
    keeper.take(frame(), NOW)
    keeper.close()
    return sorted(where.folder.glob("*")) if where.folder.exists() else []


def load(around: HostEnviron, where: FramePlace) -> None:
    key = where.key(frame(), (str(around.home / "login"),))
    load_frame(str(around.home / "cache"), (key,), around.env, NOW + 1)


def test_what_is_kept_is_painted(around: HostEnviron) -> None:
    (file,) = keep(around)
    assert file.suffix == SUFFIX
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    load(around, place(around))


def test_a_loose_folder_is_made_this_users_alone(around: HostEnviron) -> None:
    folder = around.home / "cache" / FOLDER
    folder.mkdir(mode=0o755, parents=True)
    folder.chmod(0o755)
    keep(around)
    load(around, place(around))


def test_a_login_that_has_changed_since_is_not_that_of_the_frame(around: HostEnviron) -> None:
    before = snapshot(around)
    (around.home / "login").write_text("bob")
    assert keep(around, told=lambda: before) == []


def test_a_config_that_has_changed_since_is_not_that_of_the_frame(around: HostEnviron) -> None:
    before = snapshot(around)
    (around.home / "config.toml").write_text("[environments]\n")
    assert keep(around, told=lambda: before) == []
    settings = StartupSettings(digest("[environments]\n"), UiSettings(), {}, read_only=False)
    live = StartupSnapshot(settings, StartupSnapshot.from_json(before).fingerprint).to_json()
    assert keep(around, told=lambda: live) == [], "environments count after a restart"


@pytest.mark.parametrize("told", ["", "x", "{}", "[]"])
def test_without_a_snapshot_nothing_is_kept(around: HostEnviron, told: str) -> None:
    assert keep(around, told=lambda: told) == []


def test_what_is_not_wanted_is_deleted(around: HostEnviron) -> None:
    assert len(keep(around)) == 1
    assert len(keep(around, place(around, "--ascii"), is_wanted=None)) == 1, "not known yet"
    assert keep(around, is_wanted=False) == []


def test_few_are_kept_the_newest_of_them(around: HostEnviron) -> None:
    for number in range(MOST + 3):
        files = keep(around, place(around, str(number)))
    assert len(files) == MOST
    load(around, place(around, str(MOST + 2)))
    forget_frames(around.home / "cache")
    with pytest.raises(FrameError, match="none is kept"):
        load(around, place(around, str(MOST + 2)))


def test_a_folder_that_cannot_be_written_is_borne(around: HostEnviron) -> None:
    (around.home / "cache").write_text("no folder")
    assert keep(around) == []
    forget_frames(around.home / "cache")


def test_the_working_folder_counts_where_it_decides(around: HostEnviron) -> None:
    elsewhere = replace(around, cwd=Path("/"))
    files = (str(around.home / "login"),)
    assert place(around).key(frame(), files) == place(elsewhere).key(frame(), files)
    assert place(around).key(frame(), ("login",)) != place(elsewhere).key(frame(), ("login",))
    for config in (None, Path("config.toml")):
        here = FramePlace(around.home, (), around, config)
        there = FramePlace(around.home, (), elsewhere, config)
        assert here.key(frame(), files) != there.key(frame(), files)


def test_what_is_no_frame_is_not_deleted_and_keeps_none(around: HostEnviron) -> None:
    (folder := around.home / "cache" / FOLDER).mkdir(parents=True)
    for number in range(MOST + 1):
        (folder / f"note-{number}").touch()
    (folder / f"a{SUFFIX}").mkdir()
    keep(around)
    load(around, place(around))
    forget_frames(around.home / "cache")
    assert len([*folder.glob("note-*")]) == MOST + 1
    with pytest.raises(FrameError, match="none is kept"):
        load(around, place(around))


def test_nothing_is_kept_or_deleted_by_a_link(around: HostEnviron) -> None:
    (elsewhere := around.home / "elsewhere").mkdir()
    (elsewhere / f"mine{SUFFIX}").touch()
    (around.home / "cache").mkdir()
    (around.home / "cache" / FOLDER).symlink_to(elsewhere)
    keep(around)
    forget_frames(around.home / "cache")
    assert [file.name for file in elsewhere.iterdir()] == [f"mine{SUFFIX}"]
