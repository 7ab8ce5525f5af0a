"""Responses as typed values: structs of only the fields that are used.

Decoding is strict and fast at first. What does not fit is repaired and tried once more: null stands
for a field's default, and strings may hold anything. What still does not fit is an error of one
record, which is skipped and counted, or of the whole response (:exc:`Malformed`).

:func:`read_json` and :func:`read_array` return small responses as plain values.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import httpx
import msgspec

from opsboard.adapter import Malformed, SourceError
from opsboard_adapters.http.concurrency import LoopYielder
from opsboard_adapters.http.errors import looks_like_html, request_line
from opsboard_adapters.http.json_repair import (
    MAX_ITEMS,
    MAX_PLAIN_VALUES,
    TooManyItems,
    count_values,
    parse_leniently,
    repair_json,
    split_items,
    without_nulls,
)
from opsboard_adapters.http.lenient import convert_leniently
from opsboard_adapters.http.limits import MIB
from opsboard_adapters.http.struct_types import convert_to, decoder_of
from opsboard_adapters.listing.completeness import SkippedRecords

T = TypeVar("T")
RawRecord: TypeAlias = msgspec.Raw | bytes
"""A record of a page, not decoded yet."""

MAX_COMMAS: Final = 2_000_000
"""Maximum commas of a page: after each may be an item, which takes 56 bytes before items are
counted.
"""
YIELD_BYTES: Final = 256 * 1024
"""Bytes that are decoded before other tasks get to run: about a millisecond."""
MAX_BYTES_IN_LOOP: Final = 256 * 1024
"""Bytes that are repaired in the event loop at most; more is done in a thread."""

_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PLACED: Final = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)


class JsonStruct(msgspec.Struct, frozen=True, gc=False):
    """The base of all structs. Fields that are not declared are ignored; give each field a default.

    ``gc=False``: instances hold no cycles, so that the garbage collector need not track them.
    Repeat ``frozen=True`` in each subclass: type checkers do not inherit it.
    """


class InvalidRecord(ValueError):
    """A record cannot be read. *name* is what it is called, as far as that can be read."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(f"{name}: {fault}")
        self.name = name
        self.fault = fault


def decode(content: RawRecord, struct: type[T], what: str) -> T:
    """Return *content* as a *struct*. Raises :exc:`Malformed`, which names *what* and the field."""
    try:
        return decoder_of(struct).decode(content)
    except _FAULTS:
        try:
            return convert_leniently(parse_leniently(bytes(content)), struct)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"{what}: {describe_error(error)}", "retried automatically") from None


def convert(values: Any, struct: type[T], what: str) -> T:
    """Return plain *values* as a *struct*. Raises :exc:`Malformed`."""
    try:
        return convert_to(without_nulls(values), struct, strict=False)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{what}: {describe_error(error)}", "retried automatically") from None


def decode_object(response: httpx.Response, struct: type[T]) -> T:
    """Return the body of *response* as a *struct*. Raises :exc:`Malformed`."""
    reject_web_page(response)
    return decode(response.content, struct, request_line(response))


async def decode_page(
    response: httpx.Response, envelope: type[T], key: str
) -> tuple[T, Sequence[RawRecord]]:
    """Return the page in *response* without its items, and the raw items for :func:`decode_each`.

    *key* is both the JSON key of the items and the field of *envelope* for them, of type
    ``list[Raw] | None``.
    """
    page, items = await _split(response, envelope, key)
    return page, _check_item_count(getattr(page, key) or () if items is None else items, response)


async def decode_array(response: httpx.Response) -> Sequence[RawRecord]:
    """Return the raw items of the JSON array in *response*, for :func:`decode_each`."""
    page, items = await _split(response, list[msgspec.Raw], None)
    return _check_item_count(page if items is None else items, response)


async def _split(
    response: httpx.Response, envelope: type[T], key: str | None
) -> tuple[T, list[bytes] | None]:
    """Return the envelope, and the items where the JSON had to be split by its structure alone."""
    reject_web_page(response)
    content = response.content
    await _check_value_count(content, request_line(response))
    try:
        return decoder_of(envelope).decode(content), None
    except _FAULTS as error:
        try:
            cut = await _in_thread_if_large(len(content), split_items, content, key)
        except TooManyItems:
            raise _too_many_items(response) from None
        if cut is None:
            raise _envelope_error(response, error, key) from None
        around, items = cut
        return decode(around, envelope, request_line(response)), items


def _envelope_error(response: httpx.Response, error: Exception, key: str | None) -> SourceError:
    """Return the error for a response in which no items can be found."""
    fault = _syntax_fault(response.content)
    if not fault and isinstance(error, msgspec.ValidationError):
        shape = "array" if key is None else "object"
        said = f"JSON, but no {shape}" if " - at " not in str(error) else describe_error(error)
        return Malformed(f"{request_line(response)}: {said}", "is the URL that of the API?")
    said = fault or describe_error(error)
    return Malformed(f"{request_line(response)}: {said}", "retried automatically")


def _syntax_fault(content: bytes) -> str:
    """Return why *content* is no JSON; ``""`` where it is."""
    try:
        decoder_of(msgspec.Raw).decode(content)
    except (msgspec.DecodeError, RecursionError) as invalid:
        return describe_error(
            invalid
        )  # not the error itself: its traceback would keep the response alive
    return ""


async def _check_value_count(content: bytes, what: str) -> None:
    """Raise :exc:`Malformed` for more values than there is memory for."""
    step, commas = 4 * MIB, 0
    for start in range(0, len(content), step):
        commas += content.count(b",", start, start + step)
        if commas > MAX_COMMAS:
            raise Malformed(
                f"{what}: the answer holds more than {MAX_COMMAS:,} values",
                "is the URL that of the API?",
            )
        await asyncio.sleep(0)


def _check_item_count(items: Sequence[RawRecord], response: httpx.Response) -> Sequence[RawRecord]:
    if len(items) > MAX_ITEMS:
        raise _too_many_items(response)
    return items


def _too_many_items(response: httpx.Response) -> SourceError:
    return Malformed(
        f"{request_line(response)}: a page of more than {MAX_ITEMS:,} records",
        "is the URL that of the API?",
    )


async def decode_each(
    items: Sequence[RawRecord],
    struct: type[T],
    skips: SkippedRecords,
    name_of: Callable[[Any, int], str],
) -> list[T]:
    """Return those of *items* that fit *struct*; add the others to *skips*.

    *name_of* returns what a record is called, given its values (of any type) and its position.
    Other tasks get to run in between.
    """
    decoder = decoder_of(struct)
    found: list[T] = []
    turns = LoopYielder(YIELD_BYTES)
    for number, item in enumerate(items, 1):
        size = memoryview(item).nbytes
        try:
            found.append(decoder.decode(item))
        except _FAULTS:
            try:
                found.append(
                    await _in_thread_if_large(size, decode_repaired, item, struct, name_of, number)
                )
            except InvalidRecord as odd:
                skips.add(odd.name, odd.fault)
        await turns.processed(size)
    return found


def decode_repaired(
    item: RawRecord, struct: type[T], name_of: Callable[[Any, int], str], number: int = 0
) -> T:
    """Return *item*, which did not decode strictly, after repairs. Raises :exc:`InvalidRecord`."""
    values: Any = None
    try:
        values = parse_leniently(bytes(item))
        return convert_leniently(values, struct)
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(_name(name_of, values, number), describe_error(error)) from None


def decode_one(item: RawRecord, struct: type[T], name_of: Callable[[Any, int], str]) -> T:
    """Return *item* as a *struct*. Raises :exc:`InvalidRecord`."""
    try:
        return decoder_of(struct).decode(item)
    except _FAULTS:
        return decode_repaired(item, struct, name_of)


def _name(name_of: Callable[[Any, int], str], values: Any, number: int) -> str:
    try:
        return name_of(values, number)
    except (AttributeError, KeyError, TypeError, ValueError):
        return f"record {number}" if number else "a record"


def describe_error(error: Exception) -> str:
    """Return the error in a few words, such as ``spec.containers: expected `array`, got
    `null```.
    """
    said = str(error)
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, msgspec.ValidationError):
        placed = _PLACED.fullmatch(said)
        fault = (placed[1] if placed else said).replace("`", "")
        fault = fault[:1].lower() + fault[1:]
        return f"{placed[2]}: {fault}" if placed and placed[2] else fault
    return f"not valid JSON ({said})"


async def _in_thread_if_large(size: int, work: Callable[..., T], *arguments: Any) -> T:
    """Return the result of *work*, which is run in a thread where *size* is large."""
    if size <= MAX_BYTES_IN_LOOP:
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)


def read_json(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, dict):
        raise Malformed(
            f"{request_line(response)}: JSON, but no object", "is the URL that of the API?"
        )
    return body


def read_array(response: httpx.Response) -> list[Any]:
    """Return the JSON array in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, list):
        raise Malformed(
            f"{request_line(response)}: JSON, but no array", "is the URL that of the API?"
        )
    return body


def reject_web_page(response: httpx.Response) -> None:
    """Raise :exc:`Malformed` where *response* is a web page, such as that of a login or a proxy."""
    if looks_like_html(response):
        raise Malformed(
            f"{request_line(response)}: got a web page, not an API answer",
            "a login page or proxy is in between: check the URL, and log in to the proxy",
        )


def _read(response: httpx.Response) -> Any:
    content = response.content
    if count_values(content) > MAX_PLAIN_VALUES:
        raise Malformed(
            f"{request_line(response)}: the answer holds more than {MAX_PLAIN_VALUES:,} values",
            "is the URL that of the API?",
        )
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        reject_web_page(response)
    try:
        return msgspec.json.decode(repair_json(content))
    except RecursionError:
        raise Malformed(
            f"{request_line(response)}: nested too deeply", "is the URL that of the API?"
        ) from None
    except ValueError as error:
        raise Malformed(
            f"{request_line(response)}: not valid JSON ({error})", "retried automatically"
        ) from None
