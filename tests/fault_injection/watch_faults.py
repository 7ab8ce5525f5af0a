"""Faults of a watch: repeated, late and invented events; early ends, errors, endless lines."""

import json
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from random import Random
from typing import Any

from tests.fault_injection.answer_faults import JSON_TYPE
from tests.fault_injection.connection_faults import ENDLESS, STALL, TICK
from tests.fault_injection.exchange import Answer, Exchange, Hangup, chunk
from tests.fault_injection.fault import Applies, FaultTable
from tests.fault_injection.json_faults import LONE, dump, inject

WATCHES = FaultTable()
_watch = WATCHES.fault(Applies.WATCH)

REPLAYED = 20
"""Events that are kept to be told again."""


async def _lines(exchange: Exchange) -> AsyncGenerator[bytes, None]:
    """Open the watch, and yield the lines that are right, each with its newline."""
    async with aclosing(exchange.parts()) as parts:
        start = await anext(parts)
        await exchange.start(start["status"], list(start["headers"]), chunked=True)
        rest = b""
        async for part in parts:
            *whole, rest = (rest + part["body"]).split(b"\n")
            for line in whole:
                yield line + b"\n"
        if rest:
            yield rest


async def _say(exchange: Exchange, event: Any) -> None:
    await exchange.write(chunk(dump(event) + b"\n"))


async def _end(exchange: Exchange) -> None:
    await exchange.write(chunk(b""))


def _status(code: int, message: str) -> dict[str, Any]:
    status = {"kind": "Status", "status": "Failure", "code": code, "message": message}
    return {"type": "ERROR", "object": status}


@_watch
async def events_repeated(exchange: Exchange, random: Random) -> None:
    """Each event twice, and now and then one of the last ones again."""
    past: deque[bytes] = deque(maxlen=REPLAYED)
    async with aclosing(_lines(exchange)) as lines:
        async for line in lines:
            past.append(line)
            await exchange.write(chunk(line + line))
            await exchange.write(chunk(random.choice(past)))


@_watch
async def events_reordered(exchange: Exchange, random: Random) -> None:
    """Each event may come after later ones."""
    held: list[bytes] = []
    async with aclosing(_lines(exchange)) as lines:
        async for line in lines:
            held.append(line)
            if len(held) >= random.choice((1, 2, 4)):
                random.shuffle(held)
                await exchange.write(chunk(b"".join(held)))
                held.clear()


@_watch
async def events_of_strangers(exchange: Exchange, random: Random) -> None:
    """Among the events, some of objects that were never listed, and are not there."""
    async with aclosing(_lines(exchange)) as lines:
        async for line in lines:
            await exchange.write(chunk(line))
            event = json.loads(line)
            metadata = event.get("object", {}).get("metadata") or {}  # a 410 is no event
            if "name" in metadata and event["type"] in {"ADDED", "MODIFIED"}:
                metadata["name"] = f"ghost-{random.getrandbits(24):x}"
                metadata["uid"] = f"{random.getrandbits(128):x}"
                event["type"] = random.choice(("ADDED", "MODIFIED", "DELETED"))
                await _say(exchange, event)


@_watch
async def odd_events(exchange: Exchange, random: Random) -> None:
    """Among the events, some with something odd in them."""
    async with aclosing(_lines(exchange)) as lines:
        async for line in lines:
            event = json.loads(line)
            if random.random() < 0.5:
                inject(event, random)
            await _say(exchange, event)


@_watch
async def odd_lines(exchange: Exchange, random: Random) -> None:
    """Lines that are no events."""
    odd = (b"\n", b"null\n", b"17\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b"{\n", b'"\\ud800"\n',
           b'{"type": "ADDED"}\n', b'{"type": "ADDED", "object": null}\n', b"<html>\n",
           b"[" * 50_000 + b"\n", dump({"type": LONE, "object": {}}) + b"\n",
           b'{"type": "ODD", "object": {"metadata": {}}}\n',
           b'{"type": null, "object": {"metadata": null}}\n')  # fmt: skip
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await exchange.pause(TICK)
    for _ in range(random.randrange(1, 4)):
        await exchange.write(chunk(random.choice(odd)))
    await exchange.pause(TICK * random.randrange(20))
    await _end(exchange)


@_watch
async def expired_watch(exchange: Exchange, random: Random) -> None:
    """410 Gone, as a status or as an event, however new the version is."""
    if random.random() < 0.5:
        body = dump(_status(410, "too old resource version")["object"])
        await exchange.tell(Answer(410, [JSON_TYPE], body))
        return
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await _say(exchange, _status(410, "too old resource version"))
    await _end(exchange)


@_watch
async def watch_error(exchange: Exchange, random: Random) -> None:
    event = _status(random.choice((500, 504, 403, 0)), f"odd, {LONE}")
    if random.random() < 0.3:
        inject(event, random)
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await _say(exchange, event)
    await exchange.pause(TICK)
    await _end(exchange)


@_watch
async def watch_that_ends_at_once(exchange: Exchange, _: Random) -> None:
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await _end(exchange)


@_watch
async def watch_cut_in_an_event(exchange: Exchange, random: Random) -> None:
    async with aclosing(_lines(exchange)) as lines:
        async for line in lines:
            await exchange.write(chunk(line[: len(line) // 2]))
            if random.random() < 0.5:
                exchange.reset()
            raise Hangup


@_watch
async def old_bookmarks(exchange: Exchange, random: Random) -> None:
    """Bookmarks of old versions: a client that resumes from there gets everything again."""
    version = random.choice(("1", "1001", "0", "", "-1", "odd"))
    bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": version}}}
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await _say(exchange, bookmark)
    await exchange.pause(TICK)
    raise Hangup


@_watch
async def line_without_end(exchange: Exchange, __: Random) -> None:
    """A line that never ends."""
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await exchange.write(chunk(b'{"type": "ADDED", "object": {"metadata": {"name": "'))
    part = chunk(b"a" * 65_536)
    for _ in range(ENDLESS // 65_536):
        await exchange.write(part)
    raise Hangup


@_watch
async def silent_watch(exchange: Exchange, random: Random) -> None:
    """A watch that never says anything, not even a bookmark."""
    await exchange.start(200, [JSON_TYPE], chunked=True)
    await exchange.pause(STALL * random.random())
    raise Hangup


@_watch
async def dripping_events(exchange: Exchange, _: Random) -> None:
    async with aclosing(_lines(exchange)) as lines:
        async for line in lines:
            for byte in line:
                await exchange.write(chunk(bytes((byte,))))
                await exchange.pause(TICK / 50)
