"""Discovery asks all adapters, and survives each of them."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, Source, SourceSettings
from opsboard.config import discovery as module
from opsboard.config.broken_source import BrokenSourceAdapter
from opsboard.config.discovery import discover
from tests.patience import PATIENCE

NOWHERE = HostEnviron(env={}, home=Path("/nonexistent"), cwd=Path("/nonexistent"))


def _adapter(
    word: str, *found: Discovery | Exception, hangs: bool = False
) -> type[Adapter[SourceSettings]]:
    class Found(Adapter[SourceSettings]):
        name = word
        title = word.title()
        settings = SourceSettings
        kinds = frozenset()

        @classmethod
        async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
            if hangs:
                await asyncio.Event().wait()
            for item in found:
                if isinstance(item, Exception):
                    raise item
            return [item for item in found if isinstance(item, Discovery)]

        @classmethod
        def connect(
            cls, settings: SourceSettings, context: Context
        ) -> AbstractAsyncContextManager[Source]:
            raise NotImplementedError

    return Found


async def test_names_become_unique() -> None:
    found = Discovery("prod", "here", SourceSettings())
    adapters = {"a": _adapter("a", found), "b": _adapter("b", found)}
    sources = await discover(adapters, NOWHERE)
    assert [source.name for source in sources] == ["prod", "prod-2"]
    assert [source.adapter for source in sources] == list(adapters.values())


async def test_what_lacks_a_login_stands_as_unusable() -> None:
    missing = Discovery("ci", "git remote", None, "run gh auth login")
    (source,) = await discover({"a": _adapter("a", missing)}, NOWHERE)
    assert source.adapter is BrokenSourceAdapter
    assert "gh auth login" in str(source.settings)


FINE = Discovery("fine", "here", SourceSettings())


async def test_who_blocks_and_will_not_be_told_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    class Blocks(BrokenSourceAdapter):
        title = "Blocks"

        @classmethod
        async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
            let_go.wait(PATIENCE)
            return ()

    monkeypatch.setattr(module, "TIMEOUT", 0.05)
    try:
        (blocked,) = await discover({"blocks": Blocks}, NOWHERE)
    finally:
        let_go.set()
    assert "no end within 0.05 s" in str(blocked.settings)
    assert "configure Blocks instead" in str(blocked.settings)


async def test_who_blocks_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is let go by another one, that would come after it if they were asked in turn."""
    monkeypatch.setattr(module, "TIMEOUT", PATIENCE)
    let_go = threading.Event()

    class Blocks(BrokenSourceAdapter):
        @classmethod
        async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
            return [FINE] if let_go.wait(PATIENCE / 2) else ()

    class LetsGo(BrokenSourceAdapter):
        @classmethod
        async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
            let_go.set()
            return [FINE]

    sources = await discover({"blocks": Blocks, "lets go": LetsGo}, NOWHERE)
    assert [one.name for one in sources] == ["fine", "fine-2"]


async def test_who_dawdles_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.01)
    (slow,) = await discover({"slow": _adapter("slow", hangs=True)}, NOWHERE)
    assert (slow.name, slow.adapter) == ("slow", BrokenSourceAdapter)
    assert "no end within 0.01 s" in str(slow.settings)


async def test_failures_and_dawdling_do_not_hide_the_others() -> None:
    sources = await discover(
        {
            "slow": _adapter("slow", TimeoutError()),
            "bad": _adapter("bad", RuntimeError("x")),
            "good": _adapter("good", FINE),
        },
        NOWHERE,
    )
    assert [(source.name, source.adapter is BrokenSourceAdapter) for source in sources] == [
        ("slow", True),
        ("bad", True),
        ("fine", False),
    ]
