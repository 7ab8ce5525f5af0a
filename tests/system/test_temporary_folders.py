"""What is private is for nobody else's eyes, and does not outlive its program for long."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opsboard.system.temporary_folders import (
    PRIVATE_PREFIX,
    abandoned_folders,
    private_base,
    private_file,
    remove_abandoned,
    temporary_folder,
)

HOLDS_ONE = """
import os, sys
from opsboard.system.temporary_folders import private_file
with private_file("secret", b"a secret", os.environ) as file:
    print(file, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (runtime := tmp_path / "runtime").mkdir(mode=0o700)
    return runtime


def test_a_private_file_is_for_this_user_alone_and_gone_afterwards(place: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(place)}
    before = os.umask(0)
    try:
        with private_file("secret", b"a secret", env) as file:
            modes = [path.stat().st_mode & 0o777 for path in (file, file.parent)]
            (file.parent / "beside").write_text("what a program has put there")
            assert file.read_bytes() == b"a secret"
            assert file.parent.parent == place
    finally:
        os.umask(before)
    assert modes == [0o600, 0o700]
    assert not list(place.iterdir())


@pytest.mark.parametrize("runtime", ["", "/no/such/folder"])
def test_without_a_runtime_folder_it_is_among_the_temporary_ones(
    place: Path, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with private_file("secret", b"", {"XDG_RUNTIME_DIR": runtime}) as file:
        assert file.parent.parent == place


@pytest.mark.parametrize("mode", [0o770, 0o1777])
def test_a_runtime_folder_that_others_may_write_to_is_none(place: Path, mode: int) -> None:
    place.chmod(mode)
    assert private_base({"XDG_RUNTIME_DIR": str(place)}) is None
    place.chmod(0o700)
    assert private_base({"XDG_RUNTIME_DIR": str(place)}) == place
    assert private_base({"XDG_RUNTIME_DIR": os.path.relpath(place)}) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_nor_is_that_of_another_user(place: Path) -> None:
    place.chmod(0o700)
    os.chown(place, 12_345, 12_345)
    assert private_base({"XDG_RUNTIME_DIR": str(place)}) is None


def test_where_nothing_can_be_locked_there_is_a_folder_too(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def flock(_descriptor: int, _how: int) -> None:
        asked.append(1)
        if len(asked) > 3:
            raise RuntimeError("it would go on for ever")
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", flock)
    with temporary_folder(PRIVATE_PREFIX, place) as folder:
        remove_abandoned(PRIVATE_PREFIX, place)
        assert folder.exists()
    assert not list(place.iterdir())


def test_what_a_killed_program_leaves_is_removed_and_what_another_uses_is_not(
    place: Path,
) -> None:
    env = {**os.environ, "XDG_RUNTIME_DIR": str(place)}
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    left = Path(other.stdout.readline().strip())
    with temporary_folder(PRIVATE_PREFIX, place) as used:
        assert abandoned_folders(PRIVATE_PREFIX, place) == []
        other.send_signal(signal.SIGKILL)
        other.communicate()
        assert left.read_text() == "a secret"
        assert abandoned_folders(PRIVATE_PREFIX, place) == [left.parent]
        remove_abandoned(PRIVATE_PREFIX, place)
        assert list(place.iterdir()) == [used]


def test_only_folders_of_that_name_are_ours_to_remove(place: Path) -> None:
    (elsewhere := place / "elsewhere").mkdir()
    (elsewhere / "kept").touch()
    (place / f"{PRIVATE_PREFIX}link").symlink_to(elsewhere)
    (place / f"{PRIVATE_PREFIX}file").touch()
    (place / "opsboard-another").mkdir()
    before = sorted(place.rglob("*"))
    assert abandoned_folders(PRIVATE_PREFIX, place) == []
    remove_abandoned(PRIVATE_PREFIX, place)
    remove_abandoned(PRIVATE_PREFIX, place / "missing")
    assert sorted(place.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_folders_of_other_users_stay(place: Path) -> None:
    (theirs := place / f"{PRIVATE_PREFIX}theirs").mkdir()
    os.chown(theirs, 12_345, 12_345)
    remove_abandoned(PRIVATE_PREFIX, place)
    assert theirs.exists()
