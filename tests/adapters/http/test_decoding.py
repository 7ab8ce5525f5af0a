"""Typed values of answers: one odd record never hides the others, and nothing is a crash."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import Malformed
from opsboard_adapters.http import decoding
from opsboard_adapters.http.decoding import (
    InvalidRecord,
    JsonStruct,
    decode,
    decode_array,
    decode_each,
    decode_object,
    decode_one,
    decode_page,
)
from opsboard_adapters.http.json_repair import MAX_DEPTH, repair_json, split_items
from opsboard_adapters.listing.completeness import SkippedRecords


class Inner(JsonStruct, frozen=True):
    """A part."""

    word: str = ""
    count: int = 0


class Thing(JsonStruct, frozen=True):
    """A record."""

    name: str
    inner: Inner = Inner()
    tags: tuple[str, ...] = ()
    parts: tuple[Inner, ...] = ()


class Page(JsonStruct, frozen=True):
    """A page of them."""

    token: str = ""
    things: list[msgspec.Raw] | None = None


def _named(values: Any, _number: int) -> str:
    return f"thing {values['name']}"


def _response(body: bytes, kind: str = "application/json") -> httpx.Response:
    request = httpx.Request("GET", "http://it/things")
    return httpx.Response(200, headers={"Content-Type": kind}, content=body, request=request)


async def _read(body: bytes) -> tuple[Page, list[Thing], SkippedRecords]:
    page, items = await decode_page(_response(body), Page, "things")
    skips = SkippedRecords("it")
    return page, await decode_each(items, Thing, skips, _named), skips


def _page(*things: bytes) -> bytes:
    return b'{"extra": [{"things": 5}], "things": [' + b", ".join(things) + b'], "token": "next"}'


GOOD = [b'{"name": "a", "other": [1, {"x": "]"}]}', b'{"name": "z", "tags": ["\\"]", "t"]}']

READABLE = {
    "a lone surrogate": (b'{"name": "o\\ud800"}', Thing("o\ufffd")),
    "a lone low surrogate": (b'{"name": "o\\udc00\\ud83d\\ude00"}', Thing("o\ufffd\U0001f600")),
    "a surrogate where nobody looks": (b'{"name": "o", "x": "\\ud800"}', Thing("o")),
    "an unknown escape": (b'{"name": "o\\x41"}', Thing("o\ufffd41")),
    "no UTF-8": (b'{"name": "o\xff"}', Thing("o\ufffd")),
    "a control character": (b'{"name": "o\n\x00"}', Thing("o  ")),
    "NaN where nobody looks": (b'{"name": "o", "x": [NaN, -Infinity, Infinity]}', Thing("o")),
    "NaN in a string": (b'{"name": "NaN", "x": NaN}', Thing("NaN")),
    "null for a list": (b'{"name": "o", "tags": null}', Thing("o")),
    "null for a string": (b'{"name": "o", "inner": {"word": null}}', Thing("o")),
    "null for an object": (b'{"name": "o", "inner": null}', Thing("o")),
    "null in a list": (b'{"name": "o", "tags": [null, "t"]}', Thing("o", tags=("t",))),
    "a number in words": (b'{"name": "o", "inner": {"count": "5"}}', Thing("o", Inner(count=5))),
    "a huge number where nobody looks": (b'{"name": "o", "x": 1e999}', Thing("o")),
}

UNREADABLE = {
    "a number for a string": (b'{"name": "o", "inner": {"word": 5}}', "inner.word: expected str"),
    "a string for a list": (b'{"name": "o", "tags": "t"}', "tags: expected array"),
    "an object for a list": (b'{"name": "o", "parts": {}}', "parts: expected array"),
    "deep in a list": (b'{"name": "o", "parts": [{"count": []}]}', "parts[0].count: expected int"),
    "NaN for a number": (b'{"name": "o", "inner": {"count": NaN}}', "inner.count: expected int"),
    "a huge number": (b'{"name": "o", "inner": {"count": 1e999}}', "inner.count: number out of"),
    "thousands of digits": (
        b'{"name": "o", "inner": {"count": ' + b"9" * 5_000 + b"}}",
        "inner.count: expected int",
    ),
}

NAMELESS = {
    "no name": (b"{}", "missing required field name"),
    "null": (b"null", "expected object, got null"),
    "a word": (b'"word"', "expected object, got str"),
    "nested deeply": (
        b'{"name": "o", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "nested too deeply",
    ),
    "no JSON": (b'{"name": nothing}', "not valid JSON"),
    "no key": (b"{name: 5}", "not valid JSON"),
}


@pytest.mark.parametrize(("odd", "expected"), READABLE.values(), ids=READABLE)
async def test_what_can_be_mended_is_shown(odd: bytes, expected: Thing) -> None:
    page, things, skips = await _read(_page(GOOD[0], odd, GOOD[1]))
    assert things == [Thing("a"), expected, Thing("z", tags=('"]', "t"))]
    assert page.token == "next"
    assert skips.report(3) is None
    assert decode_one(odd, Thing, _named) == expected
    assert decode(odd, Thing, "it") == expected


@pytest.mark.parametrize(
    ("odd", "says"),
    [*UNREADABLE.values(), *NAMELESS.values()],
    ids=[*UNREADABLE, *NAMELESS],
)
async def test_what_cannot_be_read_is_left_out_counted_and_named(odd: bytes, says: str) -> None:
    page, things, skips = await _read(_page(GOOD[0], odd, GOOD[1]))
    assert [thing.name for thing in things] == ["a", "z"]
    assert page.token == "next"
    told = skips.report(3)
    assert told is not None
    assert (told.scope, told.count, told.total) == ("it", 1, 3)
    name = "record 2" if (odd, says) in NAMELESS.values() else "thing o"
    assert told.examples[0].startswith(f"{name}: ")
    assert says in told.examples[0]
    with pytest.raises(InvalidRecord):
        decode_one(odd, Thing, _named)
    with pytest.raises(Malformed, match=r"^thing o of it: "):
        decode(odd, Thing, "thing o of it")


async def test_an_array_of_records() -> None:
    odd = READABLE["a lone surrogate"][0]
    items = await decode_array(_response(b" [" + b", ".join([*GOOD, odd]) + b"]"))
    assert len(await decode_each(items, Thing, SkippedRecords("it"), _named)) == 3


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not valid JSON"),
        (b'{"things": [{"na', "not valid JSON"),
        (b'{"things": nothing}', "not valid JSON"),
        (b"not json", "not valid JSON"),
        (b"17", "JSON, but no object"),
        (b"[]", "JSON, but no object"),
        (b'{"things": {}}', "things: expected array"),
        (b'{"things": 5}', "things: expected array"),
        (b'{"things": ' + b"[" * 100_000, "nested too deeply"),
        (b"<!DOCTYPE html>", "got a web page"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_is_no_page_is_told(body: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=f"^GET /things: .*{says}") as told:
        await decode_page(_response(body), Page, "things")
    assert told.value.hint


@pytest.mark.parametrize("body", [b"{}", b"17", b'{"things": []}'])
async def test_what_is_no_array_is_told(body: bytes) -> None:
    with pytest.raises(Malformed, match="GET /things: JSON, but no array"):
        await decode_array(_response(body))


@pytest.mark.parametrize("body", [b"{}", b'{"things": null}', b'{"things": []}'])
async def test_a_page_without_records(body: bytes) -> None:
    _, things, skips = await _read(body)
    assert things == []
    assert skips.report(0) is None


async def test_a_web_page_says_so() -> None:
    with pytest.raises(Malformed, match="got a web page"):
        decode_object(_response(b"<p>Log in", "text/html"), Thing)


async def test_more_values_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_COMMAS", 100_000)
    with pytest.raises(Malformed, match="holds more than 100,000 values"):
        await decode_page(_response(_page(*[b"{}"] * 400_000)), Page, "things")


async def test_more_records_than_a_page_may_have() -> None:
    with pytest.raises(Malformed, match="a page of more than 50,000 records"):
        await decode_page(_response(_page(*[b"0"] * 50_001)), Page, "things")


async def test_others_have_their_turn_while_a_large_page_is_decoded() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    large = b'{"name": "o", "x": "' + b"x" * 10_000 + b'"}'
    _, things, _ = await _read(_page(*[large] * 1_000))
    counting.cancel()
    assert len(things) == 1_000
    assert turns >= 10_000_000 / decoding.YIELD_BYTES - 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
THINGS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("name", "inner", "tags", "parts", "other"), JSON)
)


@given(things=st.lists(JSON | THINGS, max_size=6), ascii_only=st.booleans())
@settings(deadline=None, max_examples=300)
def test_any_records_are_read_or_counted(things: list[Any], ascii_only: bool) -> None:
    text = json.dumps({"token": "t", "things": things}, ensure_ascii=ascii_only)
    body = text.encode("utf-8", "surrogatepass")
    page, found, skips = asyncio.run(_read(body))
    assert page.token == "t"
    assert len(found) + skips.count >= len(things) - 1 or skips.count
    for thing in found:
        thing.name.encode()


@given(st.binary(max_size=200) | st.text('{}[]",:\\nul0 t', max_size=80).map(str.encode))
@settings(deadline=None, max_examples=500)
def test_no_bytes_are_a_crash(body: bytes) -> None:
    with suppress(Malformed):
        asyncio.run(_read(body))
    repair_json(body)


@given(st.lists(JSON, max_size=5))
@settings(deadline=None)
def test_what_is_cut_out_is_what_was_there(items: list[Any]) -> None:
    around = {"a": {"things": [1]}, "things": items, "b": '"things": [3]'}
    text = json.dumps(around)
    cut = split_items(text.encode(), "things")
    assert cut is not None
    rest, found = cut
    assert json.loads(rest) == {**around, "things": []}
    assert repr([json.loads(item) for item in found]) == repr(items)


def test_an_unfinished_string_is_looked_at_once() -> None:
    """Or else it would take hours: each of the escaped quotes may begin a string."""
    assert split_items(b'{"things": ["' + b'\\"' * 2_000_000, "things") is None
    repair_json(b'"' + b'\\"' * 2_000_000)


async def test_a_page_of_too_many_records_is_told_before_its_end_is_looked_for() -> None:
    body = _page(*[b"0"] * 50_001).removesuffix(b"}")
    with pytest.raises(Malformed, match="a page of more than 50,000 records"):
        await decode_page(_response(body), Page, "things")


@pytest.mark.parametrize("head", [b'{"things": [', b'{"others": ['])
def test_nothing_but_brackets_is_no_list(head: bytes) -> None:
    inner = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert split_items(head + inner + b'], "things": []}', "things") is None


def test_what_is_told_of_skips() -> None:
    skips = SkippedRecords("it")
    for number in range(5):
        skips.add(f"thing {number}", "odd")
    told = skips.report(10)
    assert told is not None
    assert told.sentence == (
        "5 of 10 records could not be read: thing 0: odd; thing 1: odd; thing 2: odd"
    )
    assert skips.report(10) is None
    for number in range(5):
        skips.discard(f"thing {number}")
    back = skips.report(10)
    assert back is not None
    assert back.count == 0


def test_skips_without_end_take_no_memory() -> None:
    skips = SkippedRecords("it")
    for number in range(5_000):
        skips.add(f"thing {number}", "odd" * 1_000)
    told = skips.report(5_000)
    assert told is not None
    assert told.count == 5_000
    assert len(told.sentence) < 1_000
    skips.reset()
    assert skips.count == 0
