"""Which resources a cluster serves, by API discovery: their names, short names, groups, verbs.

Source: *The Kubernetes API* (Discovery API) in the Kubernetes documentation. A server of 1.30 or
later tells all of it in two answers (aggregated discovery, v2); of another one, each group version
is asked for. A group whose server does not answer, as that of an aggregated API may, is named in
:attr:`Discovered.notes`: what it serves is not known, which is not the same as nothing.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from opsboard.adapter import NotFound, SourceError
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.resources import api_path
from opsboard_adapters.kubernetes.structs import ApiStruct

AGGREGATED: Final = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
)
MAX_GROUP_VERSIONS: Final = 300
"""Group versions that are asked for one by one at most, where discovery is not aggregated."""
_AT_ONCE: Final = 8
_CORE: Final = "/api"
_GROUPS: Final = "/apis"


@dataclass(frozen=True, slots=True)
class ServedResource:
    """A resource that a cluster serves, at the version that it prefers."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str = ""
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        """The name as RBAC and kubectl spell it: ``rollouts.argoproj.io``, ``nodes``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """Group and version as objects have it: ``apps/v1``, ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def words(self) -> tuple[str, ...]:
        """What people call it, beside :attr:`full_name`."""
        qualified = f"{self.plural}.{self.group or 'core'}"
        words = (self.plural, *self.short_names, self.singular, self.kind.lower(), qualified)
        return tuple(dict.fromkeys(filter(None, words)))

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of the collection, in one namespace or in all, or of one object."""
        root = f"{_GROUPS}/{quote(self.group, safe='')}" if self.group else _CORE
        version = quote(self.version, safe="")
        return api_path(
            f"{root}/{version}",
            quote(self.plural, safe=""),
            namespace if self.namespaced else "",
            name,
        )


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a cluster serves by full name, in the order of its groups, and what is not known."""

    resources: dict[str, ServedResource]
    notes: tuple[str, ...] = ()

    def of_kind(self, api_version: str, kind: str) -> ServedResource | None:
        """Return the resource of objects of *kind*, of their group, at whatever version."""
        group = api_version.rpartition("/")[0]
        found = (one for one in self.resources.values() if (one.group, one.kind) == (group, kind))
        return next(found, None)


# --- what servers answer -------------------------------------------------------------------------


class GroupVersionKind(ApiStruct, frozen=True):
    """The kind of a resource's objects."""

    kind: str = ""


class APIResourceDiscovery(ApiStruct, frozen=True):
    """A resource in aggregated discovery."""

    resource: str = ""
    response_kind: GroupVersionKind = GroupVersionKind()
    scope: str = "Namespaced"
    singular_resource: str = ""
    verbs: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()


class APIVersionDiscovery(ApiStruct, frozen=True):
    """A version of a group. *freshness* is ``Stale`` where its server does not answer."""

    version: str = ""
    resources: tuple[APIResourceDiscovery, ...] = ()
    freshness: str = ""


class GroupMeta(ApiStruct, frozen=True):
    """The metadata of a group: its name, empty for the core group."""

    name: str = ""


class APIGroupDiscovery(ApiStruct, frozen=True):
    """A group in aggregated discovery; the preferred version comes first."""

    metadata: GroupMeta = GroupMeta()
    versions: tuple[APIVersionDiscovery, ...] = ()


class GroupVersion(ApiStruct, frozen=True):
    """A version of a group by name."""

    version: str = ""


class APIGroup(ApiStruct, frozen=True):
    """A group in ``/apis`` of a server without aggregated discovery."""

    name: str = ""
    versions: tuple[GroupVersion, ...] = ()
    preferred_version: GroupVersion = GroupVersion()


class DiscoveryAnswer(ApiStruct, frozen=True):
    """The answer to ``/api`` or ``/apis``: *items* where it is aggregated."""

    kind: str = ""
    items: tuple[APIGroupDiscovery, ...] = ()
    groups: tuple[APIGroup, ...] = ()
    versions: tuple[str, ...] = ()


class APIResource(ApiStruct, frozen=True):
    """A resource in the list of a group version; a subresource has a slash in its name."""

    name: str = ""
    singular_name: str = ""
    namespaced: bool = False
    kind: str = ""
    verbs: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()


class APIResourceList(ApiStruct, frozen=True):
    """The resources of a group version."""

    resources: tuple[APIResource, ...] = ()


# --- asking --------------------------------------------------------------------------------------


async def discover(client: ClusterClient) -> Discovered:
    """Return what the cluster of *client* serves and can list. Raises :exc:`SourceError`.

    That is where nothing at all can be known; what is known in part comes with notes.
    """
    core, groups = await asyncio.gather(_ask(client, _CORE), _ask(client, _GROUPS))
    if isinstance(core, SourceError) and isinstance(groups, SourceError):
        raise core
    resources = dict[str, ServedResource]()
    notes = list[str]()
    for path, answer in ((_CORE, core), (_GROUPS, groups)):
        if isinstance(answer, SourceError):
            notes.append(f"{path}: {answer.message}")
        elif answer.kind == "APIGroupDiscoveryList":
            _take_in(_aggregated(answer.items, notes), resources)
        else:
            _take_in(await _one_by_one(client, answer, notes), resources)
    return Discovered(resources, tuple(notes))


async def _ask(client: ClusterClient, path: str) -> DiscoveryAnswer | SourceError:
    try:
        return await client.get_struct(path, DiscoveryAnswer, accept=AGGREGATED)
    except SourceError as error:
        return error


def _take_in(found: Iterable[ServedResource], resources: dict[str, ServedResource]) -> None:
    """Keep of each resource the version that comes first, which the server prefers."""
    for resource in found:
        if "list" in resource.verbs and resource.plural:
            resources.setdefault(resource.full_name, resource)


def _aggregated(groups: Iterable[APIGroupDiscovery], notes: list[str]) -> Iterator[ServedResource]:
    for group in groups:
        name = group.metadata.name
        for version in group.versions:
            if version.freshness == "Stale":
                notes.append(f"the server of {name}/{version.version} does not answer")
            for one in version.resources:
                yield ServedResource(
                    name,
                    version.version,
                    one.resource,
                    one.response_kind.kind,
                    one.singular_resource,
                    one.short_names,
                    one.scope != "Cluster",
                    frozenset(one.verbs),
                )


async def _one_by_one(
    client: ClusterClient, answer: DiscoveryAnswer, notes: list[str]
) -> Sequence[ServedResource]:
    asked = [("", version) for version in answer.versions]
    asked += [(group.name, version) for group in answer.groups for version in _in_order(group)]
    if len(asked) > MAX_GROUP_VERSIONS:
        notes.append(f"of {len(asked):,} group versions, the first {MAX_GROUP_VERSIONS} were asked")
    limit = asyncio.Semaphore(_AT_ONCE)

    async def ask(group: str, version: str) -> Sequence[ServedResource]:
        root = f"{_GROUPS}/{quote(group, safe='')}" if group else _CORE
        async with limit:
            try:
                path = f"{root}/{quote(version, safe='')}"
                listed = await client.get_struct(path, APIResourceList)
            except NotFound:  # deleted meanwhile
                return ()
            except SourceError as error:
                notes.append(error.message)
                return ()
        return [_served(group, version, one) for one in listed.resources if "/" not in one.name]

    answers = await asyncio.gather(*(ask(*one) for one in asked[:MAX_GROUP_VERSIONS]))
    return [resource for found in answers for resource in found]


def _in_order(group: APIGroup) -> list[str]:
    """Return the versions of *group*, the preferred one first."""
    versions = [group.preferred_version.version, *(one.version for one in group.versions)]
    return list(dict.fromkeys(filter(None, versions)))


def _served(group: str, version: str, one: APIResource) -> ServedResource:
    return ServedResource(
        group,
        version,
        one.name,
        one.kind,
        one.singular_name,
        one.short_names,
        one.namespaced,
        frozenset(one.verbs),
    )
