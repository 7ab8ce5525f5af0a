"""A kept frame is painted only where its file is this user's alone and its evidence holds."""

import os
from pathlib import Path

import pytest

from opsboard.config.paths import user_paths
from opsboard.startup.frame_evidence import MAX_FILE_BYTES, circumstances, digest_of
from opsboard.startup.frame_file import (
    FOLDER,
    MAX_AGE,
    MAX_BYTES,
    SUFFIX,
    Evidence,
    FrameError,
    KeptFrame,
    cache_folder,
    load_frame,
)
from tests.startup.test_frame_format import NOW, frame

KEY = "k" * 64
ENV = {"TOKEN": "secret-token"}


@pytest.fixture
def login(tmp_path: Path) -> Path:
    """Return the file of a login."""
    file = tmp_path / "login"
    file.write_text("alice")
    return file


@pytest.fixture
def file(tmp_path: Path, login: Path) -> Path:
    """Keep a frame; return its file."""
    folder = tmp_path / FOLDER
    folder.mkdir(mode=0o700)
    files = (str(login), str(tmp_path / "none"))
    evidence = Evidence.found(("TOKEN", "OTHER"), files, "salt", ENV)
    file = folder / f"{KEY}{SUFFIX}"
    file.write_bytes(KeptFrame(KEY, NOW, evidence, frame()).packed())
    file.chmod(0o600)
    return file


def load(file: Path, env: dict[str, str] | None = None, now: float = NOW + 60) -> KeptFrame:
    return load_frame(str(file.parents[1]), ("other", KEY), ENV if env is None else env, now)


def test_a_frame_whose_evidence_holds_is_loaded(file: Path) -> None:
    kept = load(file)
    assert kept.at == NOW
    assert "web" in kept.frame.painted(NOW)
    assert "secret-token" not in file.read_text()
    assert "alice" not in file.read_text()


@pytest.mark.parametrize("env", [{}, {"TOKEN": "x"}, {**ENV, "OTHER": ""}])
def test_another_variable_is_another_login(file: Path, env: dict[str, str]) -> None:
    with pytest.raises(FrameError, match="changed"):
        load(file, env)


def test_another_file_is_another_login(file: Path, login: Path) -> None:
    login.write_text("bob")
    with pytest.raises(FrameError, match="changed"):
        load(file)
    login.unlink()
    with pytest.raises(FrameError, match="changed"):
        load(file)


def test_a_file_that_comes_is_another_login(file: Path, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("")
    with pytest.raises(FrameError, match="changed"):
        load(file)


def test_a_login_that_is_no_plain_file_is_not_read(file: Path, login: Path) -> None:
    login.unlink()
    os.mkfifo(login)
    with pytest.raises(FrameError, match="no plain file"):
        load(file)


def test_a_huge_login_is_none(file: Path, login: Path) -> None:
    with login.open("wb") as opened:
        opened.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(FrameError, match="more than"):
        load(file)


def test_a_time_that_is_none_is_not_believed(file: Path) -> None:
    text = file.read_text().rpartition("\x1d")[0].replace(f"{NOW:.0f}", "9" * 400, 1)
    file.write_text(f"{text}\x1d{digest_of((text,))}")
    with pytest.raises(FrameError, match="believed"):
        load(file)


@pytest.mark.parametrize("now", [NOW + MAX_AGE + 1, NOW - 60])
def test_a_frame_of_another_day_or_of_the_future_is_not_painted(file: Path, now: float) -> None:
    with pytest.raises(FrameError, match="too old"):
        load(file, now=now)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_a_file_that_others_may_touch_is_not_painted(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(FrameError, match="this user alone"):
        load(file)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_nor_is_one_in_a_folder_that_others_may_touch(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    with pytest.raises(FrameError, match="this user alone"):
        load(file)


def test_no_link_is_followed(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    file.rename(other)
    file.symlink_to(other)
    with pytest.raises(FrameError, match="cannot be opened"):
        load(file)
    file.unlink()
    file.hardlink_to(other)
    with pytest.raises(FrameError, match="no plain file"):
        load(file)


def test_nor_a_link_in_place_of_the_folder(file: Path, tmp_path: Path) -> None:
    file.parent.rename(tmp_path / "elsewhere")
    (tmp_path / FOLDER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FrameError, match="cannot be opened"):
        load(file)


def test_a_fifo_keeps_nobody_waiting(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(FrameError, match="no plain file"):
        load(file)


def test_a_huge_file_is_not_read(file: Path) -> None:
    with file.open("ab") as opened:
        opened.truncate(MAX_BYTES + 1)
    with pytest.raises(FrameError, match="no plain file"):
        load(file)


def test_every_damage_is_noticed(file: Path) -> None:
    content = file.read_bytes()
    step = max(1, len(content) // 60)
    for at in range(0, len(content), step):
        for damaged in (content[:at], content[:at] + b"\x1b" + content[at + 1 :]):
            file.write_bytes(damaged)
            with pytest.raises(FrameError):
                load(file)


def test_a_frame_under_another_name_is_not_painted(file: Path) -> None:
    file.rename(file.with_name(f"other{SUFFIX}"))
    with pytest.raises(FrameError, match="another terminal"):
        load(file)


def test_where_there_is_none_that_is_told(file: Path, tmp_path: Path) -> None:
    file.unlink()
    with pytest.raises(FrameError, match="none is kept"):
        load(file)
    file.parent.rmdir()
    with pytest.raises(FrameError, match="none has been kept"):
        load(file)
    file.parent.write_text("a file")
    with pytest.raises(FrameError, match="cannot be opened"):
        load(file)


def test_names_that_cannot_be_kept_are_refused() -> None:
    for names in (("a\x1fb",), ("a\x1db",), ("\udcff",)):
        evidence = Evidence(names, (), "salt", "digest")
        with pytest.raises(ValueError, match=r"."):
            KeptFrame(KEY, NOW, evidence, frame()).packed()


CHANGES: list[tuple[str, dict[str, str]]] = [
    ("another terminal", {"TERM": "vt100"}),
    ("no colours", {"NO_COLOR": "1"}),
    ("true colours", {"COLORTERM": "truecolor"}),
    ("another locale", {"LC_ALL": "C"}),
    ("another language", {"LANG": "de_DE.UTF-8"}),
    ("another home", {"HOME": "/root"}),
    ("another time zone", {"TZ": "UTC"}),
    ("another config", {"OPSBOARD_CONFIG": "/etc/opsboard.toml"}),
    ("another folder of configs", {"XDG_CONFIG_HOME": "/etc"}),
]


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[n for n, _ in CHANGES])
def test_what_changes_the_look_changes_the_circumstances(change: dict[str, str]) -> None:
    env = {"TERM": "xterm-256color", "HOME": "/home/me", "SHLVL": "1"}
    before = circumstances((), env, (80, 24), "")
    assert circumstances((), {**env, "SHLVL": "2"}, (80, 24), "") == before
    assert circumstances((), {**env, **change}, (80, 24), "") != before


def test_so_do_the_size_the_command_line_and_the_folder() -> None:
    keys = [
        circumstances((), {}, (80, 24), ""),
        circumstances((), {}, (80, 25), ""),
        circumstances((), {}, (80, 24), "/work"),
        circumstances(("--ascii",), {}, (80, 24), ""),
        circumstances(("--read-only",), {}, (80, 24), ""),
        circumstances(("--theme", "light"), {}, (80, 24), ""),
        circumstances(("--theme light",), {}, (80, 24), ""),
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": "/home/me"},
        {"HOME": "/home/me/", "XDG_CACHE_HOME": ""},
        {"HOME": "/home/me", "XDG_CACHE_HOME": "/var/me"},
        {"HOME": "/home/me", "XDG_CACHE_HOME": " /var/me "},
    ],
)
def test_the_folder_is_that_of_the_cache(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert Path(cache_folder(env)) == user_paths().cache


def test_without_a_home_there_is_no_folder() -> None:
    assert cache_folder({}) == cache_folder({"HOME": "here"}) == ""
