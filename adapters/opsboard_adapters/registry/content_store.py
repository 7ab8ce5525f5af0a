"""Manifests and configs by their digests, on disk: what a digest names never changes.

One file for all registries, in the cache folder and for this user alone. It is only ever asked for
digests that a registry has just told this login. Each content is checked against its digest when it
is written and when it is read. Of more than the limit, what was used longest ago is removed. Where
the file cannot be used (a read-only home, a damaged file, another program that holds it), sources
do without it.

It also remembers which digests a repository has had under its tags, so that an image whose tag has
moved is still known after a restart.
"""

import asyncio
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import HostEnviron
from opsboard.system.private_files import ensure_private, open_private

FILE: Final = "registry-content-1.db"
_WAIT: Final = 2.0
_PENDING: Final = 64
"""Contents that are held in memory before they are written together."""
_TOUCH: Final = 86_400
"""Seconds after which a use is noted again."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS content (
    digest TEXT PRIMARY KEY, body BLOB NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
    repository TEXT NOT NULL, digest TEXT NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (repository, digest)
) WITHOUT ROWID;
"""


def verify(content: bytes, digest: str) -> bool:
    """Tell whether *content* is what *digest* names; ``False`` for an unknown algorithm."""
    algorithm, _, digits = digest.partition(":")
    if algorithm not in {"sha256", "sha512"}:
        return False
    return hashlib.new(algorithm, content).hexdigest() == digits


def cache_file(host_environ: HostEnviron) -> Path:
    """Return where it is, by the XDG Base Directory Specification."""
    named = host_environ.env.get("XDG_CACHE_HOME", "")
    folder = Path(named) if named.startswith("/") else host_environ.home / ".cache"
    return folder / "opsboard" / FILE


class ContentStore:
    """The file at *path*, of at most *most* bytes of content.

    Its coroutines are of one event loop; all that reads and writes is done in a thread.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._most = most
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._usable = most > 0
        self._digests: set[str] | None = None
        self._pending: dict[str, bytes] = {}
        self._damaged = False
        self._added = most  # by earlier sessions: nobody knows how much

    async def get(self, digest: str) -> bytes | None:
        """Return the content of *digest*, or ``None`` where it is not here."""
        if digest in self._pending:
            return self._pending[digest]
        if self._digests is None:
            self._digests = await asyncio.to_thread(self._all_digests)
        return await asyncio.to_thread(self._read, digest) if digest in self._digests else None

    async def put(self, digest: str, content: bytes) -> None:
        """Keep *content*, which *digest* names; it is written some at a time, by :meth:`flush`."""
        if len(content) <= self._most // 8:
            self._pending[digest] = content
        if len(self._pending) >= _PENDING:
            await self.flush()

    async def flush(self) -> None:
        """Write what was put."""
        pending, self._pending = self._pending, {}
        if pending:
            await asyncio.to_thread(self._write, pending)

    def _all_digests(self) -> set[str]:
        return {str(digest) for (digest,) in self._run("SELECT digest FROM content", ())}

    def _read(self, digest: str) -> bytes | None:
        rows = self._run("SELECT body, used FROM content WHERE digest = ?", (digest,))
        if not rows:
            return None
        body, used = bytes(rows[0][0]), int(rows[0][1])
        if not verify(body, digest):
            self._run("DELETE FROM content WHERE digest = ?", (digest,))
            return None
        now = int(time.time())
        if now - used > _TOUCH:
            self._run("UPDATE content SET used = ? WHERE digest = ?", (now, digest))
        return body

    def _write(self, pending: Mapping[str, bytes]) -> None:
        now = int(time.time())
        for digest, content in pending.items():
            values = (digest, content, len(content), now)
            self._run("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?)", values)
            self._added += len(content)
        if self._digests is not None:
            self._digests |= pending.keys()
        if self._added > self._most // 10:
            self._trim()

    def _trim(self) -> None:
        """Remove what was used longest ago, so that as much as was added since fits again."""
        self._added = 0
        rows = self._run("SELECT sum(size) FROM content", ())
        excess = (rows[0][0] or 0) - self._most * 9 // 10 if rows else 0
        if excess <= 0:
            return
        for digest, size in self._run("SELECT digest, size FROM content ORDER BY used", ()):
            if excess <= 0:
                break
            self._run("DELETE FROM content WHERE digest = ?", (digest,))
            excess -= size

    def remember(self, repository: str, tags: Sequence[tuple[str, str]], most: int) -> None:
        """Remember *tags* of *repository*, each with its digest; of earlier ones, *most*."""
        now = int(time.time())
        for tag, digest in tags:
            values = (repository, digest, tag, now)
            self._run("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", values)
        newest = "SELECT digest FROM seen WHERE repository = ? ORDER BY at DESC LIMIT ?"
        self._run(
            f"DELETE FROM seen WHERE repository = ? AND digest NOT IN ({newest})",  # noqa: S608
            (repository, repository, most),
        )

    def forget(self, repository: str, digest: str) -> None:
        """The registry does not hold *digest* any more."""
        self._run("DELETE FROM seen WHERE repository = ? AND digest = ?", (repository, digest))

    def remembered(self, repository: str) -> Sequence[str]:
        """Return the digests that *repository* has had under a tag, the latest first."""
        query = "SELECT digest FROM seen WHERE repository = ? ORDER BY at DESC"
        return [str(digest) for (digest,) in self._run(query, (repository,))]

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._write(self._pending)
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
            self._connection = None

    def _run(self, query: str, values: Sequence[object]) -> list[Any]:
        """Return the rows of *query*; none where the file cannot be used."""
        if not self._usable:
            return []
        with self._lock:
            try:
                self._connection = self._connection or self._opened()
                return self._connection.execute(query, tuple(values)).fetchall()
            except sqlite3.OperationalError as error:
                self._usable = "locked" in str(error)  # by another program, for a moment
            except sqlite3.DatabaseError:
                self._begin_again()
            except OSError:
                self._usable = False
        return []

    def _opened(self) -> sqlite3.Connection:
        ensure_private(self._path.parent)
        os.close(open_private(self._path, os.O_RDWR | os.O_CREAT))
        connection = sqlite3.connect(
            self._path, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = OFF")  # what is lost is read again
        connection.executescript(_TABLES)
        return connection

    def _begin_again(self) -> None:
        """Remove a damaged file; the next use makes a new one, once."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
        self._usable = not self._damaged
        self._damaged = True
        with suppress(OSError):
            self._path.unlink()
