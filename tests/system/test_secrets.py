"""Secrets come from where the config says, and are never shown."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from opsboard.system import secrets as module
from opsboard.system.secrets import Secret, SecretError, available_secrets
from tests.patience import PATIENCE


class Settings(BaseModel):
    token: Secret


def _settings(token: object) -> Settings:
    return Settings.model_validate({"token": token})


async def test_literal_is_masked_everywhere_but_where_it_is_used() -> None:
    settings = _settings("hunter2")
    assert await settings.token.resolve({}) == "hunter2"
    assert "hunter2" not in f"{settings!r}{settings}{settings.model_dump_json()}"


async def test_environment() -> None:
    settings = _settings({"env": "TOKEN"})
    assert await settings.token.resolve({"TOKEN": " hunter2\n"}) == "hunter2"
    with pytest.raises(SecretError, match="TOKEN is not set"):
        await settings.token.resolve({})


async def test_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    settings = _settings({"file": str(file)})
    with pytest.raises(SecretError, match="No such file"):
        await settings.token.resolve({})
    file.write_text("")
    with pytest.raises(SecretError, match="is empty"):
        await settings.token.resolve({})
    file.write_text("hunter2\n")
    assert await settings.token.resolve({}) == "hunter2"


async def test_command() -> None:
    prints = _settings({"command": [sys.executable, "-c", "print('hunter2')"]})
    assert await prints.token.resolve({}) == "hunter2"


async def test_a_failing_command_keeps_what_it_printed_to_itself() -> None:
    fails = _settings({"command": [sys.executable, "-c", "print('hunter2'); exit(3)"]})
    with pytest.raises(SecretError, match="exit code 3") as caught:
        await fails.token.resolve({})
    assert "hunter2" not in str(caught.value)


async def test_a_missing_command() -> None:
    with pytest.raises(SecretError, match="cannot run"):
        await _settings({"command": ["no-such-program"]}).token.resolve({})


async def test_a_hanging_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMAND_TIMEOUT", 0.05)
    hangs = _settings(
        {"command": [sys.executable, "-c", "input_never = __import__('signal').pause()"]}
    )
    with pytest.raises(SecretError, match="did not finish"):
        await hangs.token.resolve({})


@pytest.mark.parametrize("token", [{}, {"env": "A", "file": "b"}, {"nev": "A"}])
def test_exactly_one_origin(token: object) -> None:
    with pytest.raises(ValidationError):
        _settings(token)


async def test_a_command_that_nobody_waits_for_any_more_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = f"import os, time; open({str(told)!r}, 'w').write(f'{{os.getpid()}}.'); time.sleep(60)"
    asking = asyncio.create_task(
        _settings({"command": [sys.executable, "-c", script]}).token.resolve({})
    )
    async with asyncio.timeout(PATIENCE):
        while not (told.exists() and told.read_text().endswith(".")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # the program is another process: there is no event
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text().rstrip(".")), 0)


def test_a_login_is_told_apart_by_the_file_that_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "token"
    settings = _settings({"file": str(file)})
    assert list(available_secrets(settings, {})) == [""]
    told = []
    for token in ("alice", "bob"):
        file.write_text(token)
        told.append(list(available_secrets(settings, {})))
    assert told == [["", "alice"], ["", "bob"]]


WINDOWS = {
    "a mark": "\ufeffhunter2".encode(),
    "CRLF": b"hunter2\r\n",
    "UTF-16 of PowerShell": "\ufeffhunter2\r\n".encode("utf-16-le"),
    "UTF-16 without a mark": "hunter2\r\n".encode("utf-16-le"),
    "UTF-16 of others": "\ufeffhunter2".encode("utf-16-be"),
    "end of file of DOS": b"hunter2\r\n\x1a",
    "padding": b"hunter2\0\0\0\0",
    "a no-break space": " hunter2\u00a0".encode(),
}
NO_SECRETS = {
    "two lines": (b"hunter2\nhunter3\n", "has 2 lines"),
    "two lines of Windows": ("\ufeffhunter2\r\nhunter3".encode("utf-16-le"), "has 2 lines"),
    "a NUL": (b"hun\0ter2", "an invisible character (position 4)"),
    "an escape": (b"\x1b[31mhunter2", "an invisible character (position 1)"),
    "a zero-width space": ("hunter2\u200bx".encode(), "an invisible character (position 8)"),
    "Windows-1252": ("hunter2\u00fc".encode("cp1252"), "is not UTF-8 text (line 1, byte 8)"),
    "half a UTF-16": (b"\xff\xfeh\0u", "is not UTF-16 text (byte 3)"),
}


def _ways(data: bytes, folder: Path) -> dict[str, Settings]:
    file = folder / "token"
    file.write_bytes(data)
    prints = [sys.executable, "-c", f"import sys; sys.stdout.buffer.write({data!r})"]
    return {str(file): _settings({"file": str(file)}), prints[0]: _settings({"command": prints})}


@pytest.mark.parametrize("kind", WINDOWS)
async def test_a_secret_as_windows_writes_it(kind: str, tmp_path: Path) -> None:
    for settings in _ways(WINDOWS[kind], tmp_path).values():
        assert await settings.token.resolve({}) == "hunter2"


@pytest.mark.parametrize("kind", NO_SECRETS)
async def test_what_is_no_secret_is_refused_and_not_repeated(kind: str, tmp_path: Path) -> None:
    data, why = NO_SECRETS[kind]
    for where, settings in _ways(data, tmp_path).items():
        with pytest.raises(SecretError) as caught:
            await settings.token.resolve({})
        assert why in str(caught.value)
        assert where in str(caught.value)
        assert not any(part in str(caught.value) for part in ("hunter", "\x1b", "\0"))


async def test_a_variable_is_as_strict() -> None:
    settings = _settings({"env": "TOKEN"})
    assert await settings.token.resolve({"TOKEN": "\ufeffhunter2\r"}) == "hunter2"
    with pytest.raises(SecretError, match="variable TOKEN has 2 lines"):
        await settings.token.resolve({"TOKEN": "hunter2\r\nhunter3"})
    with pytest.raises(SecretError, match="variable TOKEN has an invisible character"):
        await settings.token.resolve({"TOKEN": "hunter2\udcffx"})


async def test_a_private_key_keeps_its_lines(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"
    for settings in _ways(key.replace("\n", "\r\n").encode("utf-16"), tmp_path).values():
        assert await settings.token.resolve({}) == key
