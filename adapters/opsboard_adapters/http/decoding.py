"""Answers as typed values: structs of just the fields that are used.

Strict and fast first. What does not fit is tried once more, mended: a null stands for the default
of its field, and no string is too odd. What does not fit even so is the fault of one record, which
is left out and counted, or of the whole answer (:exc:`Malformed`).
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import httpx
import msgspec

from opsboard.adapter import Malformed, SourceError
from opsboard_adapters.http.bounds import MIB
from opsboard_adapters.http.leniency import converted
from opsboard_adapters.http.objects import no_web_page
from opsboard_adapters.http.refusals import asked
from opsboard_adapters.http.repair import cut_out, loosely, without_nulls
from opsboard_adapters.http.skips import Skips
from opsboard_adapters.http.turns import Turns

T = TypeVar("T")
Item: TypeAlias = msgspec.Raw | bytes
"""A record of a page, not decoded yet."""

MOST_ITEMS: Final = 50_000
"""Records of a page."""
MOST_COMMAS: Final = 2_000_000
"""Commas of a page: behind each may be an item, which takes 56 bytes until they are counted."""
SLICE: Final = 256 * 1024
"""Bytes that are decoded before the others of the loop have their turn: about a millisecond."""
IN_LOOP: Final = 256 * 1024
"""Bytes that are mended at most while the loop waits: more goes to a thread."""

_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PLACED: Final = re.compile(r"(.*) - at `(?:key in )?\$\.?(.*)`", re.DOTALL)


class Shape(msgspec.Struct, frozen=True, gc=False):
    """The base of all structs. Fields that are not declared are passed over; give all a default.

    They hold no cycles: the garbage collector need not know them. ``frozen=True`` has to be said
    of each anew, for type checkers.
    """


class Odd(ValueError):
    """One record cannot be read. *name* is what it is called, as far as that can be read."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(f"{name}: {fault}")
        self.name = name
        self.fault = fault


def decode(content: Item, shape: type[T], what: str) -> T:
    """Return *content* as a *shape*. Raises :exc:`Malformed`, which names *what* and the field."""
    try:
        return _decoder(shape).decode(content)
    except _FAULTS:
        try:
            return converted(loosely(bytes(content)), shape)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"{what}: {fault_of(error)}", "asked again by itself") from None


def convert(values: Any, shape: type[T], what: str) -> T:
    """Return plain *values* as a *shape*. Raises :exc:`Malformed`."""
    try:
        return msgspec.convert(without_nulls(values), shape, strict=False)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{what}: {fault_of(error)}", "asked again by itself") from None


def decode_answer(response: httpx.Response, shape: type[T]) -> T:
    """Return the body of *response* as a *shape*. Raises :exc:`Malformed`."""
    no_web_page(response)
    return decode(response.content, shape, asked(response))


async def decode_page(
    response: httpx.Response, envelope: type[T], key: str
) -> tuple[T, Sequence[Item]]:
    """Return the page in *response* but for the items in it, and these, for :func:`decode_each`.

    *key* is both the key and the field of *envelope* in which they are, a ``list[Raw] | None``.
    """
    page, items = await _split(response, envelope, key)
    return page, _not_too_many(getattr(page, key) or () if items is None else items, response)


async def decode_array(response: httpx.Response) -> Sequence[Item]:
    """Return the items of the array in *response*, for :func:`decode_each`."""
    page, items = await _split(response, list[msgspec.Raw], None)
    return _not_too_many(page if items is None else items, response)


async def _split(
    response: httpx.Response, envelope: type[T], key: str | None
) -> tuple[T, list[bytes] | None]:
    """Return what is around the items, and the items where they had to be cut out."""
    no_web_page(response)
    content = response.content
    await _weigh(content, asked(response))
    try:
        return _decoder(envelope).decode(content), None
    except _FAULTS as error:
        cut = await _aside(len(content), cut_out, content, key)
        if cut is None:
            raise _unusable(response, error, key) from None
        around, items = cut
        return decode(around, envelope, asked(response)), items


def _unusable(response: httpx.Response, error: Exception, key: str | None) -> SourceError:
    """Return the error for an answer in which there are no items."""
    fault = _syntax_fault(response.content)
    if not fault and isinstance(error, msgspec.ValidationError):
        shape = "array" if key is None else "object"
        said = f"JSON, but no {shape}" if " - at " not in str(error) else fault_of(error)
        return Malformed(f"{asked(response)}: {said}", "is the URL that of the API?")
    said = fault or fault_of(error)
    return Malformed(f"{asked(response)}: {said}", "asked again by itself")


def _syntax_fault(content: bytes) -> str:
    """Return why *content* is no JSON, whatever its shape is; ``""`` where it is."""
    try:
        _decoder(msgspec.Raw).decode(content)
    except (msgspec.DecodeError, RecursionError) as invalid:
        return fault_of(invalid)  # never the error itself: its frame would hold it, and the answer
    return ""


async def _weigh(content: bytes, what: str) -> None:
    """Raise :exc:`Malformed` for more values than there is memory for."""
    step, commas = 4 * MIB, 0
    for start in range(0, len(content), step):
        commas += content.count(b",", start, start + step)
        if commas > MOST_COMMAS:
            raise Malformed(
                f"{what}: the answer holds more than {MOST_COMMAS:,} values",
                "is the URL that of the API?",
            )
        await asyncio.sleep(0)


def _not_too_many(items: Sequence[Item], response: httpx.Response) -> Sequence[Item]:
    if len(items) > MOST_ITEMS:
        raise Malformed(
            f"{asked(response)}: a page of more than {MOST_ITEMS:,} records",
            "is the URL that of the API?",
        )
    return items


async def decode_each(
    items: Sequence[Item], shape: type[T], skips: Skips, named: Callable[[Any, int], str]
) -> list[T]:
    """Return those of *items* that are a *shape*; take note of the others in *skips*.

    *named* tells what a record is called, of its values (of whatever type) and its number. Others
    of the loop have their turn in between.
    """
    decoder = _decoder(shape)
    found: list[T] = []
    turns = Turns(SLICE)
    for number, item in enumerate(items, 1):
        size = memoryview(item).nbytes
        try:
            found.append(decoder.decode(item))
        except _FAULTS:
            try:
                found.append(await _aside(size, decode_odd, item, shape, named, number))
            except Odd as odd:
                skips.note(odd.name, odd.fault)
        await turns.done(size)
    return found


def decode_odd(item: Item, shape: type[T], named: Callable[[Any, int], str], number: int = 0) -> T:
    """Return *item*, which a strict look could not read, mended. Raises :exc:`Odd`."""
    values: Any = None
    try:
        values = loosely(bytes(item))
        return converted(values, shape)
    except (ValueError, RecursionError) as error:
        raise Odd(_name(named, values, number), fault_of(error)) from None


def decode_one(item: Item, shape: type[T], named: Callable[[Any, int], str]) -> T:
    """Return *item* as a *shape*. Raises :exc:`Odd`."""
    try:
        return _decoder(shape).decode(item)
    except _FAULTS:
        return decode_odd(item, shape, named)


def _name(named: Callable[[Any, int], str], values: Any, number: int) -> str:
    try:
        return named(values, number)
    except (AttributeError, KeyError, TypeError, ValueError):
        return f"record {number}" if number else "a record"


def fault_of(error: Exception) -> str:
    """Return what is wrong, in a few words: ``spec.containers: expected `array`, got `null```."""
    said = str(error)
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, msgspec.ValidationError):
        placed = _PLACED.fullmatch(said)
        fault = (placed[1] if placed else said).replace("`", "")
        fault = fault[:1].lower() + fault[1:]
        return f"{placed[2]}: {fault}" if placed and placed[2] else fault
    return f"not valid JSON ({said})"


async def _aside(size: int, work: Callable[..., T], *arguments: Any) -> T:
    """Return what *work* returns: done at once, or in a thread where there is much to do."""
    if size <= IN_LOOP:
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)


def _decoder(shape: type[T]) -> msgspec.json.Decoder[T]:
    if shape not in _DECODERS:
        _DECODERS[shape] = msgspec.json.Decoder(shape)
    return _DECODERS[shape]


_DECODERS: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}
