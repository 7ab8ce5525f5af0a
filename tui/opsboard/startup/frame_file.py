"""The files of last frames: one for each kind of terminal and place, its evidence in it.

What they hold is written to a terminal, so only a plain file of this user alone is read, in a
folder of this user alone; both are looked at as they are open, and neither by a link. Whatever is
wrong with one, there is no frame; :func:`load_frame` tells why.
"""

import os
from stat import S_IMODE, S_ISREG

from opsboard.startup.frame_evidence import digest_of, evidence_digest
from opsboard.startup.frame_format import MAGIC, UNIT, StoredFrame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = "first-frame"
"""The folder, in that of the cache."""
SUFFIX = ".frame"

MAX_BYTES = 1 << 20
"""Bytes that a frame may have: of 500 x 200 cells, each of another colour, it has fewer."""
MAX_AGE = 86_400.0
"""Seconds after which a frame is not painted any more: it would be about another day."""
SKEW = 2.0
"""Seconds by which a clock may have been set back since."""

_PART = "\x1d"


class FrameError(Exception):
    """There is no frame to paint; the text says why."""


class UnsafeFrameError(FrameError):
    """There is one that is not this user's alone, or cannot be read."""


class Evidence:
    """The names of all inputs of the config and of the logins, and a salted hash of them."""

    __slots__ = ("digest", "files", "salt", "variables")

    def __init__(
        self, variables: "Sequence[str]", files: "Sequence[str]", salt: str, digest: str
    ) -> None:
        self.variables, self.files = variables, files
        self.salt, self.digest = salt, digest

    @classmethod
    def found(
        cls, variables: "Sequence[str]", files: "Sequence[str]", salt: str, env: "Mapping[str, str]"
    ) -> "Evidence":
        """Return it as it is now. Raises :exc:`OSError` or :exc:`ValueError`."""
        return cls(variables, files, salt, evidence_digest(variables, files, salt, env))

    def holds(self, env: "Mapping[str, str]") -> bool:
        """Tell whether all is as it was. Raises :exc:`OSError` or :exc:`ValueError`."""
        return evidence_digest(self.variables, self.files, self.salt, env) == self.digest


class KeptFrame:
    """A frame, the time that it is of, in seconds since the epoch, and what it depends on."""

    __slots__ = ("at", "circumstances", "evidence", "frame")

    def __init__(
        self, circumstances: str, at: float, evidence: Evidence, frame: StoredFrame
    ) -> None:
        self.circumstances, self.at = circumstances, at
        self.evidence, self.frame = evidence, frame

    def packed(self) -> bytes:
        """Return it as the content of a file. Raises :exc:`ValueError` where that is not possible.

        That is so for names of files with control characters in them, and a screen of no size.
        """
        evidence = self.evidence
        parts = (
            MAGIC,
            self.circumstances,
            f"{self.at:.0f}",
            UNIT.join(evidence.variables),
            UNIT.join(evidence.files),
            evidence.salt,
            evidence.digest,
            self.frame.packed(),
        )
        text = _PART.join(parts)
        content = f"{text}{_PART}{digest_of((text,))}".encode()
        if len(content) > MAX_BYTES:
            raise ValueError("too large a frame")
        again = KeptFrame.unpacked(content).evidence
        if (again.variables, again.files) != (list(evidence.variables), list(evidence.files)):
            raise ValueError("a name that cannot be kept")
        return content

    @classmethod
    def unpacked(cls, content: bytes) -> "KeptFrame":
        """Undo :meth:`packed`. Raises :exc:`ValueError` for anything else."""
        text, _, digest = content.decode().rpartition(_PART)
        if digest != digest_of((text,)):
            raise ValueError("it is damaged")
        magic, circumstances, at, variables, files, salt, found, frame = text.split(_PART)
        if magic != MAGIC:
            raise ValueError("it is of another version")
        evidence = Evidence(_names(variables), _names(files), salt, found)
        return cls(circumstances, float(int(at)), evidence, StoredFrame.unpacked(frame))


def _names(text: str) -> "list[str]":
    return text.split(UNIT) if text else []


def cache_folder(env: "Mapping[str, str]") -> str:
    """Return the folder of the cache, as :func:`opsboard.config.paths.user_paths` does.

    ``""`` where the environment does not say.
    """
    base, home = env.get("XDG_CACHE_HOME", ""), env.get("HOME", "")
    if not base.startswith("/"):
        base = f"{home.rstrip('/')}/.cache" if home.startswith("/") else ""
    return f"{base}/opsboard" if base else ""


def load_frame(
    cache: str, circumstances: "Sequence[str]", env: "Mapping[str, str]", now: float
) -> KeptFrame:
    """Return the frame for the first of *circumstances* that has one, where all holds.

    *cache* is the folder of the cache. Raises :exc:`FrameError`.
    """
    folder = _opened(f"{cache}/{FOLDER}", os.O_DIRECTORY, "the folder")
    try:
        for key in circumstances:
            try:
                content = _content(f"{key}{SUFFIX}", folder)
            except FileNotFoundError:
                continue
            return _checked(content, key, env, now)
    except OSError as error:
        raise UnsafeFrameError(f"it cannot be read: {error.strerror}") from None
    finally:
        os.close(folder)
    raise FrameError("none is kept for this terminal and command line")


def _checked(content: bytes, key: str, env: "Mapping[str, str]", now: float) -> KeptFrame:
    try:
        kept = KeptFrame.unpacked(content)
        if kept.circumstances != key:
            raise FrameError("it is of another terminal")
        if not -SKEW <= now - kept.at <= MAX_AGE:
            raise FrameError("it is too old")
        if not kept.evidence.holds(env):
            raise FrameError("the config or a login has changed since")
    except (OSError, ValueError, OverflowError) as error:  # UnicodeDecodeError is a ValueError
        raise FrameError(f"it cannot be believed: {error}") from None
    return kept


def _opened(path: str, flags: int, what: str, folder: "int | None" = None) -> int:
    """Open *path*, which has to be this user's alone; return its descriptor."""
    flags |= os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags, dir_fd=folder)
    except FileNotFoundError:
        if folder is not None:
            raise
        raise FrameError("none has been kept yet") from None
    except OSError as error:  # such as a link, which is refused, or a dead mount
        raise UnsafeFrameError(f"{what} cannot be opened: {error.strerror}") from None
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or S_IMODE(found.st_mode) & 0o077:
        os.close(descriptor)
        raise UnsafeFrameError(f"{what} is not of this user alone (chmod go-rwx)")
    return descriptor


def _content(name: str, folder: int) -> bytes:
    descriptor = _opened(name, 0, "the file", folder)
    try:
        found = os.fstat(descriptor)
        if not S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > MAX_BYTES:
            raise UnsafeFrameError("it is no plain file of a frame")
        content = b""
        while chunk := os.read(descriptor, MAX_BYTES):
            content += chunk
            if len(content) > MAX_BYTES:
                raise UnsafeFrameError("it is no plain file of a frame")
        return content
    finally:
        os.close(descriptor)
