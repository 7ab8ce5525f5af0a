"""A file that says which commands to run is believed only where nobody else may change it."""

import os
import stat
from pathlib import Path

import pytest

from opsboard.system.file_trust import (
    FileFacts,
    FileReader,
    find_trust_problem,
    others_may_read,
    trust_problem_of,
)

ME, OTHER, OWN, SHARED = 1_000, 1_001, 1_000, 100
READER = FileReader(ME, lambda gid: gid in {0, OWN})
FILE, FOLDER = stat.S_IFREG, stat.S_IFDIR


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "good"),
    [
        (FILE | 0o600, ME, OWN, True),
        (FILE | 0o644, ME, SHARED, True),
        (FILE | 0o644, 0, 0, True),
        (FILE | 0o664, ME, OWN, True),
        (FILE | 0o664, 0, 0, True),
        (FILE | 0o664, ME, SHARED, False),
        (FILE | 0o664, 0, SHARED, False),
        (FILE | 0o646, ME, OWN, False),
        (FILE | 0o602, ME, OWN, False),
        (FILE | 0o1602, ME, OWN, False),
        (FILE | 0o600, OTHER, OWN, False),
        (FILE | 0o400, OTHER, SHARED, False),
        (FOLDER | 0o700, ME, OWN, True),
        (FOLDER | 0o755, 0, 0, True),
        (FOLDER | 0o775, ME, OWN, True),
        (FOLDER | 0o775, ME, SHARED, False),
        (FOLDER | 0o777, ME, OWN, False),
        (FOLDER | 0o777, 0, 0, False),
        (FOLDER | 0o1777, 0, 0, True),
        (FOLDER | 0o1777, OTHER, OWN, False),
        (FOLDER | 0o755, OTHER, OWN, False),
    ],
)
def test_who_may_write_decides(mode: int, uid: int, gid: int, good: bool) -> None:
    why = trust_problem_of(FileFacts(Path("/x"), mode, uid, gid), READER)
    assert (why is None) is good
    if why is not None:
        assert "/x" in why.reason
        assert why.hint


def test_a_group_of_ones_own_is_none_where_an_acl_opens_the_file() -> None:
    found = FileFacts(Path("/x"), FILE | 0o664, ME, OWN, has_acl=True)
    assert trust_problem_of(found, READER) is not None


def test_what_cannot_be_changed_at_all_is_fine() -> None:
    found = FileFacts(Path("/x"), FOLDER | 0o777, 0, 0, read_only=True)
    assert trust_problem_of(found, READER) is None


def _mine() -> FileReader:
    return FileReader(os.geteuid(), lambda gid: gid == os.getegid())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o700)
    file = folder / "config.toml"
    file.write_text("")
    file.chmod(0o600)
    return file


def test_a_file_of_ones_own(file: Path) -> None:
    assert find_trust_problem(file, _mine()) is None
    assert find_trust_problem(file.parent / "none", _mine()) is None


def test_a_file_and_a_folder_that_all_may_write_to(file: Path) -> None:
    file.chmod(0o666)
    assert "config.toml" in str(find_trust_problem(file, _mine()))
    file.chmod(0o600)
    file.parent.chmod(0o777)
    assert f"may write to {file.parent}" in str(find_trust_problem(file, _mine()))
    file.parent.chmod(0o1777)
    assert find_trust_problem(file, _mine()) is None


def test_a_folder_further_up(file: Path) -> None:
    file.parent.parent.chmod(0o777)
    assert f"may write to {file.parent.parent}" in str(find_trust_problem(file, _mine()))


@pytest.mark.parametrize("relative", [True, False])
def test_a_link_is_no_way_around(file: Path, tmp_path: Path, relative: bool) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(Path("etc/config.toml") if relative else file)
    assert find_trust_problem(link, _mine()) is None
    file.chmod(0o666)
    assert "config.toml" in str(find_trust_problem(link, _mine())), "the real file is judged"
    file.chmod(0o600)
    file.parent.chmod(0o777)
    assert str(file.parent) in str(find_trust_problem(link, _mine())), "and its folder"


def test_a_link_on_the_way_is_judged_by_its_folder_too(file: Path, tmp_path: Path) -> None:
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    open_folder.chmod(0o777)
    (open_folder / "way").symlink_to(file.parent)
    assert str(open_folder) in str(find_trust_problem(open_folder / "way" / "config.toml", _mine()))
    roundabout = open_folder / "way" / ".." / "etc" / "config.toml"
    assert str(open_folder) in str(find_trust_problem(roundabout, _mine()))


def test_a_link_to_itself_comes_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert find_trust_problem(tmp_path / "loop", _mine()) is None


def test_who_may_read(file: Path) -> None:
    assert not others_may_read(file, _mine())
    file.chmod(0o640)
    assert not others_may_read(file, _mine())
    assert others_may_read(file, FileReader(os.geteuid(), lambda _: False))
    file.chmod(0o604)
    assert others_may_read(file, _mine())
    assert not others_may_read(file.parent / "none", _mine())
