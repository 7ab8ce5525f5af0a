"""The first frame believes the last session as long as nothing that tells a login has changed."""

import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from opsboard.adapter import (
    Adapter,
    Context,
    Discovery,
    HostEnviron,
    LoginInputs,
    Source,
    SourceSettings,
)
from opsboard.board.cache import BoardCache
from opsboard.board.events import SourceInfo
from opsboard.config.paths import digest
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import UiSettings
from opsboard.startup import first_frame as module
from opsboard.startup.first_frame import FirstFrame, load_first_frame
from opsboard.startup.login_fingerprint import MAX_FILE_BYTES
from opsboard.startup.login_keys import fingerprint_logins, login_key
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from opsboard.system.secrets import Secret
from tests.board import NOW

WORKSPACE = "config here"


class Declaring(Adapter[SourceSettings]):
    """Has its login in its settings: it need not say more."""

    name = "plain"
    title = "Plain"
    settings = SourceSettings
    kinds = frozenset()

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        return ()

    @classmethod
    def connect(
        cls, settings: SourceSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        raise NotImplementedError


class Plain(Declaring):
    """Its login is in a variable and in a file below the home folder."""

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        return LoginInputs(variables=("TOKEN",), files=(host_environ.home / "login",))


class Shared(Plain):
    """Its login is one line of a file with many."""

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        file = host_environ.home / "login"
        return LoginInputs(shared_files=(file,), identity=file.read_text().splitlines()[0])


class Relative(Plain):
    """Its login is in the working folder."""

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        return LoginInputs(files=(Path("login"),))


class Failing(Plain):
    """Does not know where its login comes from."""

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        raise RuntimeError("I am nobody")


class Wrong(Plain):
    """Says something else."""

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        return "me"  # type: ignore[return-value]


class SecretSettings(SourceSettings):
    """Settings that say where a secret is."""

    token: Secret


@pytest.fixture
def around(tmp_path: Path) -> HostEnviron:
    """Return host environment with a login in them, and a config file."""
    (tmp_path / "login").write_text("alice")
    (tmp_path / "config.toml").write_text("[sources]\n")
    env = {"TOKEN": "secret-token", "SHLVL": "1"}
    return HostEnviron(env=env, home=tmp_path, cwd=tmp_path / "work")


def _session(
    around: HostEnviron,
    adapter: type[Adapter[SourceSettings]] = Plain,
    settings: SourceSettings | None = None,
) -> str:
    """Keep what a session finds out; return the snapshot."""
    source = ResolvedSource("one", adapter, settings or SourceSettings())
    keys, fingerprint = fingerprint_logins([source], around)
    prefs = UiSettings(theme="light", keys={"app.quit": ("Q",)})
    said = StartupSettings(
        digest("[sources]\n"), prefs, {"production": ("live-*",)}, read_only=True, demo=True
    )
    snapshot = StartupSnapshot(said, fingerprint).to_json() if fingerprint else ""
    cache = BoardCache(around.home / "cache")
    cache.save_sources(WORKSPACE, {"one": SourceInfo("One", keys["one"])}, NOW, snapshot)
    cache.close()
    return snapshot


def _load(around: HostEnviron, workspace: str = WORKSPACE) -> FirstFrame | None:
    return load_first_frame(around.home / "cache", workspace, around.home / "config.toml", around)


def test_what_the_config_said_is_loaded(around: HostEnviron) -> None:
    _session(around)
    first_frame = _load(around)
    assert first_frame is not None
    assert len(first_frame.keys) == 1
    said = first_frame.settings
    assert (said.ui_prefs.theme, said.ui_prefs.mouse, said.read_only) == ("light", True, True)
    assert said.demo
    assert dict(said.ui_prefs.keys) == {"app.quit": ["Q"]}
    assert dict(said.environments) == {"production": ["live-*"]}


def test_what_nobody_looked_at_may_change(around: HostEnviron) -> None:
    _session(around)
    other = replace(around, env={**around.env, "SHLVL": "2"}, cwd=Path("/elsewhere"))
    assert _load(other) is not None


def test_another_token_is_another_login(around: HostEnviron) -> None:
    _session(around)
    assert _load(replace(around, env={"TOKEN": "other"})) is None
    assert _load(replace(around, env={})) is None


def test_another_login_in_the_file_is_another_login(around: HostEnviron) -> None:
    _session(around)
    (around.home / "login").write_text("bob")
    assert _load(around) is None
    (around.home / "login").unlink()
    assert _load(around) is None


def test_another_config_is_read_first(around: HostEnviron) -> None:
    _session(around)
    (around.home / "config.toml").write_text("[sources] # and more\n")
    assert _load(around) is None
    (around.home / "config.toml").unlink()
    assert _load(around) is None


def test_another_place_knows_nothing(around: HostEnviron) -> None:
    _session(around)
    assert _load(around, "config there") is None


@pytest.mark.parametrize("adapter", [Failing, Wrong])
def test_without_a_declared_login_nothing_is_painted_and_nothing_cached(
    around: HostEnviron, adapter: type[Plain]
) -> None:
    assert _session(around, adapter) == ""
    assert _load(around) is None
    assert login_key(ResolvedSource("one", adapter, SourceSettings()), around) == ""


def test_of_a_shared_file_only_the_own_part_names_the_login(around: HostEnviron) -> None:
    source = ResolvedSource("one", Shared, SourceSettings())
    key = login_key(source, around)
    _session(around, Shared)
    (around.home / "login").write_text("alice\nbob")
    assert _load(around) is None, "whose part has changed is known once the adapter is asked"
    assert login_key(source, around) == key
    (around.home / "login").write_text("bob\nalice")
    assert login_key(source, around) != key


def test_a_relative_file_is_that_of_the_folder_in_which_one_starts(around: HostEnviron) -> None:
    around.cwd.mkdir()
    (around.cwd / "login").write_text("alice")
    _session(around, Relative)
    assert _load(around) is not None
    assert _load(replace(around, cwd=around.home / "elsewhere")) is None


def test_another_home_is_another_user(around: HostEnviron) -> None:
    _session(around)
    other = replace(around, home=around.home / "other")
    assert (
        load_first_frame(around.home / "cache", WORKSPACE, around.home / "config.toml", other)
        is None
    )


@pytest.mark.parametrize("where", ["env", "file"])
def test_where_a_secret_of_the_settings_comes_from_is_declared_by_that(
    around: HostEnviron, where: str
) -> None:
    name = "TOKEN" if where == "env" else str(around.home / "login")
    settings = SecretSettings.model_validate({"token": {where: name}})
    source = ResolvedSource("one", Declaring, settings)
    key = login_key(source, around)
    _session(around, Declaring, settings)
    assert _load(around) is not None
    (around.home / "login").write_text("bob")
    other = replace(around, env={"TOKEN": "bob"})
    assert _load(other) is None
    assert login_key(source, other) != key


def test_a_file_that_is_too_large_to_be_a_login_is_none(around: HostEnviron) -> None:
    with (around.home / "login").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    assert _session(around) == ""
    assert _load(around) is None


def test_no_secret_is_kept(around: HostEnviron) -> None:
    snapshot = _session(around)
    assert "TOKEN" in snapshot
    assert "secret-token" not in snapshot
    assert "alice" not in snapshot


@pytest.mark.parametrize("snapshot", ["x", "{}", "[]", '{"ui_prefs": [], "fingerprint": {}}'])
def test_a_snapshot_that_cannot_be_read_is_none(around: HostEnviron, snapshot: str) -> None:
    cache = BoardCache(around.home / "cache")
    cache.save_sources(WORKSPACE, {"one": SourceInfo("One", "key")}, NOW, snapshot)
    cache.close()
    assert _load(around) is None


def test_a_file_that_does_not_answer_keeps_nobody_waiting(
    around: HostEnviron, monkeypatch: pytest.MonkeyPatch
) -> None:
    _session(around)
    (around.home / "login").unlink()
    os.mkfifo(around.home / "login")
    monkeypatch.setattr(module, "LOAD_TIMEOUT", 0.05)
    assert _load(around) is None
    os.close(os.open(around.home / "login", os.O_RDWR | os.O_NONBLOCK))  # lets the reader go
