"""Faults of the connection: resets, cut responses, stalls, drips, wrong lengths and codings."""

import gzip
import zlib
from functools import cache
from random import Random

from tests.fault_injection.exchange import Answer, Exchange, Hangup, chunk, head
from tests.fault_injection.fault import Applies, FaultTable

CONNECTION = FaultTable()
_any = CONNECTION.fault(Applies.ANY)
_read = CONNECTION.fault(Applies.READ)

TICK = 0.05
"""Seconds between two bytes that drip."""
STALL = 30.0
"""Seconds of silence, unless the client hangs up: more than its timeout."""
BOMB = 200_000_000
"""Bytes that a bomb of 200 kB comes to."""
ENDLESS = 400_000_000
"""Bytes after which an endless body ends: a client that reads so far has no limit."""


def _whole(answer: Answer) -> bytes:
    answer.set("Content-Length", str(len(answer.body)))
    return head(answer.status, answer.headers) + answer.body


@_any
async def reset_before_headers(exchange: Exchange, _: Random) -> None:
    exchange.reset()


@_any
async def close_before_headers(_: Exchange, __: Random) -> None:
    raise Hangup


@_any
async def close_in_the_headers(exchange: Exchange, _: Random) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\ncontent-type: applic")
    raise Hangup


@_read
async def reset_in_the_body(exchange: Exchange, _: Random) -> None:
    whole = _whole(await exchange.answer())
    await exchange.write(whole[: len(whole) * 2 // 3])
    exchange.reset()


@_read
async def close_in_the_body(exchange: Exchange, _: Random) -> None:
    whole = _whole(await exchange.answer())
    await exchange.write(whole[: len(whole) * 2 // 3])
    raise Hangup


@_read
async def close_in_a_chunk(exchange: Exchange, _: Random) -> None:
    answer = await exchange.answer()
    answer.drop("Content-Length")
    whole = head(answer.status, answer.headers, chunked=True) + chunk(answer.body)
    await exchange.write(whole[: len(whole) * 2 // 3])
    raise Hangup


@_read
async def reset_after_the_answer(exchange: Exchange, _: Random) -> None:
    """Close what the client keeps for its next request (RFC 9112, section 9.5)."""
    await exchange.pass_on()
    exchange.reset()


@_read
async def close_after_the_answer(exchange: Exchange, _: Random) -> None:
    await exchange.pass_on()
    raise Hangup


@_read
async def length_too_short(exchange: Exchange, _: Random) -> None:
    """The rest of the body stands where the next answer should."""
    answer = await exchange.answer()
    body = answer.body
    answer.set("Content-Length", str(max(len(body) - 7, 0)))
    await exchange.write(head(answer.status, answer.headers) + body)


@_read
async def length_too_long(exchange: Exchange, random: Random) -> None:
    answer = await exchange.answer()
    answer.set("Content-Length", str(len(answer.body) + 1_000))
    await exchange.write(head(answer.status, answer.headers) + answer.body)
    if random.random() < 0.5:
        await exchange.pause(STALL)
    raise Hangup


@_read
async def two_lengths(exchange: Exchange, _: Random) -> None:
    answer = await exchange.answer()
    answer.drop("Content-Length")
    answer.headers += [(b"content-length", b"5"), (b"content-length", b"%d" % len(answer.body))]
    await exchange.write(head(answer.status, answer.headers) + answer.body)
    raise Hangup


@_any
async def no_status_line(exchange: Exchange, random: Random) -> None:
    odd = (b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00\x01\x02", b"ICY 200\r\n\r\n")
    await exchange.write(random.choice(odd))
    raise Hangup


@_any
async def huge_header(exchange: Exchange, _: Random) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nx-odd: " + b"a" * 300_000 + b"\r\n\r\n")
    raise Hangup


@_any
async def dripping_headers(exchange: Exchange, _: Random) -> None:
    for byte in head(200, [(b"content-type", b"application/json"), (b"x-odd", b"a" * 2_000)]):
        await exchange.write(bytes((byte,)))
        await exchange.pause(TICK)
    raise Hangup


@_read
async def dripping_body(exchange: Exchange, _: Random) -> None:
    answer = await exchange.answer()
    answer.set("Content-Length", str(len(answer.body)))
    await exchange.start(answer.status, answer.headers)
    for byte in answer.body:
        await exchange.write(bytes((byte,)))
        await exchange.pause(TICK)


@_any
async def stalled_before_headers(exchange: Exchange, _: Random) -> None:
    await exchange.pause(STALL)
    raise Hangup


@_read
async def stalled_in_the_body(exchange: Exchange, _: Random) -> None:
    whole = _whole(await exchange.answer())
    await exchange.write(whole[: len(whole) // 2])
    await exchange.pause(STALL)
    raise Hangup


@_read
async def endless_body(exchange: Exchange, __: Random) -> None:
    """A body that never ends, of JSON that is well-formed as far as it goes."""
    await exchange.start(200, [(b"content-type", b"application/json")], chunked=True)
    await exchange.write(chunk(b'{"items": ["'))
    part = chunk(b"a" * 65_536)
    for _ in range(ENDLESS // 65_536):
        await exchange.write(part)
    raise Hangup


# --- codings -------------------------------------------------------------------------------------


@cache
def bomb(size: int = BOMB) -> bytes:
    """Return so many bytes of JSON, packed: to be made before anybody waits for it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b'{"items": ["')]
    block = b"a" * 1_000_000
    parts += [packer.compress(block) for _ in range(size // len(block))]
    parts += [packer.compress(b'"]}'), packer.flush()]
    return b"".join(parts)


@_read
async def gzip_bomb(exchange: Exchange, _: Random) -> None:
    """A thousandfold: 200 kB on the wire are 200 MB in memory."""
    headers = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
    await exchange.tell(Answer(200, headers, bomb()))


@_any
async def gzip_bomb_in_an_error(exchange: Exchange, random: Random) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-encoding", b"gzip")]
    await exchange.tell(Answer(random.choice((403, 500, 429)), headers, bomb()))


@_read
async def unknown_coding(exchange: Exchange, random: Random) -> None:
    answer = await exchange.answer()
    answer.set("Content-Encoding", random.choice(("x-odd", "br", "zstd", "gzip, gzip, gzip")))
    await exchange.tell(answer)


@_read
async def coding_that_lies(exchange: Exchange, random: Random) -> None:
    answer = await exchange.answer()
    answer.set("Content-Encoding", random.choice(("gzip", "deflate")))
    await exchange.tell(answer)


@_read
async def gzip_cut_short(exchange: Exchange, _: Random) -> None:
    answer = await exchange.answer()
    packed = gzip.compress(answer.body)
    answer.body = packed[: len(packed) * 2 // 3]
    answer.set("Content-Encoding", "gzip")
    await exchange.tell(answer)
