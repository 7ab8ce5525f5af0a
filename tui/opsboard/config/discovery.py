"""Finding sources without a config: from kubeconfig, ``gh``, the git remote, the environment."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opsboard.adapter import Adapter, Discovery, HostEnviron
from opsboard.config.broken_source import broken_source
from opsboard.config.resolved_source import ResolvedSource
from opsboard.system import background

TIMEOUT = 10.0
"""Seconds for the discovery of one adapter."""


async def discover(
    adapters: Mapping[str, type[Adapter[Any]]], host_environ: HostEnviron
) -> tuple[ResolvedSource, ...]:
    """Return the sources that *adapters* find in *host environment*, with unique names.

    A source that was found without a login is among them, as a stand-in that says so. An adapter
    whose discovery fails or takes longer than :data:`TIMEOUT` finds nothing.
    """
    found = await asyncio.gather(
        *(_ask(adapter, host_environ) for adapter in adapters.values()), return_exceptions=True
    )
    sources: dict[str, ResolvedSource] = {}
    for adapter, answer in zip(adapters.values(), found, strict=True):
        for discovery in _outcome(adapter, answer):
            name = _unique(discovery.name, sources)
            sources[name] = _resolve(name, adapter, discovery)
    return tuple(sources.values())


async def _ask(adapter: type[Adapter[Any]], host_environ: HostEnviron) -> Sequence[Discovery]:
    """Return what *adapter* finds. It runs in a thread of its own, since it may block."""

    def find() -> Sequence[Discovery]:
        return asyncio.run(asyncio.wait_for(adapter.discover(host_environ), TIMEOUT))

    return await asyncio.wait_for(asyncio.wrap_future(background.run_in_thread(find)), TIMEOUT)


def _outcome(
    adapter: type[Adapter[Any]], answer: Sequence[Discovery] | BaseException
) -> Sequence[Discovery]:
    return [_failed(adapter, answer)] if isinstance(answer, BaseException) else answer


def _failed(adapter: type[Adapter[Any]], error: BaseException) -> Discovery:
    cause = (
        f"no end within {TIMEOUT:g} s" if isinstance(error, TimeoutError) else type(error).__name__
    )
    return Discovery(
        adapter.name, f"discovery failed ({cause})", None, f"configure {adapter.title} instead"
    )


def _resolve(name: str, adapter: type[Adapter[Any]], discovery: Discovery) -> ResolvedSource:
    if discovery.settings is None:
        return broken_source(
            name, discovery.because, discovery.hint, login=True, because=discovery.because
        )
    return ResolvedSource(name, adapter, discovery.settings, discovery.because)


def _unique(name: str, taken: Iterable[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
