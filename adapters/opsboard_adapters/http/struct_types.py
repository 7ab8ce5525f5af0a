"""Decoding and conversion to structs, which one thread at a time makes ready.

What msgspec (0.22) has to know of a struct it finds out when the struct is decoded or converted to
for the first time, and puts it on the class before it is whole; that runs Python code, so other
threads run meanwhile. One that decodes the same struct then reads what is not there yet, and the
process dies of a segmentation fault. So nobody else builds a decoder, or converts by a type.
"""

from threading import RLock
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

_DECODERS: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}
"""By the type, which is whole."""
_ONE_AT_A_TIME: Final = RLock()


def decoder_of(struct: type[T]) -> msgspec.json.Decoder[T]:
    """Return the decoder of JSON to *struct*, which may be any type that holds structs."""
    found = _DECODERS.get(struct)
    if found is not None:
        return found
    with _ONE_AT_A_TIME:
        if struct not in _DECODERS:
            _DECODERS[struct] = msgspec.json.Decoder(struct)
        return _DECODERS[struct]


def convert_to(values: Any, struct: type[T], *, strict: bool = True) -> T:
    """Return plain *values* as a *struct*. Raises :exc:`msgspec.ValidationError`.

    Unless *strict*, a number or boolean may be a string.
    """
    decoder_of(struct)
    return msgspec.convert(values, struct, strict=strict)
