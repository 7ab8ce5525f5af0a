"""The logs of a whole run: a zip file with one text for each job, beside one for each step.

Nothing is ever unpacked to disk: the texts are read in memory, line by line, by names that are
compared and never followed. What a hostile archive may try is bounded: its size by the client, its
files by :data:`MAX_FILES`, all that comes out of it by :data:`MAX_UNPACKED`.

https://docs.github.com/en/rest/actions/workflow-runs#download-workflow-run-logs
"""

import asyncio
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import httpx

from opsboard.adapter import Malformed, Unreachable
from opsboard_adapters import http
from opsboard_adapters.github.models import GitHubJob
from opsboard_adapters.http.memory import MemoryReservation

MAX_FILES: Final = 20_000
"""Files of an archive: 500 jobs of 40 steps."""
MAX_UNPACKED: Final = 256 * 1024 * 1024
"""Bytes that are read out of one archive."""
_PIECE: Final = 64 * 1024
_ENTRY: Final = b"PK\x01\x02"
"""How each entry of an archive's directory begins (APPNOTE.TXT, 4.3.12)."""
_NAME: Final = re.compile(r"-?\d+_(?P<job>[^/\\]+)\.txt")
"""How the text of a job is called; those of its steps are in a folder."""
_OF_STEPS: Final = re.compile(r"(?!\.\.?/)(?P<job>[^/\\]+)/(?:[^/\\]+\.txt)?")
_LONGEST: Final = 80
"""Characters of a file's name from which on it may be cut off: GitHub does so at about 90."""
_DAMAGED: Final = (
    BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip
"""What :mod:`zipfile` raises for what is damaged, encrypted, or packed in an unknown way."""


class ArchiveError(Exception):
    """The rest of a text cannot be read; says why."""


class LogArchive:
    """The archive that *content* is. Raises :exc:`Malformed` where it is none, or too large."""

    def __init__(self, content: bytes) -> None:
        if content.count(_ENTRY) > MAX_FILES:
            raise Malformed(f"the archive of the logs holds more than {MAX_FILES:,} files")
        try:
            self._zip = ZipFile(BytesIO(content))
        except _DAMAGED as error:
            raise Malformed(f"the archive of the logs cannot be read: {error}") from None
        self._unpacked = 0

    def foreign_files(self) -> int:
        """Return how many files have names that no log has: they are left alone."""
        known = (_NAME, _OF_STEPS)
        names = self._zip.namelist()
        return sum(not any(one.fullmatch(name) for one in known) for name in names)

    def texts(self, jobs: Sequence[GitHubJob]) -> Mapping[int, ZipInfo]:
        """Return the texts of *jobs*, by their ids, where it is sure which is which.

        A file's name is that of the job without some signs, and may be cut off.
        """
        files = dict[str, ZipInfo]()
        cut = set[int]()
        for info in self._zip.infolist():
            if (name := _NAME.fullmatch(info.filename)) is not None and (key := _key(name["job"])):
                files.setdefault(key, info)
                if len(name["job"]) >= _LONGEST:
                    cut.add(len(key))
        found = {job.id: _file_of(_key(job.name), files, cut) for job in jobs}
        taken = Counter(found.values())
        return {job: files[key] for job, key in found.items() if key and taken[key] == 1}

    def lines(self, text: ZipInfo) -> Iterator[bytes]:
        """Yield the lines of *text*. Raises :exc:`ArchiveError` where they cannot be read on."""
        if text.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or text.flag_bits & 1:
            raise ArchiveError("it is encrypted, or packed in a way that GitHub does not use")
        splitter = http.LineSplitter(http.MAX_LINE_BYTES, cut=True, what=text.filename)
        try:
            with self._zip.open(text) as file:
                while piece := file.read(_PIECE):
                    self._unpacked += len(piece)
                    if self._unpacked > MAX_UNPACKED:
                        raise ArchiveError(
                            f"more than {MAX_UNPACKED // 2**20} MiB come out of the archive"
                        )
                    yield from splitter.split(piece)
        except _DAMAGED as error:
            raise ArchiveError(f"the archive is damaged: {error}") from None
        if (rest := splitter.rest()) is not None:
            yield rest


def _key(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _file_of(key: str, files: Mapping[str, ZipInfo], cut: Iterable[int]) -> str:
    """Return the key of the file that is of the job with *key*; ``""`` for none."""
    if key in files:
        return key
    return next((key[:length] for length in cut if key[:length] in files), "")


async def read_content(response: httpx.Response, *, idle_timeout: float) -> bytes:
    """Return the body of an open *response*, and close it; the client bounds how large it is."""
    with MemoryReservation() as reservation, BytesIO() as body:
        chunks = response.aiter_bytes()
        try:
            while True:
                async with asyncio.timeout(idle_timeout) as clock:
                    with reservation.evictable_by(clock):
                        chunk = await anext(chunks, None)
                        await reservation.grow(len(chunk or b""))
                if chunk is None:
                    return body.getvalue()
                body.write(chunk)
        except TimeoutError:
            raise Unreachable(
                "the archive of the logs has fallen silent", "open it again"
            ) from None
        except httpx.HTTPError as error:
            what = "the archive of the logs"
            raise http.transport_error(what, error, response.request) from None
        finally:
            await response.aclose()
