"""What a source offers of any resource of its clusters: listings, pages, raw forms."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing

from opsboard.adapter import (
    Description,
    Detail,
    ListingCatalog,
    ListingQuery,
    ListingType,
    ListingUpdate,
    NotFound,
    ObjectTree,
    SourceError,
    Unsupported,
)
from opsboard.records import JSON, Kind, Ref
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.discovery import Discovered, ServedResource, discover
from opsboard_adapters.kubernetes.kubectl import Kubectl, KubectlError
from opsboard_adapters.kubernetes.listed_objects import listed_detail, listed_place
from opsboard_adapters.kubernetes.listings import Connect, PodsOf, ResourceListing
from opsboard_adapters.kubernetes.objects import readable
from opsboard_adapters.kubernetes.owner_tree import OwnerTree
from opsboard_adapters.kubernetes.resources import KINDS_IN_IDS, locate
from opsboard_adapters.kubernetes.settings import KubernetesSettings


class ClusterListings:
    """Any resource of the clusters that *cluster_names* returns, each opened by *connect*.

    *pods_of* returns the pods that are watched of one, and *pause* sleeps.
    """

    def __init__(
        self,
        settings: KubernetesSettings,
        kubectl: Kubectl,
        cluster_names: Callable[[], list[str]],
        connect: Connect,
        *,
        pods_of: PodsOf,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._settings, self._kubectl = settings, kubectl
        self._cluster_names = cluster_names
        self._connect, self._pods_of, self._pause = connect, pods_of, pause
        self._catalog = ResourceCatalog(connect)

    async def types(self) -> ListingCatalog:
        """Return what the clusters serve by now. Raises :exc:`SourceError` where none says it."""
        self._catalog.forget()
        found, errors = await self._catalog.of_all(self._cluster_names())
        if errors and not found:
            raise next(iter(errors.values()))
        return listing_catalog(found, errors)

    async def listing(self, name: str, query: ListingQuery) -> AsyncGenerator[ListingUpdate, None]:
        """Yield the rows of the resource *name*, then what changes. Raises :exc:`SourceError`."""
        namespaces = self._settings.namespaces
        opened = ResourceListing(
            name, query, namespaces, self._connect, pods_of=self._pods_of, pause=self._pause
        )
        updates = opened.updates(*await self._catalog.of_all(self._cluster_names()))
        async with aclosing(updates):
            async for update in updates:
                yield update

    async def detail(self, ref: Ref) -> Detail:
        """Return the page of a listed object. Raises :exc:`SourceError`."""
        client, cluster, resource = await self._located(ref)
        known = await self._catalog.of_cluster(cluster.name)
        return await listed_detail(client, cluster, resource, ref, known)

    async def raw(self, ref: Ref) -> JSON:
        """Return a listed object as the server has it, of a Secret its metadata alone."""
        client, _, resource = await self._located(ref)
        _, _, namespace, name = listed_place(ref)
        path, is_secret = resource.path(namespace, name), resource.full_name == "secrets"
        return readable(await client.get(path, metadata_only=is_secret))

    async def describe(self, ref: Ref) -> Description:
        """Return what kubectl says of an object. Raises :exc:`SourceError`.

        That is :exc:`Unsupported` where kubectl describes nothing here: it says why.
        """
        client, cluster, resource = await self._located(ref)
        _, _, namespace, name = _place(ref)
        is_secret = resource.full_name == "secrets"
        item = await client.get(resource.path(namespace, name), metadata_only=is_secret)
        try:
            return await self._kubectl.describe(cluster.name, resource, namespace, item)
        except KubectlError as error:
            raise Unsupported(str(error)) from None

    async def tree(self, ref: Ref) -> ObjectTree:
        """Return what owns an object and what it owns. Raises :exc:`SourceError`."""
        client, cluster, resource = await self._located(ref)
        _, _, namespace, name = _place(ref)
        known = await self._catalog.of_cluster(cluster.name)
        return await OwnerTree(client, cluster, known).read(resource, namespace, name)

    async def _located(self, ref: Ref) -> tuple[ClusterClient, ClusterContext, ServedResource]:
        """Return cluster and resource of an object. Raises :exc:`SourceError`."""
        try:
            listing, name, _, _ = _place(ref)
        except ValueError:
            raise NotFound(f"there is no {ref.id!r} in this source", "go back") from None
        client, cluster = await self._connect(name)
        known = await self._catalog.of_cluster(name)
        if (resource := known.resources.get(listing)) is None:
            raise NotFound(f"{name} has no {listing}", "go back; it may have been deleted")
        return client, cluster, resource


def _place(ref: Ref) -> tuple[str, str, str, str]:
    """Return resource, cluster, namespace and name of an object, listed or a record.

    Raises :exc:`ValueError` for an id that is none, and :exc:`Unsupported` for another kind.
    """
    if ref.kind is Kind.LISTED:
        return listed_place(ref)
    resource, namespace, name = locate(ref)
    depth = 3 if ref.kind in KINDS_IN_IDS else 2
    return resource.full_name, ref.id.rsplit("/", depth)[0], namespace, name


class ResourceCatalog:
    """What the clusters of a source serve, asked for once, and again after :meth:`forget`."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._known: dict[str, asyncio.Task[Discovered]] = {}

    def forget(self) -> None:
        """Ask again next time."""
        self._known.clear()

    async def of_cluster(self, cluster: str) -> Discovered:
        """Return what *cluster* serves. Raises :exc:`SourceError`."""
        task = self._known.get(cluster)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._known[cluster] = asyncio.create_task(self._discover(cluster))
        return await asyncio.shield(task)

    async def _discover(self, cluster: str) -> Discovered:
        client, _ = await self._connect(cluster)
        return await discover(client)

    async def of_all(
        self, clusters: Iterable[str]
    ) -> tuple[Mapping[str, Discovered], Mapping[str, SourceError]]:
        """Return what each of *clusters* serves, and why it is not known of the others."""
        names = list(clusters)
        asked = (self.of_cluster(name) for name in names)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        found = dict[str, Discovered]()
        errors = dict[str, SourceError]()
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, Discovered):
                found[name] = answer
            elif isinstance(answer, SourceError):
                errors[name] = answer
            else:
                raise answer
        return found, errors


def listing_catalog(
    found: Mapping[str, Discovered], errors: Mapping[str, SourceError]
) -> ListingCatalog:
    """Return the listings of all clusters; one that some of them serve is there for all."""
    types = dict[str, ListingType]()
    for discovered in found.values():
        for name, one in discovered.resources.items():
            types.setdefault(name, _listing_type(one))
    notes = [f"{name}: {note}" for name, known in found.items() for note in known.notes]
    notes += [f"{name}: {error.message}" for name, error in errors.items()]
    return ListingCatalog(types=tuple(types.values()), notes=tuple(notes))


def _listing_type(one: ServedResource) -> ListingType:
    aliases = tuple(word for word in one.words if word != one.full_name)
    return ListingType(
        name=one.full_name, title=one.plural, aliases=aliases, group=one.group,
        scoped=one.namespaced,
    )  # fmt: skip
