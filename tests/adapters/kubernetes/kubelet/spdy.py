"""SPDY/3.1 as far as an API server speaks it to a kubelet, after an HTTP upgrade.

Source: *SPDY Protocol, Draft 3.1*. Windows are not kept, as moby/spdystream does not either.
"""

import asyncio
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language "
    "accept-ranges age allow authorization cache-control connection content-base content-encoding "
    "content-language content-length content-location content-md5 content-range content-type date "
    "etag expect expires from host if-match if-modified-since if-none-match if-range "
    "if-unmodified-since last-modified location max-forwards pragma proxy-authenticate "
    "proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_MORE = ("200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin")
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
    "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
    "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 "
    "Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
    "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
DICTIONARY: Final = (
    b"".join(struct.pack(">I", len(word)) + word.encode() for word in (*_WORDS.split(), *_MORE))
    + _REST.encode()
)
"""What header blocks are compressed with (section 2.6.10.1)."""

_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY = 1, 2, 3, 6, 7
_FIN: Final = 1


class SpdyStream:
    """One stream: *headers* it was opened with, what comes in, and what is sent."""

    def __init__(self, connection: "SpdyConnection", number: int, headers: Mapping[str, str]):
        self._connection, self._number, self.headers = connection, number, headers
        self.incoming = asyncio.StreamReader()

    async def send(self, data: bytes, *, last: bool = False) -> None:
        """Send *data*; nothing more after the *last*."""
        head = struct.pack(">II", self._number, len(data) | ((_FIN if last else 0) << 24))
        await self._connection.write(head + data)


class SpdyConnection:
    """The server's end of a connection. Streams come in as the other end opens them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._streams: dict[int, SpdyStream] = {}
        self.opened: asyncio.Queue[SpdyStream | None] = asyncio.Queue()
        """The streams as they are opened; ``None`` once the connection is gone."""

    async def write(self, data: bytes) -> None:
        with suppress(ConnectionError, RuntimeError):
            self._writer.write(data)
            await self._writer.drain()

    async def run(self) -> None:
        """Read frames until the other end is gone."""
        try:
            while True:
                first, second = struct.unpack(">II", await self._reader.readexactly(8))
                body = await self._reader.readexactly(second & 0xFFFFFF)
                if first >> 31:
                    await self._control(first & 0xFFFF, second >> 24, body)
                else:
                    self._data(first, second >> 24, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for stream in self._streams.values():
                stream.incoming.feed_eof()
            self.opened.put_nowait(None)

    def _data(self, number: int, flags: int, body: bytes) -> None:
        if (stream := self._streams.get(number)) is None:
            return
        stream.incoming.feed_data(body)
        if flags & _FIN:
            stream.incoming.feed_eof()

    async def _control(self, kind: int, flags: int, body: bytes) -> None:
        number = struct.unpack(">I", body[:4])[0] if len(body) >= 4 else 0
        if kind == _SYN_STREAM:
            stream = SpdyStream(self, number, self._headers(body[10:]))
            self._streams[number] = stream
            if flags & _FIN:
                stream.incoming.feed_eof()
            await self._reply(number)
            self.opened.put_nowait(stream)
        elif kind == _RST_STREAM and number in self._streams:
            self._streams[number].incoming.feed_eof()
        elif kind == _PING:
            await self._frame(_PING, body)

    def _headers(self, block: bytes) -> dict[str, str]:
        plain, at = self._inflate.decompress(block), 4
        found: list[str] = []
        for _ in range(2 * struct.unpack(">I", plain[:4])[0]):
            (length,) = struct.unpack(">I", plain[at : at + 4])
            found.append(plain[at + 4 : at + 4 + length].decode())
            at += 4 + length
        return dict(zip(found[::2], found[1::2], strict=True))

    async def _reply(self, number: int) -> None:
        block = self._deflate.compress(struct.pack(">I", 0))
        block += self._deflate.flush(zlib.Z_SYNC_FLUSH)
        await self._frame(_SYN_REPLY, struct.pack(">I", number) + block)

    async def _frame(self, kind: int, body: bytes) -> None:
        await self.write(struct.pack(">II", 0x80030000 | kind, len(body)) + body)
