"""``doctor`` sees whether the head of the audit trail can be noted elsewhere, before an act."""

from collections.abc import Callable
from pathlib import Path

import pytest

from opsboard.cli import main
from opsboard.system.temporary_folders import PRIVATE_PREFIX, temporary_folder

Run = Callable[..., tuple[int, str, str]]

HEAD = "1 " + "0" * 64 + "\n"


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(audit: str) -> tuple[int, str, str]:
        file = tmp_path / "config.toml"
        file.write_text(f'[audit]\n{audit}\n[sources.here]\nadapter = "command"\n')
        code = main(["doctor", "--config", str(file)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.mark.parametrize("noted", [None, HEAD])
def test_a_place_that_is_there_is_fine(doctor: Run, tmp_path: Path, noted: str | None) -> None:
    far = tmp_path / "far.head"
    if noted is not None:
        far.write_text(noted)
    code, out, _ = doctor(f'head_file = "{far}"\nrequired = true')
    assert (code, "head_file: can be noted" in out) == (0, True)
    assert far.exists() is (noted is not None), "nothing is written"


@pytest.mark.parametrize(("required", "code"), [("false", 0), ("true", 2)])
def test_a_folder_that_is_not_there_is_told(
    doctor: Run, tmp_path: Path, required: str, code: int
) -> None:
    folder = tmp_path / "nowhere"
    told, out, _ = doctor(f'head_file = "{folder}/{{user}}@{{host}}.head"\nrequired = {required}')
    assert told == code, "only what is required stands in the way of acts"
    assert f"head_file: {folder}: there is no such folder" in out
    assert "hint: create it" in out


@pytest.mark.parametrize("content", ["", "no head", "1 " + "x" * 64])
def test_what_is_no_head_is_told(doctor: Run, tmp_path: Path, content: str) -> None:
    far = tmp_path / "far.head"
    far.write_text(content)
    code, out, _ = doctor(f'head_file = "{far}"\nrequired = true')
    assert (code, "head_file: holds no head: " in out) == (2, True)


def test_what_a_killed_program_has_left_is_told(
    doctor: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / f"{PRIVATE_PREFIX}left"
    left.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with temporary_folder(PRIVATE_PREFIX, tmp_path) as used:
        code, _, err = doctor("required = false")
    assert code == 0
    assert f"private files: {left} was left by an opsboard that was killed" in err
    assert str(used) not in err
    assert left.exists(), "it only looks"


def test_a_folder_in_its_place_is_told(doctor: Run, tmp_path: Path) -> None:
    code, out, _ = doctor(f'head_file = "{tmp_path}"\nrequired = true')
    assert (code, "failed" in out) == (2, True)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("rel/a.head", "must be a whole path"),
        ("/mnt/{usr}.head", "knows no {usr}: write {user} or {host}"),
        ("/mnt/{}.head", "knows no {}"),
    ],
)
def test_a_place_that_cannot_be_meant_is_a_fault(doctor: Run, file: str, said: str) -> None:
    code, _, err = doctor(f'head_file = "{file}"')
    assert code == 64
    assert "config.toml:2: audit.head_file: " in err
    assert said in err
