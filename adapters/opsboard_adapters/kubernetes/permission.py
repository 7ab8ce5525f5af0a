"""What to ask an administrator for, where the cluster says no."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from opsboard.adapter import Forbidden, Health, SourceError
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ApiObject

_REVIEW: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


async def review(client: ClusterClient, attributes: Mapping[str, str]) -> ApiObject:
    """Return the server's word (``allowed``, ``reason``) on what this login may do.

    *attributes* are ``verb``, ``group``, ``resource``, ``subresource``, ``namespace``, ``name``.
    """
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": dict(attributes)},
    }
    status: ApiObject = (await client.review(_REVIEW, body)).get("status") or {}
    return status


def permission_hint(resource: str, namespace: str, verbs: str = "get, list and watch") -> str:
    """Return the way out for who may not use *verbs* on *resource* (``deployments.apps``)."""
    if namespace:
        return f"ask for {verbs} on {resource} in namespace {namespace}"
    return f"ask for {verbs} on {resource} in all namespaces, or set namespaces in config"


def health_with_hint(error: SourceError, resource: str, namespace: str) -> Health:
    """Return the health that *error* stands for, with the permission to ask for."""
    health = error.health
    if not isinstance(error, Forbidden):
        return health
    return replace(health, hint=permission_hint(resource, namespace))
