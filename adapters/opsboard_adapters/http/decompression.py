"""Content codings (RFC 9110 §8.4), decompressed a small piece at a time.

httpx's decoders decompress a whole chunk at once: 64 KiB of gzip may become 64 MiB. Here the reader
can stop after each piece.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from opsboard_adapters.http.limits import UnreadableResponse

PIECE_BYTES: Final = 64 * 1024
"""Bytes that are decompressed at a time."""
ACCEPTED: Final = "gzip"
"""The value of ``Accept-Encoding``."""
_MOST_CODINGS: Final = 2
_MOST_MEMBERS: Final = 1_000
_GZIP_MAGIC: Final = b"\x1f\x8b"
_FORMATS: Final = {
    "gzip": zlib.MAX_WBITS | 16,
    "x-gzip": zlib.MAX_WBITS | 16,
    "deflate": zlib.MAX_WBITS,
}


def decompressors(codings: str, what: str) -> list["Decompressor"]:
    """Return the decompressors for a ``Content-Encoding`` of *codings*, in the order in which they
    are applied.

    Raises :exc:`UnreadableResponse` for a coding that was not requested.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if len(names) > _MOST_CODINGS or any(name not in _FORMATS for name in names):
        raise UnreadableResponse(
            f"{what}: the answer is encoded as {', '.join(names)[:80]}, which was not asked for",
            "is a proxy in between that compresses by itself?",
        )
    return [Decompressor(_FORMATS[name], what) for name in reversed(names)]


def decompress(data: bytes, chain: Sequence["Decompressor"]) -> Iterator[bytes]:
    """Yield *data* in small pieces, decompressed by each of *chain*."""
    if not chain:
        yield data
        return
    for piece in chain[0].pieces(data):
        yield from decompress(piece, chain[1:])


class Decompressor:
    """Decompresses one content coding. *window* is zlib's ``wbits``."""

    def __init__(self, window: int, what: str) -> None:
        self._window = window
        self._what = what
        self._stream = zlib.decompressobj(window)
        self._members = 0
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed *data*, at most :data:`PIECE_BYTES` at a time."""
        more = bool(data)
        while more:
            piece = self._inflate(data)
            self._begun = True
            if piece:
                yield piece
            # zlib may have consumed all input and still hold output.
            more = len(piece) == PIECE_BYTES and not self._stream.eof
            data = self._rest()
            more = more or bool(data)

    @property
    def complete(self) -> bool:
        """Whether the end of the compressed data has been reached, or nothing has arrived yet."""
        return self._stream.eof or not self._begun

    def _inflate(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if (
                not self._begun and self._window == zlib.MAX_WBITS
            ):  # raw deflate, without the zlib header
                self._window = -zlib.MAX_WBITS
                self._stream = zlib.decompressobj(self._window)
                return self._inflate(data)
            raise UnreadableResponse(
                f"{self._what}: the compressed answer is damaged ({error})", "retried automatically"
            ) from None

    def _rest(self) -> bytes:
        """Return the input that is left, of this gzip member or of the next one."""
        if not self._stream.eof:
            return self._stream.unconsumed_tail
        rest = self._stream.unused_data
        if not rest.startswith(_GZIP_MAGIC):  # trailing garbage is ignored, as gzip does
            return b""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise UnreadableResponse(
                f"{self._what}: the compressed answer has more than {_MOST_MEMBERS:,} parts",
                "is the URL that of the API?",
            )
        self._stream = zlib.decompressobj(self._window)
        return rest
