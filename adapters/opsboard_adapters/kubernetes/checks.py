"""``opsboard doctor`` for a Kubernetes source."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from opsboard.adapter import Check, Context, NotFound, SourceError
from opsboard.records import Status
from opsboard_adapters.http import response_limits
from opsboard_adapters.kubernetes.access.clusters import (
    ClusterAccess,
    UnusableContext,
    configured_clusters,
)
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.permission import permission_hint, review
from opsboard_adapters.kubernetes.resources import WATCHED, ApiResource
from opsboard_adapters.kubernetes.settings import KubernetesSettings

_WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def run(settings: KubernetesSettings, context: Context) -> AsyncIterator[Check]:
    """Yield a check for each thing that must be right; never raise :exc:`SourceError`."""
    try:
        found = configured_clusters(settings, context.host_environ)
    except SourceError as error:
        yield _failed("configured", error)
        return
    for way in found:
        if isinstance(way, UnusableContext):
            yield _failed(f"{way.name}: configured", way.error)
            continue
        async for check in _cluster(way, settings, context):
            yield check


async def _cluster(
    access: ClusterAccess, settings: KubernetesSettings, context: Context
) -> AsyncIterator[Check]:
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(
                open_cluster_client(access, context, settings.timeout, response_limits(settings))
            )
            version = await client.get("/version")
        except SourceError as error:
            yield _failed(f"{access.name}: reachable", error)
            return
        said = f"{access.server}, Kubernetes {version.get('gitVersion', 'of unknown version')}"
        yield Check(f"{access.name}: reachable", Status.OK, said)
        if (nobody := access.anonymous_health) is not None:
            yield Check(f"{access.name}: login", Status.WARNING, nobody.message, nobody.hint)
        yield await _who(client, access)
        for namespace in settings.namespaces or ("",):
            for resource in WATCHED:
                yield await _permitted(client, access, resource, namespace)


async def _who(client: ClusterClient, access: ClusterAccess) -> Check:
    subject = f"{access.name}: logged in"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    try:
        answer = await client.review(_WHO, body)
    except NotFound:
        return Check(subject, Status.OK, "this server (before 1.28) does not tell as whom")
    except SourceError as error:
        return _failed(subject, error)
    user = ((answer.get("status") or {}).get("userInfo") or {}).get("username", "unknown")
    return Check(subject, Status.OK, f"as {user}")


async def _permitted(
    client: ClusterClient, access: ClusterAccess, resource: ApiResource, namespace: str
) -> Check:
    where = f"in {namespace}" if namespace else "in all namespaces"
    subject = f"{access.name}: may watch {resource.plural}"
    wanted = {
        "verb": "watch",
        "group": resource.api_group,
        "resource": resource.plural,
        "namespace": namespace,
    }
    try:
        status = await review(client, wanted)
    except SourceError as error:
        return _failed(subject, error)
    if status.get("allowed"):
        return Check(subject, Status.OK, where)
    hint = permission_hint(resource.full_name, namespace)
    return Check(subject, Status.FAILED, f"not {where}", hint)


def _failed(subject: str, error: SourceError) -> Check:
    return Check(subject, Status.FAILED, error.message, error.hint)
