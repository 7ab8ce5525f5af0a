"""Faults of requests that change something: lost before it is done, or after."""

from random import Random

from tests.fault_injection.answer_faults import JSON_TYPE, LOGIN, RETRY_AFTER
from tests.fault_injection.connection_faults import STALL
from tests.fault_injection.exchange import Answer, Exchange, Hangup, head
from tests.fault_injection.fault import Applies, FaultTable

CHANGES = FaultTable()
HELD_UP = (2.0, 10.0, 40.0, 120.0, 250.0)
"""Seconds for which a request may be delayed: less than its permit lasts."""
_change = CHANGES.fault(Applies.CHANGE)


@_change
async def change_reset_before(exchange: Exchange, _: Random) -> None:
    exchange.reset()


@_change
async def change_reset_after(exchange: Exchange, _: Random) -> None:
    await exchange.answer()
    exchange.reset()


@_change
async def change_closed_before(_: Exchange, __: Random) -> None:
    raise Hangup


@_change
async def change_closed_after(exchange: Exchange, _: Random) -> None:
    await exchange.answer()
    raise Hangup


@_change
async def change_stalled_before(exchange: Exchange, _: Random) -> None:
    await exchange.pause(STALL)
    raise Hangup


@_change
async def change_stalled_after(exchange: Exchange, _: Random) -> None:
    await exchange.answer()
    await exchange.pause(STALL)
    raise Hangup


@_change
async def change_held_up(exchange: Exchange, random: Random) -> None:
    """The request is delayed, and carried out when the client has given up."""
    assert exchange.later is not None
    exchange.later(random.choice(HELD_UP), exchange.answer)
    if random.random() < 0.5:
        await exchange.pause(STALL)
    raise Hangup


@_change
async def change_failed_before(exchange: Exchange, random: Random) -> None:
    await exchange.tell(Answer(random.choice((500, 502, 503)), [JSON_TYPE], b'{"message": "no"}'))


@_change
async def change_failed_after(exchange: Exchange, random: Random) -> None:
    await exchange.answer()
    await exchange.tell(Answer(random.choice((500, 502, 504)), [JSON_TYPE], b'{"message": "no"}'))


@_change
async def change_refused(exchange: Exchange, random: Random) -> None:
    status = random.choice((400, 401, 403, 404, 409, 422))
    body = b'{"message": "no, %s"}' % exchange.header("authorization").encode()
    await exchange.tell(Answer(status, [JSON_TYPE], body))


@_change
async def change_throttled(exchange: Exchange, random: Random) -> None:
    headers = [JSON_TYPE, (b"retry-after", random.choice(RETRY_AFTER).encode("latin-1"))]
    await exchange.tell(Answer(429, headers, b'{"message": "slow down"}'))


@_change
async def change_answered_oddly(exchange: Exchange, random: Random) -> None:
    """The request is carried out, and the response does not say so."""
    await exchange.answer()
    bodies = (b"", b"17", b"null", LOGIN, b"{", b"[" * 50_000, b'{"message": "\\ud800"}')
    await exchange.tell(Answer(random.choice((200, 201)), [JSON_TYPE], random.choice(bodies)))


@_change
async def change_answered_by_half(exchange: Exchange, _: Random) -> None:
    answer = await exchange.answer()
    answer.set("Content-Length", str(len(answer.body) + 100))
    await exchange.write(head(answer.status, answer.headers) + answer.body)
    raise Hangup
