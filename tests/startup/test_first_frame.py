"""The first frame believes the last session as long as nothing that tells a login has changed."""

import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, Source, SourceSettings
from opsboard.board.cache import BoardCache
from opsboard.board.events import SourceInfo
from opsboard.config.paths import digest
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import UiSettings
from opsboard.startup import first_frame as module
from opsboard.startup.first_frame import FirstFrame, StartupSettings, load_first_frame
from opsboard.startup.login_keys import identify
from tests.board import NOW

PLACE = "config here"


class Plain(Adapter[SourceSettings]):
    """Its login is in a variable and in a file below the home folder."""

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

    @classmethod
    def identity(cls, settings: SourceSettings, host_environ: HostEnviron) -> str:
        file = host_environ.home / "login"
        return f"{host_environ.env.get('TOKEN')} {file.read_text() if file.exists() else ''}"

    @classmethod
    def login_files(cls, settings: SourceSettings, host_environ: HostEnviron) -> Sequence[Path]:
        return [host_environ.home / "login"]


class Silent(Plain):
    """Overrides how it tells a login, and not what it looks at."""

    @classmethod
    def identity(cls, settings: SourceSettings, host_environ: HostEnviron) -> str:
        return "me"


class Blind(Plain):
    """Looks at every variable there is."""

    @classmethod
    def identity(cls, settings: SourceSettings, host_environ: HostEnviron) -> str:
        return str(dict(host_environ.env))

    @classmethod
    def login_files(cls, settings: SourceSettings, host_environ: HostEnviron) -> Sequence[Path]:
        return []


@pytest.fixture
def around(tmp_path: Path) -> HostEnviron:
    """Return host environment with a login in them, and a config file."""
    (tmp_path / "login").write_text("alice")
    (tmp_path / "config.toml").write_text("[sources]\n")
    env = {"TOKEN": "secret-token", "SHLVL": "1"}
    return HostEnviron(env=env, home=tmp_path, cwd=tmp_path / "work")


def _session(around: HostEnviron, adapter: type[Adapter[SourceSettings]] = Plain) -> str:
    """Keep what a session finds out; return the seal."""
    source = ResolvedSource("one", adapter, SourceSettings())
    keys, fingerprint = identify([source], around)
    taste = UiSettings(theme="light", keys={"app.quit": ("Q",)})
    told = StartupSettings(
        digest("[sources]\n"), taste, {"production": ("live-*",)}, read_only=True, demo=True
    )
    sealed = told.sealed(fingerprint) if fingerprint else ""
    cache = BoardCache(around.home / "cache")
    cache.save_sources(PLACE, {"one": SourceInfo("One", keys["one"])}, NOW, sealed)
    cache.close()
    return sealed


def _load(around: HostEnviron, place: str = PLACE) -> FirstFrame | None:
    return load_first_frame(around.home / "cache", place, around.home / "config.toml", around)


def test_what_the_config_said_is_loaded(around: HostEnviron) -> None:
    _session(around)
    first_frame = _load(around)
    assert first_frame is not None
    assert len(first_frame.keys) == 1
    told = first_frame.settings
    assert (told.taste.theme, told.taste.mouse, told.read_only) == ("light", True, True)
    assert told.demo
    assert dict(told.taste.keys) == {"app.quit": ["Q"]}
    assert dict(told.environments) == {"production": ["live-*"]}


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


@pytest.mark.parametrize("adapter", [Silent])
def test_who_does_not_say_what_it_looks_at_is_asked(
    around: HostEnviron, adapter: type[Plain]
) -> None:
    assert _session(around, adapter) == ""
    assert _load(around) is None


def test_who_looks_at_everything_holds_for_nothing_else(around: HostEnviron) -> None:
    _session(around, Blind)
    assert _load(around) is not None
    assert _load(replace(around, env={**around.env, "SHLVL": "2"})) is None


def test_no_secret_is_kept(around: HostEnviron) -> None:
    sealed = _session(around)
    assert "TOKEN" in sealed
    assert "secret-token" not in sealed
    assert "alice" not in sealed


@pytest.mark.parametrize("sealed", ["x", "{}", "[]", '{"told": {}, "fingerprint": {}}'])
def test_a_snapshot_that_cannot_be_read_is_none(around: HostEnviron, sealed: str) -> None:
    cache = BoardCache(around.home / "cache")
    cache.save_sources(PLACE, {"one": SourceInfo("One", "key")}, NOW, sealed)
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
