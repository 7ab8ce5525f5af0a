"""What the API server says of itself, and of who asks."""

from typing import Any, Final

from opsboard.demo.kubernetes.resources import RESOURCES, Resource
from opsboard.demo.world.clusters import Cluster

READING: Final = frozenset({"get", "list", "watch"})


def version(cluster: Cluster) -> dict[str, Any]:
    """Answer ``/version``."""
    major, minor, _ = cluster.version.removeprefix("v").split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": cluster.version,
        "platform": "linux/amd64",
        "goVersion": "go1.25",
        "compiler": "gc",
    }


def api_versions() -> dict[str, Any]:
    """Answer ``/api``."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def api_groups() -> dict[str, Any]:
    """Answer ``/apis``."""
    versions = {resource.group: resource.version for resource in RESOURCES if resource.group}
    groups = [_group(name, preferred) for name, preferred in versions.items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _group(name: str, version: str) -> dict[str, Any]:
    offered = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [offered], "preferredVersion": offered}


def api_resources(group: str, version: str) -> dict[str, Any]:
    """Answer ``/api/v1`` and ``/apis/GROUP/VERSION``."""
    found = [
        resource for resource in RESOURCES if (resource.group, resource.version) == (group, version)
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": [_resource(resource) for resource in found],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["create", "delete", "get", "list", "patch", "watch"],
        "shortNames": list(resource.short),
    }


def self_review() -> dict[str, Any]:
    """Answer a ``SelfSubjectReview``: who asks."""
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {},
        "status": {"userInfo": {"username": "demo", "groups": ["system:authenticated"]}},
    }


def access_review(asked: dict[str, Any], user: str) -> dict[str, Any]:
    """Answer a ``SelfSubjectAccessReview`` of *user*."""
    verb = ((asked.get("spec") or {}).get("resourceAttributes") or {}).get("verb", "")
    allowed = may(user, verb)
    reason = "the demo permits everything" if allowed else f"{user} may only read"
    return {
        **asked,
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "status": {"allowed": allowed, "reason": reason},
    }


def may(user: str, verb: str) -> bool:
    """Tell whether *user* may do *verb*: who is impersonated may only read, you may do all."""
    return not user or verb in READING
