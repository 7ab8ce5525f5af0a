"""What serves a model: the workloads that are made of one of its versions, as they state it.

A workload that names an alias reads it as it starts: which version that was then, only the history
of the alias can tell. Such a one is told by its alias, and never by the version that the alias
points to now.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from opsboard.lineage.edges import edges_out_of, things
from opsboard.lineage.graph import Edge, Node
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.rollout import is_scaled_to_zero
from opsboard.records import Claim, Deployment, Identity, Model, ModelVersion, Ref
from opsboard.records.claims import MODEL_ALIAS, MODEL_VERSION


class ModelServer(NamedTuple):
    """The workload *record* serves *version* of a model, or what its *alias* was as it started.

    *since* is when what it runs now was rolled out; with *since_at_latest*, it was not later than
    that. *edge* says by what that is known, or why it is a guess.
    """

    record: Deployment
    version: str
    alias: str
    since: datetime | None
    since_at_latest: bool
    edge: Edge

    @property
    def is_candidate(self) -> bool:
        """Whether that is a guess, or is still being rolled out."""
        return self.edge.is_candidate

    @property
    def is_stopped(self) -> bool:
        """Whether it is scaled to 0: nothing runs."""
        return is_scaled_to_zero(self.record)


def model_servers(
    index: LineageIndex, model: Model, versions: Iterable[ModelVersion]
) -> tuple[ModelServer, ...]:
    """Return what serves *model*, of which *versions* are on the board, production first."""
    known = [one for one in versions if (one.source, one.model) == (model.source, model.name)]
    found: dict[tuple[Ref, str, str], ModelServer] = {}
    for node in _nodes(index, model, known):
        for edge in edges_out_of(index, node):
            server = _server(index, edge, model)
            if server is not None:
                key = (server.record.ref, server.version, server.alias)
                found.setdefault(key, server)
    return tuple(sorted(found.values(), key=_order))


def _order(server: ModelServer) -> tuple[bool, bool, str, str]:
    record = server.record
    return (
        server.is_candidate,
        record.environment != "production",
        record.environment,
        record.name,
    )


def _nodes(index: LineageIndex, model: Model, versions: Iterable[ModelVersion]) -> Iterator[Node]:
    """Yield the versions of *model*, and what its aliases and versions are called elsewhere.

    Those too of which there is no record on the board: old ones, which may be served all the same.
    """
    records = list(versions)
    claims = [*model.inputs, *(claim for one in records for claim in one.outputs)]
    scopes = {index.identity(one)[1] for one in claims if one.type == MODEL_VERSION}
    yield from (one.ref for one in records)
    for identity in index.named(MODEL_VERSION, model.name):
        own = identity.value.rpartition("/")[0] == model.name
        if own and identity.scope in scopes and not index.representatives(identity):
            yield identity
    aliases = {alias.name for alias in model.aliases}
    for scope in sorted(scopes):
        for alias in sorted(aliases):
            identity = Identity(MODEL_ALIAS, scope, f"{model.name}@{alias}")
            if not index.representatives(identity):
                yield identity


def _server(index: LineageIndex, edge: Edge, model: Model) -> ModelServer | None:
    record = index.record(edge.downstream) if isinstance(edge.downstream, Ref) else None
    if not isinstance(record, Deployment):
        return None
    claim = _claim(index, record, edge, model)
    if claim is None:
        return None
    version = claim.value.rpartition("/")[2] if claim.type == MODEL_VERSION else ""
    alias = claim.value.rpartition("@")[2] if claim.type == MODEL_ALIAS else ""
    since = record.deployed_at or record.updated_at
    latest = record.deployed_at is None and since is not None
    return ModelServer(record, version, alias, since, latest, edge)


def _claim(index: LineageIndex, record: Deployment, edge: Edge, model: Model) -> Claim | None:
    """Return what *record* states by which it has *edge*."""
    for claim in record.inputs:
        marker = {MODEL_VERSION: "/", MODEL_ALIAS: "@"}.get(claim.type)
        if marker is None or claim.value.rpartition(marker)[0] != model.name:
            continue
        meant = index.resolve(index.identity(claim))
        if any(edge.upstream in things(index, identity) for identity in meant):
            return claim
    return None
