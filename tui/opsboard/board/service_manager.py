"""Keeps the services on the board up to date: only those that a batch of events touches.

A service is made of workloads of a cluster; or, where no workload is known of them, of what a CI
server has deployed of a repository, or of a model.
"""

from collections.abc import Iterable, Mapping, Set
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias, TypeVar

from opsboard.board.awaited_services import NOTHING, Awaited, AwaitedServices
from opsboard.board.delta import DeltaBuilder
from opsboard.board.service_builder import ServiceBuilder
from opsboard.board.service_groups import WorkloadGroup, groups_of
from opsboard.board.service_parts import ModelKey, ServiceParts, Touched
from opsboard.board.service_record import SOURCE, ServiceDraft, service_of
from opsboard.lineage.containment import Containment
from opsboard.lineage.declared_services import NOTHING_DECLARED, Declarations, DeclaredService
from opsboard.lineage.graph import last_part
from opsboard.lineage.index import Key, LineageIndex
from opsboard.lineage.origin import Origin, origin_of
from opsboard.records import Deployment, Kind, Record, Ref
from opsboard.records.claims import REPOSITORY
from opsboard.records.identity import repository

KeyT = TypeVar("KeyT")
ItemT = TypeVar("ItemT")


_Uses: TypeAlias = tuple[str, tuple[ModelKey, ...]]
_NOTHING: Final[_Uses] = ("", ())


class _Unit(NamedTuple):
    """A service: what it is made of, by which it is found again when that changes."""

    id: str
    name: str
    qualifier: str
    group: WorkloadGroup | None = None
    origins: Mapping[Ref, Origin] = MappingProxyType({})
    declared: DeclaredService | None = None
    scope: str = ""
    model: ModelKey | None = None


class ServiceManager:
    """Makes the records of services, and puts them into *tables*, which are the board's."""

    def __init__(
        self,
        tables: Mapping[Kind, dict[Ref, Record]],
        index: LineageIndex,
        containment: Containment,
        declared: Declarations = NOTHING_DECLARED,
    ) -> None:
        self._tables = tables
        self._index = index
        self._parts = ServiceParts(declared)
        self._builder = ServiceBuilder(tables, self._parts, index, containment)
        self._undone = set(self._parts.declared_names())
        """Names that have yet to be looked at: what is declared has a row, whatever is there."""
        self._watchers: dict[Key, set[str | ModelKey]] = {}
        self._watched: dict[str | ModelKey, set[Key]] = {}
        self._units: dict[str, _Unit] = {}
        self._of_bucket: dict[str, list[str]] = {}
        self._users: dict[str, set[str]] = {}
        self._servers: dict[ModelKey, set[str]] = {}
        self._uses: dict[str, _Uses] = {}
        self._holders: dict[Ref, set[str]] = {}
        self._held: dict[str, Set[Ref]] = {}
        self._names: dict[str, set[str]] = {}
        self._name_of: dict[str, str] = {}
        self._awaited = AwaitedServices()

    @property
    def _services(self) -> dict[Ref, Record]:
        return self._tables[Kind.SERVICE]

    def update(self, builder: DeltaBuilder, keys: Set[Key], awaited: Awaited = NOTHING) -> None:
        """Make again what is touched by the changes in *builder*, or by identities in *keys*.

        While sources are *awaited*, what may be a part of what they tell has no service of its own.
        """
        touched = self._parts.update(builder, self._tables)
        self._awaited.note_awaited(awaited, touched)
        for key in keys:
            for watcher in self._watchers.get(key, ()):
                if isinstance(watcher, str):
                    touched.names.add(watcher)
                else:
                    touched.models.add(watcher)
        touched.names |= self._undone
        self._undone = set()
        if touched:
            self._refresh(touched, builder)

    # --- what is to be made again ----------------------------------------------------------------

    def _refresh(self, touched: Touched, builder: DeltaBuilder) -> None:
        dirty: dict[str, None] = {}
        for scope in touched.repositories:
            self._builder.mains.forget(scope)
        for name in sorted(touched.names | self._declared_with(touched.models)):
            self._regroup(name, touched, dirty)
        self._place(touched, dirty)
        for ref in sorted(touched.refs):
            dirty.update(dict.fromkeys(self._made_of(ref)))
        for id_ in tuple(dirty):
            self._rename(id_, dirty)
        for id_ in dirty:
            self._make(id_, builder)

    def _declared_with(self, models: Set[ModelKey]) -> set[str]:
        """Return the declared services of *models*, which may have come after them."""
        called = {name for _, name in models}
        names = self._parts.declared_names() if called else ()
        found = ((name, self._parts.declared_as(name)) for name in names)
        return {name for name, one in found if one is not None and one.model in called}

    def _place(self, touched: Touched, dirty: dict[str, None]) -> None:
        """Note who uses the repositories and models that are touched; give the others a service."""
        self._awaited.touch(touched)
        for scope in sorted(touched.repositories):
            dirty.update(dict.fromkeys(sorted(self._users.get(scope, ()))))
            self._place_repository(scope, dirty)
        for key in sorted(touched.models):
            dirty.update(dict.fromkeys(sorted(self._servers.get(key, ()))))
            self._place_model(key, dirty)

    def _regroup(self, name: str, touched: Touched, dirty: dict[str, None]) -> None:
        """Find out anew which services the workloads called *name* are."""
        workloads = [
            record
            for ref in sorted(self._parts.workloads[name])
            if isinstance(record := self._tables[ref.kind].get(ref), Deployment)
        ]
        before = self._of_bucket.pop(name, [])
        origins = {one.ref: origin_of(self._index, one) for one in workloads}
        declared = self._parts.declared_as(name)
        names = {(REPOSITORY, repository(declared.repository))} if declared else set()
        self._watch(name, names | {key for one in origins.values() for key in one.seen})
        units = {unit.id: unit for unit in self._units_of(name, workloads, origins)}
        if units:
            self._of_bucket[name] = list(units)
        for id_ in dict.fromkeys((*before, *units)):
            unit = units.get(id_)
            if unit is None:
                self._units.pop(id_, None)
            else:
                self._units[id_] = unit
            self._note_uses(id_, unit, touched)
            self._awaited.note_workloads(id_, joined=unit is None or bool(unit.scope))
            dirty[id_] = None

    def _units_of(
        self, name: str, workloads: list[Deployment], origins: dict[Ref, Origin]
    ) -> Iterable[_Unit]:
        declared = self._parts.declared_as(name)
        if declared is not None:
            scope = self._declared_scope(declared) or _common(origins.values())
            group = WorkloadGroup(declared.name, "", tuple(workloads), scope)
            yield _Unit(declared.name, declared.name, "declared", group, origins, declared, scope)
            return
        taken: set[str] = set()
        for group in groups_of(name, workloads, origins):
            id_ = f"{name}@{group.token}"
            if id_ in taken:
                id_ = f"{id_}#{group.repository or len(taken)}"
            taken.add(id_)
            qualifier = group.repository.partition("/")[2] or group.token
            yield _Unit(id_, group.name, qualifier, group, origins, None, group.repository)

    def _declared_scope(self, declared: DeclaredService) -> str:
        return self._index.known_as(repository(declared.repository))

    def _place_repository(self, scope: str, dirty: dict[str, None]) -> None:
        """Give the repository *scope* a service of its own where no workload is known of it."""
        id_ = _repository_id(scope)
        told = {ref.source for ref in self._parts.hosted[scope]}
        wanted = bool(told) and not self._users.get(scope)
        if id_ not in self._units and self._awaited.waits(scope, told, wanted=wanted):
            return
        if wanted:
            self._units[id_] = _Unit(id_, last_part(scope), scope.partition("/")[2], scope=scope)
            dirty[id_] = None
        elif self._units.pop(id_, None) is not None:
            dirty[id_] = None

    def _place_model(self, key: ModelKey, dirty: dict[str, None]) -> None:
        """Give the model *key* a service of its own where no workload is known to serve it."""
        id_ = _model_id(key)
        wanted = bool(self._parts.models[key]) and not self._servers.get(key)
        if id_ not in self._units and self._awaited.waits(key, {key[0]}, wanted=wanted):
            return
        if wanted:
            self._units[id_] = _Unit(id_, key[1], key[0], model=key)
            dirty[id_] = None
        elif self._units.pop(id_, None) is not None:
            self._watch(key, set())
            dirty[id_] = None

    # --- who uses what ---------------------------------------------------------------------------

    def _note_uses(self, id_: str, unit: _Unit | None, touched: Touched) -> None:
        """Note the repository and the models of *unit*: they need no service of their own."""
        before = self._uses.pop(id_, _NOTHING)
        after = self._uses_of(unit) if unit else _NOTHING
        if unit is not None:
            self._uses[id_] = after
        if before == after:
            return
        for scope in {before[0], after[0]} - {""}:
            _discard(self._users, scope, id_)
            touched.repositories.add(scope)
        for key in {*before[1], *after[1]}:
            _discard(self._servers, key, id_)
            touched.models.add(key)
        if after[0]:
            self._users.setdefault(after[0], set()).add(id_)
        for key in after[1]:
            self._servers.setdefault(key, set()).add(id_)

    def _uses_of(self, unit: _Unit) -> "_Uses":
        nodes = (
            node
            for one in (unit.group.workloads if unit.group else ())
            for node in unit.origins[one.ref].models
        )
        served = {key for node in nodes if (key := self._builder.served(node).key) is not None}
        return unit.scope, tuple(sorted(served | self._declared_models(unit)))

    def _declared_models(self, unit: _Unit) -> set[ModelKey]:
        name = unit.declared.model if unit.declared else ""
        return {key for key in self._parts.models if key[1] == name} if name else set()

    def _watch(self, watcher: str | ModelKey, keys: set[Key]) -> None:
        for key in self._watched.pop(watcher, set()):
            _discard(self._watchers, key, watcher)
        if keys:
            self._watched[watcher] = keys
        for key in keys:
            self._watchers.setdefault(key, set()).add(watcher)

    # --- one service -----------------------------------------------------------------------------

    def _make(self, id_: str, builder: DeltaBuilder) -> None:
        """Make the service *id_* again, or remove it where nothing of it is left."""
        unit, ref = self._units.get(id_), Ref(SOURCE, Kind.SERVICE, id_)
        self._hold(id_, frozenset())
        if unit is None:
            if self._services.pop(ref, None) is not None:
                builder.mark_removed(ref)
            return
        draft = self._draft(unit)
        if len(self._names[unit.name]) > 1:
            draft = draft._replace(name=f"{draft.name} ({self._qualifier(unit)})")
        service = service_of(draft)
        self._hold(id_, {one.ref for one in service.targets})
        if self._services.get(ref) != service:
            self._services[ref] = service
            builder.mark_changed(ref)

    def _qualifier(self, unit: _Unit) -> str:
        """Return what tells *unit* from others of its name: in full, if need be."""
        same = [self._units[id_].qualifier for id_ in self._names[unit.name]]
        return unit.qualifier if same.count(unit.qualifier) < 2 else unit.id.partition("@")[2]

    def _draft(self, unit: _Unit) -> ServiceDraft:
        if unit.group is not None:
            declared = {"declared": unit.declared} if unit.declared else {}
            return self._builder.of_workloads(
                unit.id,
                unit.group,
                unit.origins,
                **declared,
                sole=len(self._users.get(unit.scope, ())) == 1,
            )
        if unit.model is not None:
            origins = [
                origin_of(self._index, record)
                for ref in sorted(self._parts.versions[unit.model])
                if (record := self._tables[ref.kind].get(ref)) is not None
            ]
            self._watch(unit.model, {key for one in origins for key in one.seen})
            return self._builder.of_model(unit.id, unit.model, origins)
        return self._builder.of_repository(unit.id, unit.scope)

    def _rename(self, id_: str, dirty: dict[str, None]) -> None:
        """Note what *id_* is called now; those that share a name are told apart by more."""
        unit = self._units.get(id_)
        before, name = self._name_of.pop(id_, None), unit.name if unit else None
        if name is not None:
            self._name_of[id_] = name
        if before == name:
            return
        for one, step in ((before, -1), (name, 1)):
            if one is not None:
                ids = self._names.setdefault(one, set())
                (ids.add if step > 0 else ids.discard)(id_)
                dirty.update(dict.fromkeys(sorted(ids - {id_})))
                if not ids:
                    del self._names[one]

    def _hold(self, id_: str, refs: Set[Ref]) -> None:
        """Note which records the service *id_* is made of: an alert about one is one about it."""
        for part in self._held.pop(id_, frozenset()):
            _discard(self._holders, part, id_)
        if refs:
            self._held[id_] = refs
        for part in refs:
            self._holders.setdefault(part, set()).add(id_)

    def _made_of(self, ref: Ref) -> list[str]:
        """Return the services that the record *ref* is a part of."""
        found = set(self._holders.get(ref, ()))
        for scope in self._parts.builds.keys_of(ref):
            found |= self._users.get(scope, set()) | {_repository_id(scope)}
        for table in (self._parts.models, self._parts.versions, self._parts.drifts):
            for key in table.keys_of(ref):
                found |= self._servers.get(key, set()) | {_model_id(key)}
        return sorted(found & self._units.keys())


def _repository_id(scope: str) -> str:
    return f"{last_part(scope)}@{scope}"


def _model_id(key: ModelKey) -> str:
    return f"model:{key[0]}/{key[1]}"


def _common(origins: Iterable[Origin]) -> str:
    found = {one.repository for one in origins} - {""}
    return next(iter(found)) if len(found) == 1 else ""


def _discard(table: dict[KeyT, set[ItemT]], key: KeyT, item: ItemT) -> None:
    items = table.get(key)
    if items is not None:
        items.discard(item)
        if not items:
            del table[key]
