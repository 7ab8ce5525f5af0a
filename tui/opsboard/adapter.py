"""The contract between the board and a source of records.

An **adapter** is a class that knows one kind of system. A **source** is a configured, connected
instance of it. An adapter is registered under the entry-point group :data:`GROUP`; the built-in
ones are registered in the same way as a stranger's::

    [project.entry-points."opsboard.adapters"]
    github = "opsboard_adapters.github:GitHub"

Data flows one way. A source yields :data:`Change` values; it never sees the board or a screen.
It paces itself with :meth:`Context.pause`, which a refresh key cuts short. What goes wrong is
either raised as a :class:`SourceError` (the collector reports it, backs off and calls
:meth:`Source.changes` again) or, where only a part is affected, yielded as a :class:`Report`
for that scope, so that one failing repository never blanks the others.

:mod:`opsboard.testing` holds the suite that any adapter can be held to.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Final, Generic, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from opsboard.clean import Prose, Text
from opsboard.records import JSON, AnyRecord, Kind, Ref, Status
from opsboard.secret import at_hand

GROUP: Final = "opsboard.adapters"
"""The entry-point group in which adapters are found."""


# --- what a source says --------------------------------------------------------------------------


class Condition(StrEnum):
    """How a source, or one scope of it, is doing."""

    STARTING = "starting"
    LIVE = "live"
    STALE = "stale"
    THROTTLED = "throttled"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"

    @property
    def status(self) -> Status:
        """The status that stands for this condition on the board."""
        return _CONDITION_STATUS[self]


_CONDITION_STATUS = {
    Condition.STARTING: Status.RUNNING,
    Condition.LIVE: Status.OK,
    Condition.STALE: Status.WARNING,
    Condition.THROTTLED: Status.WARNING,
    Condition.UNAUTHENTICATED: Status.FAILED,
    Condition.FORBIDDEN: Status.FAILED,
    Condition.UNREACHABLE: Status.FAILED,
    Condition.BROKEN: Status.FAILED,
}


class Health(BaseModel):
    """A condition, its cause (*message*), the way out (*mend*), when it may end (*until*)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    condition: Condition
    message: Text = ""
    mend: Text = ""
    until: datetime | None = None


class Budget(BaseModel):
    """How much of a request allowance is left. *name* tells allowances apart (``core``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    remaining: int
    limit: int
    resets_at: datetime | None = None


# --- changes: what a source yields ---------------------------------------------------------------

# A *scope* is a part of a source that is listed as a whole: the runs of one repository, the pods
# of one namespace, all registered models. It is an opaque string of the adapter's making.


@dataclass(frozen=True, slots=True)
class Upsert:
    """These records of *scope* are new or have changed."""

    scope: str
    records: Sequence[AnyRecord]


@dataclass(frozen=True, slots=True)
class Remove:
    """These records are gone."""

    scope: str
    refs: Sequence[Ref]


@dataclass(frozen=True, slots=True)
class Complete:
    """*scope* has been listed to its end: it holds exactly *refs*, all else in it is gone."""

    scope: str
    refs: frozenset[Ref]


@dataclass(frozen=True, slots=True)
class Fresh:
    """*scope* was confirmed to be as shown: not modified, or a watch that spoke.

    With *streaming*, the server will tell of any change by itself from now on.
    """

    scope: str
    streaming: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """*scope*, or the whole source where it is ``None``, is in this health from now on.

    A scope that is reported as ``starting`` is announced: ``opsboard status`` waits for it.
    """

    health: Health
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """The request allowance after the latest request."""

    budget: Budget


Change: TypeAlias = Upsert | Remove | Complete | Fresh | Report | Spent


def listing(scope: str, records: Sequence[AnyRecord]) -> tuple[Upsert, Complete]:
    """Return the two changes that say: *scope* holds exactly *records*."""
    return Upsert(scope, records), Complete(scope, frozenset(record.ref for record in records))


# --- details: what one record looks like from near ------------------------------------------------

_DETAIL: Final = ConfigDict(frozen=True, extra="forbid", defer_build=True)
"""No detail is shown in the first frame, which need not wait for what validates them."""


class Fact(BaseModel):
    """One labelled value."""

    model_config = _DETAIL

    label: Text
    value: Prose
    status: Status | None = None


class Facts(BaseModel):
    """A section of labelled values."""

    model_config = _DETAIL

    title: Text
    facts: tuple[Fact, ...]


class GridRow(BaseModel):
    """A row of a :class:`Grid`. With *ref*, it can be entered: for its own detail or its log."""

    model_config = _DETAIL

    cells: tuple[Text, ...]
    status: Status | None = None
    ref: Ref | None = None


class Grid(BaseModel):
    """A section that is a small table: steps of a job, pods of a roll-out, versions of a model.

    Every row has as many cells as there are *columns*. Times are cells as ISO 8601 text; the
    screen shows them as ages.
    """

    model_config = _DETAIL

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[GridRow, ...] = ()
    empty: Text = "none"


class Point(BaseModel):
    """A value of a series at a training step and, where known, a time."""

    model_config = _DETAIL

    value: float
    step: int = 0
    at: datetime | None = None


class Series(BaseModel):
    """A section that is plotted, with its *threshold* where it has one."""

    model_config = _DETAIL

    title: Text
    points: tuple[Point, ...]
    threshold: float | None = None


class Passage(BaseModel):
    """A section of plain text of several lines: a description, a failure's output."""

    model_config = _DETAIL

    title: Text
    text: Prose


Section: TypeAlias = Facts | Grid | Series | Passage


class Detail(BaseModel):
    """All that is shown of one record. *record* is as fresh as the sections are."""

    model_config = _DETAIL

    record: AnyRecord
    sections: tuple[Section, ...] = ()


class LogLine(BaseModel):
    """A line of a log. *part* names the container or step it comes from, where that is known."""

    model_config = _DETAIL

    text: Text
    at: datetime | None = None
    part: Text = ""


# --- errors --------------------------------------------------------------------------------------


class SourceError(Exception):
    """A source cannot do what was asked. Carries what a user needs: cause and mend.

    Raise one of the subclasses. *message* says what went wrong and where, *mend* what to do
    about it. Neither may hold a secret: the collector redacts the ones it was told of by
    :meth:`Context.conceal`, as a second line of defence.
    """

    condition: ClassVar[Condition] = Condition.BROKEN

    def __init__(self, message: str, mend: str = "", until: datetime | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.until = until

    @property
    def health(self) -> Health:
        return Health(
            condition=self.condition, message=self.message, mend=self.mend, until=self.until
        )


class Unreachable(SourceError):
    """No answer: name resolution, connection, TLS, time-out, or a 5xx."""

    condition = Condition.UNREACHABLE


class Unauthenticated(SourceError):
    """The server does not know who asks: no, wrong or expired credentials."""

    condition = Condition.UNAUTHENTICATED


class Forbidden(SourceError):
    """The server knows who asks, and does not permit it."""

    condition = Condition.FORBIDDEN


class Throttled(SourceError):
    """The request allowance is used up. *until* says when to ask again, where that is known."""

    condition = Condition.THROTTLED


class NotFound(SourceError):
    """The thing asked for does not exist, or is hidden from who asks."""


class Malformed(SourceError):
    """The answer is not what the API promises: not JSON, cut short, of another shape."""


class Misconfigured(SourceError):
    """The settings cannot work: what they name is missing or contradicts itself."""


class Unsupported(SourceError):
    """This source has no such thing: no log, no detail."""


# --- settings and surroundings -------------------------------------------------------------------


class SourceSettings(BaseModel):
    """What every source can be told in the config file. Adapters add fields of their own.

    Secrets are declared as :class:`opsboard.secret.Secret`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="Whether the source is used at all.")
    environment: str | None = Field(
        None,
        description="Environment of all records of this source; by default it is told from names.",
    )
    read_only: bool = Field(False, description="Forbid every action on this source.")
    timeout: float = Field(
        20.0, gt=0, le=600, description="Seconds that the server may take to answer a request."
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What discovery may look at. Tests hand in their own; nothing reads globals."""

    env: Mapping[str, str]
    home: Path
    cwd: Path


@dataclass(frozen=True, slots=True)
class Discovery:
    """A source that can be had without configuration, or what is missing to have it.

    *name* is a suggestion, unique among the adapter's own discoveries. *because* says where it
    was found (``git remote 'origin'``). With *settings* as ``None``, something was found that
    cannot be used yet, and *mend* says what is missing.
    """

    name: str
    because: str
    settings: SourceSettings | None
    mend: str = ""


class Clock(Protocol):
    """Time, as handed to whatever needs it, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""


class Context(Protocol):
    """What a source is given by the collector that runs it."""

    @property
    def name(self) -> str:
        """The source's name: goes into every record."""

    @property
    def surroundings(self) -> Surroundings: ...

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""

    async def pause(self, seconds: float) -> None:
        """Wait for *seconds*, or until somebody asks for a refresh, whichever is first."""

    def conceal(self, secret: str) -> None:
        """Never let *secret* reach a screen, a log or an error."""

    def environment_of(self, *names: str) -> str:
        """Return the environment that the first telling one of *names* belongs to, or ``""``.

        Names are those of namespaces, clusters, branches, model aliases, ...; the rules are the
        user's, with defaults that know the usual words. A source whose settings fix the
        environment always gets that.
        """


# --- the adapter and its source ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """A line of ``opsboard doctor``: *subject* (``reachable``, ``logged in``, ...), verdict."""

    subject: str
    status: Status
    message: str
    mend: str = ""


class Source(ABC):
    """A connected instance of an adapter. Closed by leaving the context that made it."""

    @abstractmethod
    def changes(self) -> AsyncIterator[Change]:
        """Yield what changes, beginning with everything there is, without end.

        Called again after it raised :class:`SourceError`; what a restart would cost needlessly
        (ETags, resource versions) is kept on the instance.
        """

    @abstractmethod
    def checks(self) -> AsyncIterator[Check]:
        """Test the source for ``opsboard doctor``; never raise, say it as a failed check."""

    async def detail(self, ref: Ref) -> Detail:
        """Return *ref* from near. Asked on demand, again on every refresh of the screen."""
        raise Unsupported(f"{ref.kind} {ref.id} has no details")

    def logs(self, ref: Ref, *, follow: bool = False, tail: int = 1_000) -> AsyncIterator[LogLine]:
        """Yield the last *tail* lines of the log of *ref*, then, with *follow*, what is added."""
        raise Unsupported(f"{ref.kind} {ref.id} has no log")

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as the server describes it, without secrets in it."""
        raise Unsupported(f"{ref.kind} {ref.id} has no raw form")


S = TypeVar("S", bound=SourceSettings)

_NO_MATTER_WHO: Final = {"enabled", "read_only", "timeout"}
"""Settings that change nothing about what a login may see."""


class Adapter(ABC, Generic[S]):
    """A kind of system that sources can be made of. Never instantiated: a namespace of facts."""

    name: ClassVar[str]
    """The word for it in config: ``github``."""

    title: ClassVar[str]
    """The name for it on screen: ``GitHub Actions``."""

    settings: ClassVar[type[SourceSettings]]
    """The pydantic model of its table in the config file."""

    kinds: ClassVar[frozenset[Kind]]
    """The kinds of record that it yields as changes."""

    log_kinds: ClassVar[frozenset[Kind]] = frozenset()
    """The kinds of record that have a log."""

    @classmethod
    @abstractmethod
    async def discover(cls, surroundings: Surroundings) -> Sequence[Discovery]:
        """Find sources in what the user already has. Quick, and without network."""

    @classmethod
    @abstractmethod
    def connect(cls, settings: S, context: Context) -> AbstractAsyncContextManager[Source]:
        """Return a context that holds a source. No request is made before it is used."""

    @classmethod
    def identity(cls, settings: S, surroundings: Surroundings) -> str:
        """Return what tells this source and its login apart from any other.

        The last known board is kept under a hash of this, so that one login never sees what
        another one saw; a secret may go into it, since it is hashed and never kept or shown.
        No network, no command is run. By default: the settings, with the secrets that are
        written there or in the environment. Override it where the login comes from elsewhere:
        from a kubeconfig context, from another tool's login.
        """
        told = settings.model_dump_json(exclude=_NO_MATTER_WHO)
        return "\n".join((told, *at_hand(settings, surroundings.env)))


# --- a base for sources that are asked now and then ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Poll:
    """The answer to one round of asking. *again_in* is in seconds."""

    changes: Sequence[Change]
    again_in: float = 30.0


class PollingSource(Source):
    """A source without a stream: implement :meth:`poll`, the rest follows."""

    @abstractmethod
    async def poll(self) -> Poll:
        """Ask once for everything."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def changes(self) -> AsyncIterator[Change]:
        while True:
            answer = await self.poll()
            for change in answer.changes:
                yield change
            await self.context.pause(answer.again_in)
