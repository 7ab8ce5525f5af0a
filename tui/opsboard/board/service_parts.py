"""The records that services are made of, each found by what joins it: repository, model, alert.

Kept up to date from what a batch of events has changed; pods and events are no parts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar

from opsboard.board.delta import DeltaBuilder
from opsboard.board.service_groups import service_name
from opsboard.kinds.deployments import WORKLOADS
from opsboard.kinds.registry import KINDS
from opsboard.lineage.declared_services import NOTHING_DECLARED, Declarations, DeclaredService
from opsboard.records import (
    Alert,
    Build,
    Claim,
    Commit,
    CommitComparison,
    Deployment,
    Drift,
    Kind,
    Model,
    ModelVersion,
    Record,
    Ref,
)
from opsboard.records.claims import COMMIT, MODEL_ALIAS, MODEL_VERSION, PULL_REQUEST, RUN, WORKLOAD
from opsboard.records.identity import repository

KeyT = TypeVar("KeyT")
Tables: TypeAlias = Mapping[Kind, Mapping[Ref, Record]]
ModelKey: TypeAlias = tuple[str, str]
"""The source of a model, and its name."""

_DECLARED: Final = "[[services]] "
_OF_REPOSITORY: Final = frozenset({COMMIT, RUN, PULL_REQUEST})


class Touched:
    """What a batch of events has touched: names of workloads, repositories, models, parts."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.repositories: set[str] = set()
        self.models: set[ModelKey] = set()
        self.refs: set[Ref] = set()

    def __bool__(self) -> bool:
        return bool(self.names or self.repositories or self.models or self.refs)


class _Grouped(Generic[KeyT]):
    """Refs by a key; each ref stands at one key, or at several."""

    def __init__(self) -> None:
        self._refs: dict[KeyT, set[Ref]] = {}
        self._keys: dict[Ref, tuple[KeyT, ...]] = {}

    def __getitem__(self, key: KeyT) -> Set[Ref]:
        return self._refs.get(key, frozenset())

    def __iter__(self) -> Iterator[KeyT]:
        return iter(self._refs)

    def keys_of(self, ref: Ref) -> tuple[KeyT, ...]:
        """Return the keys that *ref* stands at."""
        return self._keys.get(ref, ())

    def put(self, ref: Ref, *keys: KeyT) -> tuple[KeyT, ...]:
        """Let *ref* stand at *keys* and nowhere else; return all keys that this touches."""
        before = self._keys.pop(ref, ())
        for key in before:
            refs = self._refs[key]
            refs.discard(ref)
            if not refs:
                del self._refs[key]
        if keys:
            self._keys[ref] = keys
        for key in keys:
            self._refs.setdefault(key, set()).add(ref)
        return (*before, *keys)


class ServiceParts:
    """All parts, by what joins them."""

    def __init__(self, declared: Declarations = NOTHING_DECLARED) -> None:
        self._declared = {f"{_DECLARED}{one.name}": one for one in declared.services}
        self._declarations = declared
        self.workloads = _Grouped[str]()
        self.hosted = _Grouped[str]()
        self.builds = _Grouped[str]()
        self.heads = _Grouped[str]()
        self.comparisons = _Grouped[str]()
        self.models = _Grouped[ModelKey]()
        self.versions = _Grouped[ModelKey]()
        self.drifts = _Grouped[ModelKey]()
        self.model_at = _Grouped[tuple[str, str]]()
        """Tracking server and name of a model -> its record."""
        self.alerts = _Grouped[Ref]()
        """What alerts are about -> the alerts."""

    def update(self, builder: DeltaBuilder, tables: Tables) -> Touched:
        """Take in what *builder* says has changed; return what that touches."""
        touched = Touched()
        for kind in KINDS:
            changed, removed = builder.touched(kind.name)
            step = self._step_of(kind.record) if changed or removed else None
            if step is not None:
                for ref in removed:
                    step(self, ref, None, touched)
                for ref in changed:
                    step(self, ref, tables[kind.name][ref], touched)
        return touched

    def _alert(self, ref: Ref, alert: Any, touched: Touched) -> None:
        about = alert.about if alert is not None else None
        touched.refs.update(self.alerts.put(ref, *([about] if about else [])))

    def _deployment(self, ref: Ref, record: Any, touched: Touched) -> None:
        runs = record is not None and is_workload(record)
        name = [self._name_of(record)] if runs else []
        scope = [repository_of(record)] if record is not None and not runs else []
        touched.names.update(self.workloads.put(ref, *name))
        touched.repositories.update(self.hosted.put(ref, *filter(None, scope)))

    def _name_of(self, workload: Deployment) -> str:
        declared = self._declarations.service_of(workload) if self._declared else None
        return f"{_DECLARED}{declared.name}" if declared else service_name(workload)

    def declared_as(self, name: str) -> DeclaredService | None:
        """Return the declared service whose workloads are called *name* here, if it is one."""
        return self._declared.get(name)

    def declared_names(self) -> Iterable[str]:
        """Return what the workloads of declared services are called here."""
        return self._declared

    def _model(self, ref: Ref, model: Any, touched: Touched) -> None:
        keys = [(model.source, model.name)] if model is not None else []
        claims = (*model.inputs, *model.outputs) if model is not None else ()
        touched.models.update(self.models.put(ref, *keys))
        self.model_at.put(ref, *dict.fromkeys(filter(None, map(model_place, claims))))

    @staticmethod
    def _of_repository(table: str) -> "_Step":
        def step(parts: "ServiceParts", ref: Ref, record: Any, touched: Touched) -> None:
            scope = repository_of(record) if record is not None else ""
            refs: _Grouped[str] = getattr(parts, table)
            touched.repositories.update(refs.put(ref, *filter(None, [scope])))

        return step

    @staticmethod
    def _of_model(table: str) -> "_Step":
        def step(parts: "ServiceParts", ref: Ref, record: Any, touched: Touched) -> None:
            keys = [(record.source, record.model)] if record is not None else []
            refs: _Grouped[ModelKey] = getattr(parts, table)
            touched.models.update(refs.put(ref, *keys))

        return step

    @classmethod
    def _step_of(cls, record: type[Record]) -> "_Step | None":
        """Return how records of the class *record* are taken in, or of one that it derives from."""
        return next((step for of, step in cls._STEPS if issubclass(record, of)), None)

    _STEPS: ClassVar[Sequence[tuple[type[Record], "_Step"]]] = (
        (Alert, _alert),
        (Deployment, _deployment),
        (Model, _model),
        (Build, _of_repository("builds")),
        (Commit, _of_repository("heads")),
        (CommitComparison, _of_repository("comparisons")),
        (ModelVersion, _of_model("versions")),
        (Drift, _of_model("drifts")),
    )


_Step: TypeAlias = Callable[[ServiceParts, Ref, Any, Touched], None]
"""Takes in one record, ``None`` where it is gone, and notes what that touches."""


def is_workload(deployment: Deployment) -> bool:
    """Tell whether *deployment* runs in a cluster; a CI server's deployment names no image."""
    if deployment.images or deployment.workload in WORKLOADS:
        return True
    return any(one.type == WORKLOAD for one in deployment.outputs)


def repository_of(record: Record) -> str:
    """Return the repository of *record*, as identities write it, by what it states."""
    told = getattr(record, "repository", "")
    if isinstance(record, Commit | CommitComparison):
        return repository(told) if not isinstance(record, Commit) or record.branch else ""
    claims = (*record.inputs, *record.outputs)
    return next((one.scope for one in claims if one.type in _OF_REPOSITORY and one.scope), "")


def model_place(claim: Claim) -> tuple[str, str] | None:
    """Return the tracking server and the name of the model that *claim* is about."""
    separator = {MODEL_VERSION: "/", MODEL_ALIAS: "@"}.get(claim.type)
    name = claim.value.rpartition(separator)[0] if separator else ""
    return (claim.scope, name) if name else None
