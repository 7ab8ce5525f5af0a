"""Faults of a whole response: refusals, throttling, redirects, and bodies that are not JSON."""

from random import Random

from tests.fault_injection.exchange import Answer, Exchange, Headers
from tests.fault_injection.fault import Applies, FaultTable

ANSWERS = FaultTable()
_any = ANSWERS.fault(Applies.ANY)
_read = ANSWERS.fault(Applies.READ)

JSON_TYPE = (b"content-type", b"application/json")
LOGIN = b"<!DOCTYPE html><html><body><form>Sign in to Example</form></body></html>"
NESTING = 100_000

RETRY_AFTER = (
    "-1", "0", "1", "600", "\u00b2", "1000000000", "99999999999999999999999999", "1e3", "nan",
    "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -1200", "Thu, 15 Jan 2026 09:30:00", "Mon, 99 Foo 2026 99:99:99 GMT",
)  # fmt: skip
"""Delays and dates as they come from servers (RFC 9110, section 10.2.3), odd ones most of all."""


def _credentials(exchange: Exchange) -> bytes:
    """Return the caller's credentials, which a careless server quotes in its errors."""
    return exchange.header("authorization").encode() or b"nobody"


async def _refuse(exchange: Exchange, status: int, headers: Headers, random: Random) -> None:
    body = b'{"message": "no, %s, not for you", "error_code": 17}' % _credentials(exchange)
    if random.random() < 0.3:
        body, headers = (
            b"<html>no, %s</html>" % _credentials(exchange),
            [(b"content-type", b"text/html")],
        )
    await exchange.tell(Answer(status, headers, body))


@_any
async def unauthenticated(exchange: Exchange, random: Random) -> None:
    await _refuse(exchange, 401, [JSON_TYPE, (b"www-authenticate", b"Odd")], random)


@_any
async def forbidden(exchange: Exchange, random: Random) -> None:
    await _refuse(exchange, 403, [JSON_TYPE], random)


@_any
async def not_found(exchange: Exchange, random: Random) -> None:
    await _refuse(exchange, 404, [JSON_TYPE], random)


@_any
async def server_error(exchange: Exchange, random: Random) -> None:
    status = random.choice((500, 502, 503, 504, 507, 520))
    await _refuse(exchange, status, [JSON_TYPE], random)


@_any
async def odd_status(exchange: Exchange, random: Random) -> None:
    status = random.choice((201, 202, 204, 205, 206, 226, 304, 400, 405, 409, 410, 418, 451, 599))
    body = b"" if status in {204, 304} else b'{"message": "odd"}'
    await exchange.tell(Answer(status, [JSON_TYPE], body))


@_any
async def throttled(exchange: Exchange, random: Random) -> None:
    value = random.choice(RETRY_AFTER).encode("latin-1")
    headers = [JSON_TYPE, (b"retry-after", value)]
    if random.random() < 0.5:
        reset = random.choice((b"-5", b"99999999999999", b"\xb2", b"", b"1e9"))
        headers += [(b"x-ratelimit-remaining", b"0"), (b"x-ratelimit-reset", reset)]
        headers += [(b"x-ratelimit-limit", random.choice((b"5000", b"0", b"-1", b"\xb2")))]
    await _refuse(exchange, random.choice((429, 429, 403, 503)), headers, random)


@_any
async def redirected(exchange: Exchange, random: Random) -> None:
    places = (exchange.target, "//thief.example/", "file:///etc/passwd", "", "http://[", "/else")
    location = random.choice(places).encode()
    status = random.choice((301, 302, 303, 307, 308))
    await exchange.tell(Answer(status, [JSON_TYPE, (b"location", location)], b""))


@_any
async def login_page(exchange: Exchange, _: Random) -> None:
    await exchange.tell(Answer(200, [(b"content-type", b"text/html")], LOGIN))


@_read
async def empty_body(exchange: Exchange, _: Random) -> None:
    await exchange.tell(Answer(200, [JSON_TYPE], b""))


@_read
async def half_an_answer(exchange: Exchange, random: Random) -> None:
    """The first part of the right response, as if it were complete."""
    answer = await exchange.answer()
    answer.body = answer.body[: random.randrange(len(answer.body) + 1)]
    answer.drop("ETag")
    await exchange.tell(answer)


@_read
async def deeply_nested(exchange: Exchange, random: Random) -> None:
    inner = b"[" * NESTING + b"]" * NESTING
    bodies = (inner, b'{"items": [%s]}' % inner, b'{"a":' * NESTING + b"1" + b"}" * NESTING)
    await exchange.tell(Answer(200, [JSON_TYPE], random.choice(bodies)))


@_read
async def not_utf8(exchange: Exchange, random: Random) -> None:
    answer = await exchange.answer()
    at = random.randrange(len(answer.body) + 1)
    odd = random.choice((b"\xff", b"\xed\xa0\x80", b"\x00", b"\xc3", b"\x1b[2J"))
    answer.body = answer.body[:at] + odd + answer.body[at:]
    answer.drop("ETag")
    await exchange.tell(answer)


@_read
async def another_encoding(exchange: Exchange, random: Random) -> None:
    answer = await exchange.answer()
    text = answer.body.decode("utf-8", "replace")
    answer.body = text.encode(random.choice(("utf-8-sig", "utf-16", "utf-32")))
    answer.drop("ETag")
    await exchange.tell(answer)


@_read
async def another_shape(exchange: Exchange, random: Random) -> None:
    bodies = (
        b"17",
        b"null",
        b'"text"',
        b"[]",
        b"{}",
        b"[null]",
        b"[[]]",
        b"true",
        b"1e999",
        b"{}{}",
    )
    await exchange.tell(Answer(200, [JSON_TYPE], random.choice(bodies)))
