"""Faults within a right response: invalid records among valid ones, and endless pages.

What is invalid is so for certain, never just another valid value: a plausible wrong value cannot be
distinguished from a right one.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

from tests.fault_injection.exchange import Answer, Exchange
from tests.fault_injection.fault import Applies, FaultTable

JSON_FAULTS = FaultTable()
_read = JSON_FAULTS.fault(Applies.READ)

Place: TypeAlias = tuple[Any, Any]
"""A container and the key or index of what is in it."""

LONE: Final = "\ud800 alone \udfff"
ODD: Final[tuple[Any, ...]] = (
    None, [], {}, "", LONE, "nul \x00 \x1b[2J", -1, 10**30, 1e308, True, "odd", ["odd"], {"a": {}},
    [None], [[]], [[[[[]]]]], "x" * 100_000, "9" * 400, "1970-01-01T00:00:00Z",
    "0000-00-00T99:99:99Z",
)  # fmt: skip
ODD_MEASURES: Final = tuple(one for one in ODD if not isinstance(one, int | float | str))
"""What is odd as the value of a metric: any number may be one."""
IDENTITIES: Final = frozenset({"id", "uid", "name", "metadata", "run_id", "info", "version", "sha"})


def dump(value: Any) -> bytes:
    """Return *value* as JSON; lone surrogates are written as escapes."""
    return json.dumps(value).encode()


def places(value: Any) -> Iterator[Place]:
    """Yield every place within *value*, at any depth."""
    stack = [value]
    while stack:
        one = stack.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            yield one, key
            if isinstance(one[key], dict | list):
                stack.append(one[key])


def inject(value: Any, random: Random, times: int = 1) -> None:
    """Put something odd into *times* places of *value*."""
    for _ in range(times):
        found = list(places(value))
        if not found:
            return
        container, key = random.choice(found)
        if isinstance(container, dict) and random.random() < 0.2:
            del container[key]
        else:
            odd = random.choice(ODD_MEASURES if key == "value" else ODD)
            container[key] = deepcopy(odd)  # a later one may be put into it: never into itself


def records(value: Any) -> list[Any]:
    """Return the longest list of objects within *value*: what the answer lists."""
    lists = [value] if isinstance(value, list) else []
    lists += [box[key] for box, key in places(value) if isinstance(box[key], list)]
    return max((one for one in lists if one and isinstance(one[0], dict)), key=len, default=[])


async def right_answer(exchange: Exchange) -> tuple[Answer, Any]:
    """Return the answer, never a 304, and the JSON in it, or ``None`` where there is none."""
    exchange.headers = [one for one in exchange.headers if one[0] != b"if-none-match"]
    answer = await exchange.answer()
    if answer.status != 200 or "json" not in answer.header("Content-Type"):
        return answer, None
    return answer, json.loads(answer.body)


async def tell_json(exchange: Exchange, answer: Answer, value: Any, random: Random) -> None:
    """Answer with *value* instead. Its ETag is another one, too, as what it stands for is."""
    answer.body = dump(value)
    if answer.header("ETag"):
        answer.set("ETag", f'"odd-{random.getrandbits(64):x}"')
    await exchange.tell(answer)


@_read
async def odd_values(exchange: Exchange, random: Random) -> None:
    """Something odd anywhere in the answer, its envelope included."""
    answer, value = await right_answer(exchange)
    if isinstance(value, dict | list):
        inject(value, random, random.choice((1, 1, 2, 10)))
        await tell_json(exchange, answer, value, random)
    else:
        await exchange.tell(answer)


@_read
async def odd_records(exchange: Exchange, random: Random) -> None:
    """Something odd in one record, or a few, among good ones."""
    answer, value = await right_answer(exchange)
    listed = records(value) if value is not None else []
    if not listed:
        await exchange.tell(answer)
        return
    for _ in range(random.choice((1, 1, 3))):
        at = random.randrange(len(listed))
        if random.random() < 0.25:
            listed[at] = deepcopy(random.choice(ODD))
        elif isinstance(listed[at], dict):
            inject(listed[at], random)
    await tell_json(exchange, answer, value, random)


@_read
async def missing_identities(exchange: Exchange, random: Random) -> None:
    """Records that do not say what they are."""
    answer, value = await right_answer(exchange)
    found = [] if value is None else list(places(value))
    named = [(box, key) for box, key in found if isinstance(box, dict) and key in IDENTITIES]
    for box, key in random.sample(named, min(3, len(named))):
        if random.random() < 0.5:
            box.pop(key, None)
        else:
            box[key] = random.choice((None, "", 0, LONE, {}, []))
    if value is None:
        await exchange.tell(answer)
    else:
        await tell_json(exchange, answer, value, random)


@_read
async def graphql_errors(exchange: Exchange, random: Random) -> None:
    """Status 200 with errors, beside some of the data or without any, as GraphQL refuses."""
    answer, value = await right_answer(exchange)
    if not (exchange.path.endswith("/graphql") and isinstance(value, dict)):
        await exchange.tell(answer)
        return
    kind = random.choice(("RATE_LIMITED", "FORBIDDEN", "NOT_FOUND", "INTERNAL", "", None))
    value["errors"] = [{"type": kind, "message": "no", "path": ["r0"]}]
    data = value["data"] or {}
    if random.random() < 0.5:
        value["data"] = random.choice((None, {}, dict.fromkeys(data)))
    else:
        value["data"] = {name: one if random.random() < 0.5 else None for name, one in data.items()}
    await tell_json(exchange, answer, value, random)


@_read
async def another_content(exchange: Exchange, random: Random) -> None:
    """Sound JSON that is not what its digest says, as a mirror gone wrong answers."""
    answer, value = await right_answer(exchange)
    if isinstance(value, dict) and answer.header("Docker-Content-Digest"):
        value["annotations"] = {
            "org.opencontainers.image.revision": f"{random.getrandbits(160):040x}"
        }
        await tell_json(exchange, answer, value, random)
    else:
        await exchange.tell(answer)


@_read
async def repeated_records(exchange: Exchange, random: Random) -> None:
    """The same records twice, in another order."""
    answer, value = await right_answer(exchange)
    listed = records(value) if value is not None else []
    listed += listed
    random.shuffle(listed)
    if value is None:
        await exchange.tell(answer)
    else:
        await tell_json(exchange, answer, value, random)


# --- pages ---------------------------------------------------------------------------------------


async def _with_next(exchange: Exchange, token: str, random: Random) -> None:
    """Answer with the first page, whichever was asked for, and say that *token* is next."""
    path = exchange.target.partition("?")[0]
    asked = [
        ("page", "1") if name == "page" else (name, value)
        for name, value in parse_qsl(exchange.query)
        if name not in {"continue", "page_token", "last"}
    ]
    exchange.target = f"{path}?{urlencode(asked)}"
    if exchange.body.startswith(b"{"):
        body = json.loads(exchange.body)
        body.pop("page_token", None)
        exchange.body = dump(body)
    answer, value = await right_answer(exchange)
    if value is None:
        await exchange.tell(answer)
        return
    if path.startswith("/clusters/") and isinstance(value.get("items"), list):
        value["metadata"]["continue"] = token
    elif path.startswith("/mlflow/"):
        value["next_page_token"] = token
    number = 1 + sum(map(ord, token))
    url = f"http://{exchange.header('host')}{path}?{urlencode([*asked, ('page', number)])}"
    answer.set("Link", f'<{url}>; rel="next"')
    await tell_json(exchange, answer, value, random)


@_read
async def pages_that_repeat(exchange: Exchange, random: Random) -> None:
    """Each page names itself as the next one."""
    await _with_next(exchange, "again", random)


@_read
async def pages_without_end(exchange: Exchange, random: Random) -> None:
    """Each page names a next one that was never seen before."""
    await _with_next(exchange, f"{random.getrandbits(128):x}", random)
