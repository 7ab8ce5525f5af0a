"""The audit trail as the first version of the program reads and writes it: a frozen copy.

Commit fdab3a3, as it was but for the imports: nothing here is ever changed to follow the program.
It stands for a program of that version that is still open on a trail of later ones.
"""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic import Field as Held

from opsboard.adapter import Clock
from opsboard.config.paths import ensure
from opsboard.records import Ref, Status
from opsboard.text.sanitize import Prose, Text

_PLAN: Final = ConfigDict(frozen=True, extra="forbid", defer_build=True)

PATIENCE: Final = 600.0
"""Seconds after which following ends without a verdict, where a plan does not say otherwise."""


class Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    label: Text
    value: Prose
    status: Status | None = None


class Gravity(StrEnum):
    """How grave a caution is. With a ``blocker``, a plan cannot be carried out."""

    NOTE = "note"
    WARNING = "warning"
    BLOCKER = "blocker"


class Permission(StrEnum):
    """Whether the server would permit it to this login, as far as it can be asked."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Difference(BaseModel):
    """One thing that changes. ``None`` is what is not there.

    *group* is what kind of thing it is: ``images``, ``env``, ``replicas``, ``metrics``, ...; *name*
    which one. A value that may be a secret is never put here; say that it changes.
    """

    model_config = _PLAN

    group: Text
    name: Text
    before: Prose | None = None
    after: Prose | None = None


class Caution(BaseModel):
    """Something to know before it is done: who will fight it, what it does not bring back."""

    model_config = _PLAN

    gravity: Gravity
    text: Text


class Plan(BaseModel):
    """What *action* would do to *ref*.

    *target* names it in full (``Deployment shop/checkout in prod-eu``), *name* is what has to be
    typed where a typed confirmation is asked for. *before* and *after* are the versions, in a few
    words each. *executor* is the source that carries it out, where that is another than that of
    *ref*. *precondition* is what has to hold still when it is carried out; *payload* is whatever
    :meth:`Source.execute` needs beside. Both are the adapter's own, and go into the audit trail.
    Where *awaits* is set, a new version of the model *ref* is to come of it, other than that one.
    *patience* is how many seconds it is followed at most. *key* makes it the only one of its kind
    where an API takes such keys.
    """

    model_config = _PLAN

    id: str = Held(default_factory=lambda: uuid4().hex)
    made_at: AwareDatetime
    action: Text
    title: Text
    ref: Ref
    executor: str = ""
    target: Text
    name: Text
    environment: Text = ""
    heavy: bool = True
    before: Text = ""
    after: Text = ""
    changes: tuple[Difference, ...] = ()
    facts: tuple[Fact, ...] = ()
    cautions: tuple[Caution, ...] = ()
    permission: Permission = Permission.UNKNOWN
    permission_note: Text = ""
    rehearsal: Text = ""
    values: Mapping[str, str] = Held(default_factory=dict)
    precondition: Mapping[str, str] = Held(default_factory=dict)
    payload: Mapping[str, Any] = Held(default_factory=dict)
    awaits: Text = ""
    patience: float = Held(PATIENCE, gt=0)

    @property
    def by(self) -> str:
        """The source that carries it out."""
        return self.executor or self.ref.source

    @property
    def blockers(self) -> tuple[str, ...]:
        """Why it cannot be carried out as it is."""
        denied = self.permission is Permission.DENIED
        why = f"not permitted: {self.permission_note}" if self.permission_note else "not permitted"
        told = tuple(c.text for c in self.cautions if c.gravity is Gravity.BLOCKER)
        return (why, *told) if denied else told

    @property
    def key(self) -> str:
        """A key that no other plan has, of letters and digits."""
        return self.id

    @property
    def digest(self) -> str:
        """A hash of all that the plan says."""
        return sha256(self.model_dump_json().encode()).hexdigest()


class Receipt(BaseModel):
    """What the server answered when a plan was carried out. *produced* is a record to look at."""

    model_config = _PLAN

    message: Text
    reference: Text = ""
    produced: Ref | None = None
    url: Text = ""


class Actor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    user: Text
    host: Text
    sudo_user: Text = ""
    ssh: Text = ""
    pid: int = 0
    born: Text = ""


FIRST: Final = "0" * 64
"""What stands for the hash of the entry before the first one."""


class Event(StrEnum):
    """What an entry tells of.

    An *intent* is written before anything is sent, and an *outcome* once the server has answered,
    or has not. A *verdict* is what following led to. *settled* is what a later session found out
    about an intent without outcome. *torn* names what a crash left of a line.
    """

    INTENT = "intent"
    OUTCOME = "outcome"
    VERDICT = "verdict"
    SETTLED = "settled"
    TORN = "torn"


class Result(StrEnum):
    """What an outcome, a verdict or a settlement says.

    ``done``: the server has taken it. ``not done``: nothing was changed. ``unknown``: it may have
    been changed. The others are verdicts.
    """

    DONE = "done"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"


class Entry(BaseModel):
    """An entry. *plan* is whole in an intent, and only named by *plan_id* in what comes after.

    *hash* is the SHA-256 of the entry as JSON without it, keys sorted, no spaces: it covers
    *previous*, the hash of the entry before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    at: AwareDatetime
    event: Event
    plan_id: Text = ""
    action: Text = ""
    target: Text = ""
    environment: Text = ""
    actor: Actor
    reason: Text = ""
    result: Result | None = None
    message: Text = ""
    receipt: Receipt | None = None
    plan: Plan | None = None
    previous: str = FIRST
    hash: str = ""

    def chained(self, number: int, previous: str) -> "Entry":
        """Return this entry as the one with *number*, after the one with the hash *previous*."""
        bare = self.model_copy(update={"number": number, "previous": previous, "hash": ""})
        return bare.model_copy(update={"hash": hash_of(bare.as_json())})

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON has it."""
        return self.model_dump(mode="json")

    def line(self) -> bytes:
        """Return the entry as a line of the file."""
        return canonical(self.as_json()) + b"\n"


def hash_of(told: dict[str, Any]) -> str:
    """Return the hash of the entry *told*, whatever it says its hash is."""
    return sha256(canonical({key: told[key] for key in told if key != "hash"})).hexdigest()


def canonical(told: dict[str, Any]) -> bytes:
    """Return *told* as JSON in which nothing is left to choice."""
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


FILE_NAME: Final = "audit.jsonl"
HEAD_NAME: Final = "audit.head"
"""Number and hash of the last entry, so that the end of the file cannot be cut off unseen."""

LOCK_WITHIN: Final = 2.0
"""Seconds to wait for another program that writes."""

LOCK_STEP: Final = 0.01
_TAIL: Final = 65_536


class AuditError(Exception):
    """The trail cannot be written or read. The text says why, and how to mend it."""


class Head(NamedTuple):
    """The last entry: its number, 0 for none, and its hash."""

    number: int
    hash: str


class Trail:
    """The audit trail in *folder*, which several programs of one user may share."""

    def __init__(self, folder: Path, actor: Actor, clock: Clock) -> None:
        self.file = folder / FILE_NAME
        self.actor = actor
        self._clock = clock

    def append(self, entry: Entry) -> Entry:
        """Write *entry* to the disk, and return it as it stands there. Raises AuditError.

        It is on the disk when this returns (fsync(2)): what it announces may then be done.
        """
        try:
            with self._locked() as descriptor:
                head = self._mended(descriptor, last(descriptor))
                return self._write(descriptor, entry, head)
        except (OSError, ValueError) as error:
            raise self._error(error) from None

    def entry(self, event: Event) -> Entry:
        """Return an entry to fill in: now, and by this actor."""
        return Entry(number=0, at=self._clock.now(), event=event, actor=self.actor)

    def entries(self) -> list[Entry]:
        """Return all that can be read; a line that cannot is left out. Raises AuditError."""
        try:
            with self.file.open("rb") as lines:
                return list(_readable(lines))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._error(error) from None

    # --- the file --------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[int]:
        ensure(self.file.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.file, flags, 0o600)
        try:
            _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def _write(self, descriptor: int, entry: Entry, head: Head) -> Entry:
        chained = entry.chained(head.number + 1, head.hash)
        _write_all(descriptor, chained.line())
        os.fsync(descriptor)
        self._note_head(Head(chained.number, chained.hash))
        return chained

    def _mended(self, descriptor: int, found: tuple[Head, bytes]) -> Head:
        """Close a line that a crash has torn, and say what is left of it."""
        head, torn = found
        if not torn:
            return head
        if not torn.endswith(b"\n"):
            _write_all(descriptor, b"\n")
        torn = torn.removesuffix(b"\n")
        message = f"{len(torn)} bytes, SHA-256 {sha256(torn).hexdigest()}"
        entry = self.entry(Event.TORN).model_copy(update={"message": message})
        written = self._write(descriptor, entry, head)
        return Head(written.number, written.hash)

    def _note_head(self, head: Head) -> None:
        file = self.file.with_name(HEAD_NAME)
        fresh = file.with_name(HEAD_NAME + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(descriptor, f"{head.number} {head.hash}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(file)
        _sync_folder(file.parent)

    def _error(self, error: Exception) -> AuditError:
        if isinstance(error, OSError):
            return AuditError(f"{self.file}: {error.strerror}; give it room and rights")
        return AuditError(
            f"{self.file}: {error}; `opsboard audit verify` says where. Rename it to begin anew"
        )


def _lock(descriptor: int) -> None:
    """Lock an open file against other writers. Raises :exc:`TimeoutError`."""
    deadline = time.monotonic() + LOCK_WITHIN
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another program holds it locked") from None
            time.sleep(LOCK_STEP)
        else:
            return


def last(descriptor: int) -> tuple[Head, bytes]:
    """Return the last whole entry of an open file, and the torn line that follows it, if any.

    Raises :exc:`ValueError` where more than one line at the end is no entry.
    """
    size = os.fstat(descriptor).st_size
    reach = _TAIL
    while True:
        begin = max(0, size - reach)
        lines = os.pread(descriptor, size - begin, begin).splitlines(keepends=True)
        ends = lines if begin == 0 else lines[1:]
        if begin == 0 or len(ends) > 1:
            return _last_of(ends)
        reach *= 4


def _last_of(lines: list[bytes]) -> tuple[Head, bytes]:
    if not lines:
        return Head(0, FIRST), b""
    if lines[-1].endswith(b"\n") and (head := _head(lines[-1])) is not None:
        return head, b""
    if len(lines) == 1:
        return Head(0, FIRST), lines[-1]
    if (head := _head(lines[-2])) is None:
        raise ValueError("several lines at the end are no entries")
    return head, lines[-1]


def _head(line: bytes) -> Head | None:
    try:
        entry = Entry.model_validate_json(line)
    except ValidationError:
        return None
    return Head(entry.number, entry.hash)


def _readable(lines: Iterable[bytes]) -> Iterator[Entry]:
    for line in lines:
        try:
            yield Entry.model_validate_json(line)
        except ValidationError:
            continue


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
