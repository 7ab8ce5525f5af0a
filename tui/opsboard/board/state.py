"""The board: all records and the state of all sources, merged from the events that arrive.

A plain object of a single thread. It applies events in batches and returns what is different
afterwards, so that a screen paints that and nothing else::

    delta = board.apply(feed.drain())
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from opsboard.adapter import ScopeRemoved, Upsert
from opsboard.board.alert_acks import AckChange, AlertAcks
from opsboard.board.alert_manager import AlertManager
from opsboard.board.alerts import AlertRules
from opsboard.board.awaited_services import awaited_of
from opsboard.board.change_algebra import ContentDelta, SourceContent
from opsboard.board.delta import BoardDelta, DeltaBuilder
from opsboard.board.events import ActivityUpdate, BoardEvent, RestoredScope, SourceList
from opsboard.board.failures import Failure, FailureHistory
from opsboard.board.service_manager import ServiceManager
from opsboard.board.source_state import ScopeState, SourceState
from opsboard.board.source_tracking import TrackedSource
from opsboard.kinds.registry import KINDS
from opsboard.lineage.containment import Containment
from opsboard.lineage.declared_services import NOTHING_DECLARED, Declarations
from opsboard.lineage.index import LineageIndex
from opsboard.records import Alert, AlertState, Kind, Record, Ref

if TYPE_CHECKING:
    from opsboard.lineage.outages import OutageGroups

__all__ = ["Board", "BoardDelta", "ScopeState", "SourceState"]


class Board:
    """All records by kind and ref, and the state of the sources.

    *sources* maps names to titles where they are known from the start; others join as they
    arrive. *acks* remembers what was acknowledged, and *failures* which versions failed; by
    default for as long as the board lives. Without *joined* there is neither lineage nor service.
    """

    def __init__(
        self,
        sources: Mapping[str, str] | None = None,
        *,
        acks: AlertAcks | None = None,
        rules: AlertRules | None = None,
        failures: FailureHistory | None = None,
        declared: Callable[[], Declarations] = lambda: NOTHING_DECLARED,
        joined: bool = True,
    ) -> None:
        self._tables: defaultdict[Kind, dict[Ref, Record]] = defaultdict(dict)
        self._sources = {n: TrackedSource(n, title) for n, title in (sources or {}).items()}
        self._alert_manager = AlertManager(self._tables, acks or AlertAcks(), rules or AlertRules())
        self._failures = failures or FailureHistory()
        self._joined = joined
        self._declared = declared
        self._declarations = declared()
        self._put_off: DeltaBuilder | None = None
        self._outages: OutageGroups | None = None
        self._start_joins()

    # --- reading ---------------------------------------------------------------------------------

    def records(self, kind: Kind) -> Mapping[Ref, Record]:
        """Return all records of *kind*: a live, read-only view."""
        return MappingProxyType(self._tables[kind])

    def get(self, ref: Ref) -> Record | None:
        """Return the record that *ref* names, or ``None`` where there is none (any more)."""
        return self._tables[ref.kind].get(ref)

    def sources(self) -> Sequence[SourceState]:
        """Return how each source stands, in the order of the config."""
        return tuple(source.state() for source in self._sources.values())

    def source(self, name: str) -> SourceState | None:
        """Return how the source called *name* stands."""
        source = self._sources.get(name)
        return source.state() if source else None

    def login_keys(self) -> Mapping[str, str]:
        """Return the login key of each source by name; ``""`` where it is not known yet."""
        return {name: source.key for name, source in self._sources.items()}

    def from_cache(self, ref: Ref) -> bool:
        """Tell whether *ref* is known from an earlier session only."""
        source = self._sources.get(ref.source)
        return source is not None and source.from_cache(ref)

    def scope_of(self, ref: Ref) -> str | None:
        """Return the scope that *ref* is in; ``None`` for what is not there, or made here."""
        source = self._sources.get(ref.source)
        return source.scope_of(ref) if source else None

    def refs_in(self, source: str, scope: str) -> Set[Ref]:
        """Return what is in *scope* of *source*: a live view."""
        tracked = self._sources.get(source)
        return tracked.refs_in(scope) if tracked else frozenset()

    def content_of(self, source: str) -> SourceContent:
        """Return which refs *source* has, by scope: live, to be read only."""
        tracked = self._sources.get(source)
        return tracked.content if tracked else SourceContent()

    def failures(self, record: Record) -> Sequence[Failure]:
        """Return what this session has seen fail of that which *record* is about.

        May be asked from any thread.
        """
        return self._failures.of(record)

    # --- taking in -------------------------------------------------------------------------------

    def apply(self, events: Iterable[BoardEvent]) -> BoardDelta:
        """Take in *events* in their order; return what is different after the last of them."""
        builder = DeltaBuilder()
        at = None
        for event in events:
            at = event.at
            self._handle(event, builder)
        if at is not None:
            self._alert_manager.update(builder, self._sources, at)
            self._failures.update(builder, self._tables, at)
            self._join(builder)
        return builder.build()

    def acknowledge(
        self, ref: Ref, at: datetime, *, actor: str = "somebody", reason: str = ""
    ) -> BoardDelta:
        """Note that *actor* has taken notice of the alert *ref* at *at*."""
        return self._change_state(AckChange(ref, at, AlertState.ACKNOWLEDGED, None, actor, reason))

    def snooze(
        self, ref: Ref, until: datetime, at: datetime, *, actor: str = "somebody", reason: str = ""
    ) -> BoardDelta:
        """Quieten the alert *ref* until *until*, since *actor* said so at *at*."""
        return self._change_state(AckChange(ref, at, AlertState.SNOOZED, until, actor, reason))

    def reopen(self, ref: Ref, at: datetime, *, actor: str = "somebody") -> BoardDelta:
        """Take back what was said about the alert *ref*."""
        return self._change_state(AckChange(ref, at, AlertState.OPEN, None, actor))

    def _change_state(self, change: AckChange) -> BoardDelta:
        return self._with_services(self._alert_manager.change_state(change))

    def tick(self, now: datetime) -> BoardDelta:
        """Wake the alerts whose snooze has ended by *now*, and find what is overdue then."""
        builder = DeltaBuilder()
        self._alert_manager.end_snoozes(now, builder)
        for name, source in self._sources.items():
            if source.check_overdue(now):
                builder.sources.add(name)
        self._join(builder)
        return builder.build()

    def adopt(self, other: "Board") -> BoardDelta:
        """Be what *other* is, which is of no more use then; return what is different.

        What was read of this board goes on to show it: so a thread can make what takes long.
        """
        builder = DeltaBuilder()
        self._take_over(other, builder, [kind.name for kind in KINDS])
        return builder.build()

    def follow(self, other: "Board") -> BoardDelta:
        """Be what *other* is, which is not joined: only what differs is, to what is joined here.

        *other* is of no more use then. Returns what is different.
        """
        joins = {name: vars(self)[name] for name in _JOINS}
        builder = DeltaBuilder()
        kinds = (kind.name for kind in KINDS)
        self._take_over(other, builder, [kind for kind in kinds if kind is not Kind.SERVICE])
        vars(self).update(joins)
        self._join(builder)
        return builder.build()

    def _take_over(self, other: "Board", builder: DeltaBuilder, kinds: Iterable[Kind]) -> None:
        """Have all that *other* has, of records those of *kinds*; note in *builder* what differs.

        The tables stay, since others look at them; *other*'s parts go on with them.
        """
        for kind in kinds:
            table, found = self._tables[kind], other.records(kind)
            for ref in table.keys() - found.keys():
                builder.mark_removed(ref)
            for ref, record in found.items():
                if not _same(table.get(ref), record):
                    builder.mark_changed(ref)
            table.clear()
            table.update(found)
        theirs = vars(other)
        builder.sources.update(self._sources, theirs["_sources"])
        theirs["_tables"].update({one.name: self._tables[one.name] for one in KINDS})
        vars(self).update({**theirs, "_tables": self._tables})

    # --- joins -----------------------------------------------------------------------------------

    @property
    def lineage(self) -> LineageIndex:
        """What is made of what, by what all records state; to be read only."""
        return self._lineage

    @property
    def is_joined(self) -> bool:
        """Whether there is lineage, and are services."""
        return self._joined

    @property
    def declarations(self) -> Declarations:
        """What is declared of services, by what was last read of the config."""
        return self._declarations

    @property
    def outages(self) -> "OutageGroups":
        """Which open alerts are of one outage, as they were last found."""
        if self._outages is None:
            from opsboard.lineage.outages import OutageGroups  # noqa: PLC0415 - what shows it

            self._outages = OutageGroups()
        return self._outages

    @property
    def containment(self) -> Containment:
        """Which commit contains which; to be read only."""
        return self._containment

    @contextmanager
    def joining_once(self) -> Iterator[None]:
        """Join what changes within the context when that is left, all at once.

        Until then there are the lineage and the services of before: for what reads them afterwards.
        """
        self._put_off = put_off = DeltaBuilder()
        try:
            yield
        finally:
            self._put_off = None
            self._join(put_off)

    def _start_joins(self) -> None:
        declared = self._declarations
        self._lineage = LineageIndex(declared.rules())
        self._containment = Containment()
        self._services = ServiceManager(self._tables, self._lineage, self._containment, declared)

    def _declare_again(self, builder: DeltaBuilder) -> None:
        """Go by what is declared now: the config may have been read after the first frame."""
        if (declared := self._declared()) == self._declarations:
            return
        self._declarations = declared
        services = self._tables[Kind.SERVICE]
        for ref in services:
            builder.mark_removed(ref)
        services.clear()
        self._start_joins()
        everything = DeltaBuilder()
        for kind in KINDS:
            for ref in self._tables[kind.name]:
                everything.mark_changed(ref)
        self._join(everything)
        for ref in services:
            builder.mark_changed(ref)

    def _join(self, builder: DeltaBuilder) -> None:
        """Join what *builder* says has changed with everything else, and update the services."""
        if not self._joined:
            return
        if self._put_off is not None:
            self._put_off.add(builder.build())
            return
        keys: set[tuple[str, str]] = set()
        for kind in KINDS:
            changed, removed = builder.touched(kind.name)
            if kind.identities and (changed or removed):
                table = self._tables[kind.name]
                keys |= self._lineage.update((table[ref] for ref in changed), removed)
        for kind in (one for one in KINDS if one.facts):
            changed, removed = builder.touched(kind.name)
            if changed or removed:
                table = self._tables[kind.name]
                self._containment.update([table[ref] for ref in changed], removed)
        awaited = awaited_of(source.state() for source in self._sources.values())
        self._services.update(builder, keys, awaited)

    def _with_services(self, delta: BoardDelta) -> BoardDelta:
        """Return *delta*, which is of alerts, with the services that they are about."""
        builder = DeltaBuilder()
        for refs in delta.changed.values():
            for ref in refs:
                builder.mark_changed(ref)
        self._join(builder)
        return builder.build()

    def _handle(self, event: BoardEvent, builder: DeltaBuilder) -> None:
        change = event.change
        if isinstance(change, SourceList):
            self._set_sources(change, event.at, builder)
            self._declare_again(builder)
            return
        if isinstance(change, ActivityUpdate):
            self._update_activities(change, builder)
            return
        source = self._source(event.source)
        if isinstance(change, RestoredScope):
            source.title, source.key = change.source.title, change.source.key
            effect = source.restore(Upsert(change.scope, change.records), event.at)
        else:
            effect = source.apply(change, event.at)
        self._take(effect, event.at, builder)
        for name in source.expired_scopes(event.at):
            self._take(source.apply(ScopeRemoved(name), event.at), event.at, builder)
        builder.sources.add(event.source)

    def _source(self, name: str) -> TrackedSource:
        if name not in self._sources:
            self._sources[name] = TrackedSource(name, name)
        return self._sources[name]

    def _take(self, effect: ContentDelta, at: datetime, builder: DeltaBuilder) -> None:
        for ref, record in effect.put.items():
            self._put(ref, record, at, builder)
        for ref in effect.removed:
            del self._tables[ref.kind][ref]
            builder.mark_removed(ref)

    def _put(self, ref: Ref, record: Record, at: datetime, builder: DeltaBuilder) -> None:
        shown: Record = (
            self._alert_manager.with_ack(record, at) if isinstance(record, Alert) else record
        )
        table = self._tables[ref.kind]
        if not _same(table.get(ref), shown):
            table[ref] = shown
            builder.mark_changed(ref)

    def _update_activities(self, change: ActivityUpdate, builder: DeltaBuilder) -> None:
        for activity in change.activities:
            self._tables[Kind.ACTIVITY][activity.ref] = activity
            builder.mark_changed(activity.ref)

    # --- the list of sources ---------------------------------------------------------------------

    def _set_sources(self, change: SourceList, at: datetime, builder: DeltaBuilder) -> None:
        for name in self._sources.keys() - change.sources.keys():
            self._failures.forget_source(name)
            self._empty(self._sources.pop(name), at, builder)
        before, self._sources = self._sources, {}
        for name, info in change.sources.items():
            source = before.get(name) or TrackedSource(name, info.title)
            self._sources[name] = source
            is_other = source.key not in {"", info.key}  # what another login has seen
            if is_other or name in change.reset:
                self._failures.forget_source(name)
                self._empty(source, at, builder)
            source.title, source.key, source.kinds = info.title, info.key, info.kinds
            source.invalidate()
            builder.sources.add(name)

    def _empty(self, source: TrackedSource, at: datetime, builder: DeltaBuilder) -> None:
        for name in tuple(source.scopes):
            self._take(source.apply(ScopeRemoved(name), at), at, builder)
        builder.sources.add(source.name)


_JOINS: Final = ("_lineage", "_containment", "_services", "_joined", "_declared", "_declarations")
"""What a board that is not joined has not."""


def _same(one: Record | None, other: Record) -> bool:
    """Tell whether two records of one ref are equal: faster than pydantic's own comparison."""
    return one is other or (one is not None and one.__dict__ == other.__dict__)
