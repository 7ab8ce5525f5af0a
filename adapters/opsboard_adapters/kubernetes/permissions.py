"""What the login may do: access reviews, hints for what is forbidden, and ``opsboard doctor``.

Source: *Authorization overview* (SelfSubjectAccessReview) and *Authenticating*
(SelfSubjectReview) in the Kubernetes documentation.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Final

from opsboard.adapter import Check, Context, Forbidden, Health, NotFound, Principal, SourceError
from opsboard.records import Status
from opsboard_adapters.http import response_limits
from opsboard_adapters.kubernetes.access.clusters import (
    ClusterAccess,
    UnusableContext,
    configured_clusters,
)
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.config_hashes import key_file, load_hash_key
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.resources import (
    INFERENCE_SERVICES,
    ApiResource,
    watched_resources,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings

_ACCESS_REVIEW: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_SELF_REVIEW_VERSIONS: Final = ("v1", "v1beta1")
"""Since Kubernetes 1.28 and 1.27."""


async def who_asks(client: ClusterClient) -> Principal | None:
    """Return as whom the server knows this login; ``None`` where it does not say (before 1.27).

    Raises :exc:`SourceError`.
    """
    for version in _SELF_REVIEW_VERSIONS:
        group = f"authentication.k8s.io/{version}"
        body = {"apiVersion": group, "kind": "SelfSubjectReview"}
        with suppress(NotFound):
            answer = await client.review(f"/apis/{group}/selfsubjectreviews", body)
            user = (answer.get("status") or {}).get("userInfo") or {}
            if name := str(user.get("username") or ""):
                return Principal(name=name, id=str(user.get("uid") or ""))
    return None


def combined(principals: Mapping[str, Principal]) -> Principal | None:
    """Return the principal of a source with several clusters, by those of their servers.

    ``None`` where there is no cluster.
    """
    if len(principals) < 2:
        return next(iter(principals.values()), None)
    names = sorted({one.name for one in principals.values()})
    keys = sorted(f"{server}={one.key}" for server, one in principals.items())
    return Principal(name=", ".join(names), id=" ".join(keys))


async def custom_resources(client: ClusterClient) -> tuple[ApiResource, ...]:
    """Return the custom resources that are shown and that the cluster has.

    Raises :exc:`SourceError` where the server cannot be asked.
    """
    try:
        answer = await client.get(INFERENCE_SERVICES.group_path)
    except (NotFound, Forbidden):  # KServe is not installed, or who asks may discover nothing
        return ()
    names = {one.get("name") for one in answer.get("resources") or () if isinstance(one, dict)}
    return (INFERENCE_SERVICES,) if INFERENCE_SERVICES.plural in names else ()


async def access_review(client: ClusterClient, attributes: Mapping[str, str]) -> ApiObject:
    """Return whether this login may do what *attributes* say: ``allowed`` and ``reason``.

    *attributes* are ``verb``, ``group``, ``resource``, ``subresource``, ``namespace``, ``name``,
    the ``resourceAttributes`` of a SelfSubjectAccessReview. Raises :exc:`SourceError`.
    """
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": dict(attributes)},
    }
    status: ApiObject = (await client.review(_ACCESS_REVIEW, body)).get("status") or {}
    return status


def permission_hint(
    resource: str, namespace: str | None, verbs: str = "get, list and watch"
) -> str:
    """Return what to ask an administrator for: *verbs* on *resource* (``deployments.apps``).

    *namespace* is ``""`` for all, and ``None`` for what is in none, as nodes are.
    """
    if namespace is None:
        return f"ask for {verbs} on {resource}"
    if namespace:
        return f"ask for {verbs} on {resource} in namespace {namespace}"
    return f"ask for {verbs} on {resource} in all namespaces, or set namespaces in config"


def health_with_hint(error: SourceError, resource: str, namespace: str) -> Health:
    """Return the health for *error*; where it is a 403, with the permission to ask for."""
    health = error.health
    if not isinstance(error, Forbidden):
        return health
    return replace(health, hint=permission_hint(resource, namespace))


# --- opsboard doctor -----------------------------------------------------------------------------


async def doctor_checks(settings: KubernetesSettings, context: Context) -> AsyncIterator[Check]:
    """Yield the checks of each cluster: configured, reachable, logged in, may watch.

    Never raises :exc:`SourceError`: an error is a failed check.
    """
    try:
        found = configured_clusters(settings, context.host_environ)
    except SourceError as error:
        yield _failed("configured", error)
        return
    if settings.config_changes == "hash":
        yield _check_hash_key(context)
    for access in found:
        if isinstance(access, UnusableContext):
            yield _failed(f"{access.name}: configured", access.error)
            continue
        async for check in _check_cluster(access, settings, context):
            yield check


def _check_hash_key(context: Context) -> Check:
    subject, key = "key of the hashes", load_hash_key(context.host_environ)
    if key.problem:
        said = f"{key.problem}: changes of config are known within one run alone"
        return Check(subject, Status.WARNING, said, key.hint)
    return Check(subject, Status.OK, str(key_file(context.host_environ)))


async def _check_cluster(
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
        if (anonymous := access.anonymous_health) is not None:
            subject = f"{access.name}: login"
            yield Check(subject, Status.WARNING, anonymous.message, anonymous.hint)
        yield await _check_user(client, access)
        try:
            resources = (*watched_resources(settings), *await custom_resources(client))
        except SourceError as error:
            yield _failed(f"{access.name}: API discovery", error)
            return
        for namespace in settings.namespaces or ("",):
            for resource in resources:
                yield await _check_watch(client, access, resource, namespace)


async def _check_user(client: ClusterClient, access: ClusterAccess) -> Check:
    subject = f"{access.name}: logged in"
    try:
        principal = await who_asks(client)
    except SourceError as error:
        return _failed(subject, error)
    if principal is None:
        said = "this server (before 1.27) does not say as whom: history goes by this very login"
        return Check(subject, Status.OK, said)
    return Check(subject, Status.OK, f"as {principal.name}")


async def _check_watch(
    client: ClusterClient, access: ClusterAccess, resource: ApiResource, namespace: str
) -> Check:
    where = f"in {namespace}" if namespace else "in all namespaces"
    subject = f"{access.name}: may watch {resource.plural}"
    attributes = {
        "verb": "watch",
        "group": resource.api_group,
        "resource": resource.plural,
        "namespace": namespace,
    }
    try:
        status = await access_review(client, attributes)
    except SourceError as error:
        return _failed(subject, error)
    if status.get("allowed"):
        return Check(subject, Status.OK, where)
    hint = permission_hint(resource.full_name, namespace)
    if resource.optional:
        said = f"not {where}: the board does without"
        return Check(subject, Status.WARNING, said, _OPTIONAL_HINTS.get(resource.plural, hint))
    return Check(subject, Status.FAILED, f"not {where}", hint)


_OPTIONAL_HINTS: Final = {
    plural: f'ask for list and watch on {plural}, or set config_changes = "off" in config'
    for plural in ("configmaps", "secrets")
}


def _failed(subject: str, error: SourceError) -> Check:
    return Check(subject, Status.FAILED, error.message, error.hint)
