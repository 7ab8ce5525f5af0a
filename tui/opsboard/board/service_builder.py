"""Puts the parts of a service together: its builds, environments, model, drift and alerts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from opsboard.board.service_cells import Testimony, in_order, state_of
from opsboard.board.service_groups import WorkloadGroup
from opsboard.board.service_mains import MainBuilds
from opsboard.board.service_parts import ModelKey, ServiceParts, Tables, model_place
from opsboard.board.service_record import ServiceDraft, with_waiting
from opsboard.environments.rules import in_full
from opsboard.kinds.models import drift_rank
from opsboard.lineage.containment import Containment
from opsboard.lineage.declared_services import DeclaredService
from opsboard.lineage.graph import Node, last_part
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.missing import missing_of
from opsboard.lineage.origin import Origin, origin_of
from opsboard.records import (
    Alert,
    Claim,
    Commit,
    Deployment,
    DeploymentWitness,
    Drift,
    EnvironmentState,
    Image,
    Model,
    ModelVersion,
    Record,
    Ref,
    ServiceTarget,
    Strength,
)


class ServedModel(NamedTuple):
    """A version of a model; *key* is that of the model's record, where there is one."""

    key: ModelKey | None
    name: str
    version: str


_FOUND: Final = DeclaredService("")
"""What is declared of a service that is found."""


class ServiceBuilder:
    """Makes drafts of services out of the parts on the board."""

    def __init__(
        self, tables: Tables, parts: ServiceParts, index: LineageIndex, containment: Containment
    ) -> None:
        self._tables = tables
        self._parts = parts
        self._index = index
        self._containment = containment
        self.mains = MainBuilds(tables, parts)

    # --- a service of workloads ------------------------------------------------------------------

    def of_workloads(
        self,
        id_: str,
        group: WorkloadGroup,
        origins: Mapping[Ref, Origin],
        *,
        declared: DeclaredService = _FOUND,
        sole: bool = False,
    ) -> ServiceDraft:
        """Return the service of *group*. *sole*: no other one has the repository."""
        scope = group.repository
        told = [self._testimony(one, origins[one.ref]) for one in group.workloads]
        shas = {commit.value for one in told for commit in one.origin.commits}
        told += [
            one
            for one in self._hosted(scope)
            if sole or {commit.value for commit in one.origin.commits} & shas
        ]
        served = {one.record.ref: [self.served(node) for node in one.origin.models] for one in told}
        states = [
            state_of(name, here, _versions(served, here)) for name, here in _by_environment(told)
        ]
        draft = self._with_builds(ServiceDraft(id_, group.name, scope), states, declared.branch)
        draft = self._with_model(draft, served.values(), declared.model)
        draft = draft._replace(
            messages={
                in_full(one.record.environment): one.record.message for one in reversed(told)
            },
            targets=_targets(told, draft.model_ref, self._environment_of(draft.model_ref)),
            url=told[0].record.url if told else None,
            hint=self._hint(group, scope, declared),
        )
        return self._with_alerts(draft, [one.record.ref for one in told])

    def _testimony(self, workload: Deployment, origin: Origin) -> Testimony:
        images = (self._record(node) for node in origin.images)
        return Testimony(workload, origin, tuple(one for one in images if isinstance(one, Image)))

    def _hosted(self, scope: str) -> list[Testimony]:
        """Return what CI servers say they have deployed of the repository *scope*."""
        found = []
        for ref in sorted(self._parts.hosted[scope]) if scope else ():
            record = self._tables[ref.kind].get(ref)
            if isinstance(record, Deployment):
                origin = origin_of(self._index, record)
                found.append(Testimony(record, origin, is_workload=False))
        return found

    def _hint(self, group: WorkloadGroup, scope: str, declared: DeclaredService) -> str:
        """Return what would join more of it: first what is declared and is not there."""
        if lacks := [*declared.unmatched(group.workloads), *self._lacks(scope, declared)]:
            return f"[[services]] in the config: {'; '.join(lacks)}"
        if scope:
            return ""
        notes = (lack.note for one in group.workloads for lack in missing_of(self._index, one.ref))
        told = next(notes, "nothing joins it with a repository")
        return f"{told}; or declare it in [[services]]"

    def _lacks(self, scope: str, declared: DeclaredService) -> Iterator[str]:
        parts = self._parts
        if declared.repository and not any(
            grouped[scope] for grouped in (parts.builds, parts.heads, parts.hosted)
        ):
            yield f"no source tells of {declared.repository!r}"
        if declared.model and all(name != declared.model for _, name in parts.models):
            yield f"no model is called {declared.model!r}"

    # --- other services --------------------------------------------------------------------------

    def of_repository(self, id_: str, scope: str) -> ServiceDraft:
        """Return the service of what a CI server says it has deployed of *scope*, and no more."""
        told = self._hosted(scope)
        states = [state_of(name, here) for name, here in _by_environment(told)]
        draft = self._with_builds(ServiceDraft(id_, last_part(scope), scope), states, "")
        draft = draft._replace(
            messages={
                in_full(one.record.environment): one.record.message for one in reversed(told)
            },
            targets=_targets(told, None, ""),
            url=told[0].record.url if told else None,
        )
        return self._with_alerts(draft, [one.record.ref for one in told])

    def of_model(self, id_: str, key: ModelKey, origins: Sequence[Origin]) -> ServiceDraft:
        """Return the service that is the model *key* alone; *origins* are those of its versions."""
        scopes = {one.repository for one in origins} - {""}
        scope = next(iter(scopes)) if len(scopes) == 1 else ""
        states = [self._model_state(name, some) for name, some in self._placed_versions(key)]
        if not self._parts.versions[key]:
            states = self._leading_states(key)
        draft = self._with_builds(ServiceDraft(id_, key[1], scope), states, "")
        placed = {one.environment: one.version for one in states}
        version = next((placed[name] for name in reversed(in_order(placed))), "")
        ref = self._model_ref(key)
        draft = draft._replace(
            model=key[1],
            model_version=version.removeprefix("v"),
            model_ref=ref,
            drift=self._drift(key, version.removeprefix("v")),
            targets=_targets([], ref, self._environment_of(ref)),
        )
        return self._with_alerts(draft, [])

    def _placed_versions(self, key: ModelKey) -> list[tuple[str, list[ModelVersion]]]:
        """Return the versions of the model *key* that an alias or a stage puts somewhere."""
        found: dict[str, list[ModelVersion]] = {}
        for ref in sorted(self._parts.versions[key]):
            record = self._tables[ref.kind].get(ref)
            if isinstance(record, ModelVersion) and (record.aliases or record.stage):
                found.setdefault(in_full(record.environment), []).append(record)
        return [(name, found[name]) for name in in_order(found)]

    def _leading_states(self, key: ModelKey) -> list[EnvironmentState]:
        """Return what the record of the model *key* says of the version that its leading alias
        names: all that is known before its versions are told, such as from the cache.
        """
        record = self._model(key)
        if record is None or not record.serving:
            return []
        number = f"v{record.serving}"
        return [
            EnvironmentState(
                environment=in_full(record.environment),
                version=number,
                status=record.status,
                reason=record.reason,
                model_version=record.serving,
                witnesses=(DeploymentWitness(ref=record.ref, says=number),),
            )
        ]

    def _model_state(self, name: str, versions: Sequence[ModelVersion]) -> EnvironmentState:
        worst = max(versions, key=lambda one: one.status.severity)
        numbers = "/".join(f"v{one.version}" for one in versions)
        commits = {c.value: None for one in versions for c in origin_of(self._index, one).commits}
        return EnvironmentState(
            environment=name,
            version=numbers,
            commits=tuple(commits),
            status=worst.status,
            reason=worst.reason,
            model_version="/".join(one.version for one in versions),
            witnesses=tuple(
                DeploymentWitness(ref=one.ref, says=f"v{one.version}") for one in versions
            ),
        )

    # --- builds of main --------------------------------------------------------------------------

    def _with_builds(
        self, draft: ServiceDraft, states: Sequence[EnvironmentState], branch: str
    ) -> ServiceDraft:
        scope = draft.repository
        branch, main = self.mains.of(scope, branch) if scope else (branch, ())
        commits = [_only(state.commits) for state in states]
        waiting = [self._waiting(scope, after, before) for before, after in pairwise(commits)]
        head = self._head(scope) or (main[-1].commit if main else "")
        return draft._replace(
            branch=branch,
            main=main,
            waiting=self._waiting(scope, commits[0], head) if commits else -1,
            environments=with_waiting(states, [*waiting, 0][: len(states)]),
        )

    def _waiting(self, scope: str, deployed: str, wanted: str) -> int:
        if not (scope and deployed and wanted):
            return -1
        return self._containment.waiting(scope, deployed, wanted)

    def _head(self, scope: str) -> str:
        """Return the head of the default branch, where a source has said which that is."""
        found = {
            record.sha
            for ref in self._parts.heads[scope]
            if isinstance(record := self._tables[ref.kind].get(ref), Commit)
        }
        return _only(tuple(found))

    # --- model, drift, alerts --------------------------------------------------------------------

    def served(self, node: Node) -> ServedModel:
        """Return the model version that *node* is."""
        record = self._record(node)
        if isinstance(record, ModelVersion):
            return ServedModel((record.source, record.model), record.model, record.version)
        if isinstance(node, Ref):
            return ServedModel(None, "", "")
        place = model_place(Claim(*node, "", Strength.SHA))
        refs = self._parts.model_at[place] if place else frozenset()
        key = next((k for ref in sorted(refs) for k in self._parts.models.keys_of(ref)), None)
        version = node.value.rpartition("/")[2] if "/" in node.value else ""
        return ServedModel(key, place[1] if place else "", version)

    def _with_model(
        self, draft: ServiceDraft, served: Iterable[Sequence[ServedModel]], declared: str
    ) -> ServiceDraft:
        found = [one for some in served for one in some if one.name]
        names = sorted({one.name for one in found} | ({declared} - {""}))
        keys = sorted({one.key for one in found if one.key})
        if declared and not keys:
            keys = sorted(key for key in self._parts.models if key[1] == declared)
        if not names:
            return draft
        key = keys[0] if len(keys) == 1 else None
        last = [state for state in draft.environments if state.model_version]
        version = last[-1].model_version if last else self._serving(key)
        return draft._replace(
            model=", ".join(names),
            model_version=version if len(names) == 1 else "",
            model_ref=self._model_ref(key) if key else None,
            drift=self._drift(key, version) if key else None,
        )

    def _serving(self, key: ModelKey | None) -> str:
        record = self._model(key) if key else None
        return record.serving if record else ""

    def _model(self, key: ModelKey) -> Model | None:
        ref = self._model_ref(key)
        record = self._tables[ref.kind].get(ref) if ref else None
        return record if isinstance(record, Model) else None

    def _model_ref(self, key: ModelKey) -> Ref | None:
        return min(self._parts.models[key], default=None)

    def _environment_of(self, ref: Ref | None) -> str:
        record = self._tables[ref.kind].get(ref) if ref else None
        return in_full(record.environment) if record else ""

    def _drift(self, key: ModelKey, version: str) -> Drift | None:
        """Return the worst measure of *version*."""
        found = [
            record
            for ref in sorted(self._parts.drifts[key])
            if isinstance(record := self._tables[ref.kind].get(ref), Drift)
            and record.version == version
        ]
        return max(found, key=drift_rank, default=None)

    def _with_alerts(self, draft: ServiceDraft, refs: Iterable[Ref]) -> ServiceDraft:
        about = set(refs) | self._parts.builds[draft.repository]
        if draft.model_ref is not None:
            (key,) = self._parts.models.keys_of(draft.model_ref) or (("", ""),)
            about |= {draft.model_ref} | self._parts.drifts[key] | self._parts.versions[key]
        found = [
            alert
            for part in about
            for ref in self._parts.alerts[part]
            if isinstance(alert := self._tables[ref.kind].get(ref), Alert)
        ]
        opened = sorted(one.ref for one in found if not one.state.is_quiet)
        return draft._replace(alerts=tuple(opened), known_alerts=len(found) - len(opened))

    def _record(self, node: Node) -> Record | None:
        return self._tables[node.kind].get(node) if isinstance(node, Ref) else None


def _only(commits: Sequence[str]) -> str:
    return commits[0] if len(commits) == 1 else ""


def _versions(served: dict[Ref, list[ServedModel]], here: Iterable[Testimony]) -> tuple[str, ...]:
    found = (one.version for it in here for one in served[it.record.ref])
    return tuple(dict.fromkeys(filter(None, found)))


def _by_environment(told: Sequence[Testimony]) -> list[tuple[str, list[Testimony]]]:
    """Return *told* by environment, in whatever spelling it is told of."""
    names = in_order(in_full(one.record.environment) for one in told)
    return [
        (name, [one for one in told if in_full(one.record.environment) == name]) for name in names
    ]


def _targets(
    told: Sequence[Testimony], model: Ref | None, environment: str
) -> tuple[ServiceTarget, ...]:
    """Return what an action may be meant for: production first, a cluster before a CI server."""
    found = [
        ServiceTarget(environment=name, ref=one.record.ref)
        for name, here in reversed(_by_environment(told))
        for one in sorted(here, key=lambda it: (not it.is_workload, it.record.ref))
    ]
    if model is not None:
        found.append(ServiceTarget(environment=environment, ref=model))
    return tuple(found)
