"""``doctor`` tells whether the next start is as quick as it can be, and why not."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from opsboard.commands import doctor_start
from opsboard.commands.doctor_start import start_checks
from opsboard.config.paths import user_paths
from opsboard.records import Status
from opsboard.startup.frame_evidence import circumstances
from opsboard.startup.frame_file import FOLDER, SUFFIX, Evidence, KeptFrame
from opsboard.startup.frame_format import StoredFrame


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep a frame for this terminal; return its file."""
    monkeypatch.setattr(doctor_start, "PACKAGES", ())
    size = shutil.get_terminal_size()
    key = circumstances(("--config", "/c.toml"), os.environ, (size.columns, size.lines), "")
    folder = user_paths().cache / FOLDER
    folder.mkdir(mode=0o700, parents=True)
    evidence = Evidence.found((), (str(tmp_path / "login"),), "salt", os.environ)
    frame = StoredFrame(size.columns, size.lines, [[("", "x")]] * size.lines, ())
    file = folder / f"{key}{SUFFIX}"
    now = (tmp_path).stat().st_mtime
    file.write_bytes(KeptFrame(key, now, evidence, frame).packed())
    file.chmod(0o600)
    return file


def _first(config: str = "/c.toml", *, first_frame: bool = True) -> tuple[Status, str]:
    check, *_ = start_checks(Path(config), first_frame=first_frame)
    return check.status, check.message


def test_a_frame_that_is_painted_is_told(kept: Path) -> None:
    assert kept.exists()
    assert _first()[0] is Status.OK
    assert "is painted at once, from disk" in _first()[1]


def test_why_none_is_painted_is_told(kept: Path, tmp_path: Path) -> None:
    assert "none is kept for this terminal" in _first("/other.toml")[1]
    assert "turned off" in _first(first_frame=False)[1]
    kept.chmod(0o644)
    assert _first()[0] is Status.WARNING
    assert "not of this user alone" in _first()[1]
    kept.chmod(0o600)
    (tmp_path / "login").write_text("bob")
    assert _first()[0] is Status.OK
    assert "has changed since" in _first()[1]
    kept.unlink()
    kept.parent.rmdir()
    assert "none has been kept yet" in _first()[1]


def _package(folder: Path) -> Path:
    package = folder / "sample_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("x = 1\n")
    return package


def test_modules_that_are_not_compiled_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import compileall

    package = _package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(doctor_start, "PACKAGES", ("sample_package", "no_such_package"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    _, found, _ = start_checks(None, first_frame=True)
    assert (found.status, "2 modules are not compiled" in found.message) == (Status.OK, True)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _, found, _ = start_checks(None, first_frame=True)
    assert found.status is Status.WARNING
    assert "PYTHONDONTWRITEBYTECODE" in found.message
    assert f"compileall -q {package}" in found.hint
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(os, "access", lambda *_: False)
    _, found, _ = start_checks(None, first_frame=True)
    assert "their folder cannot be written" in found.message
    assert compileall.compile_dir(package, quiet=1)
    _, found, _ = start_checks(None, first_frame=True)
    assert (found.status, found.message) == (Status.OK, "all modules are compiled")


def test_a_state_that_cannot_be_kept_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_start, "PACKAGES", ())
    *_, check = start_checks(None, first_frame=False)
    assert (check.subject, check.status) == ("state", Status.OK)
    file = tmp_path / "no-folder"
    file.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(file))
    *_, check = start_checks(None, first_frame=False)
    assert check.status is Status.WARNING
    assert f"{file}/opsboard cannot be written: Not a directory" in check.message
    assert "every action is refused" in check.message
    assert file.read_text() == ""
