"""Discovery and self-review: what the API server serves, and what the caller may do."""

from collections.abc import Iterator
from typing import Any, Final

from opsboard.demo.kubernetes.resources import (
    DEPLOYMENTS,
    PODS,
    SERVED,
    STATEFUL_SETS,
    FakeApiResource,
)
from opsboard.demo.world.clusters import DemoCluster

OPENAPI_V2: Final = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

AGGREGATED: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

READING: Final = frozenset({"get", "list", "watch"})


def version(cluster: DemoCluster) -> dict[str, Any]:
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
    versions = {resource.group: resource.version for resource in SERVED if resource.group}
    groups = [_group(name, preferred) for name, preferred in versions.items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _group(name: str, version: str) -> dict[str, Any]:
    offered = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [offered], "preferredVersion": offered}


def aggregated(*, core: bool) -> dict[str, Any]:
    """Answer ``/api`` or ``/apis`` as aggregated discovery, all resources in one answer."""
    groups = dict.fromkeys(one.group for one in SERVED if bool(one.group) is not core)
    items = [{"metadata": {"name": name}, "versions": [_version(name)]} for name in groups]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _version(group: str) -> dict[str, Any]:
    found = [one for one in SERVED if one.group == group]
    resources = [
        {
            "resource": one.plural,
            "responseKind": {"group": group, "version": one.version, "kind": one.kind},
            "scope": "Namespaced" if one.namespaced else "Cluster",
            "singularResource": one.kind.lower(),
            "verbs": list(one.verbs),
            "shortNames": list(one.short),
            "subresources": [
                {
                    "subresource": part["name"].partition("/")[2],
                    "responseKind": {
                        "group": part.get("group", group),
                        "version": part.get("version", one.version),
                        "kind": part["kind"],
                    },
                    "verbs": part["verbs"],
                }
                for part in _parts(one)
            ],
        }
        for one in found
    ]
    return {"version": found[0].version, "freshness": "Current", "resources": resources}


def api_resources(group: str, version: str) -> dict[str, Any]:
    """Answer ``/api/v1`` and ``/apis/GROUP/VERSION``."""
    found = [
        resource for resource in SERVED if (resource.group, resource.version) == (group, version)
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": [
            one for resource in found for one in (_resource(resource), *_parts(resource))
        ],
    }


def _resource(resource: FakeApiResource) -> dict[str, Any]:
    return {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
        "shortNames": list(resource.short),
    }


def _parts(resource: FakeApiResource) -> Iterator[dict[str, Any]]:
    """Yield the subresources that are served."""
    if resource in {DEPLOYMENTS, STATEFUL_SETS}:
        yield _part(resource, "scale", "Scale", group="autoscaling", version="v1")
    if resource is PODS:
        yield _part(resource, "log", "Pod")


def _part(resource: FakeApiResource, name: str, kind: str, **more: str) -> dict[str, Any]:
    verbs = ["get"] if name == "log" else ["get", "patch"]
    part = {"name": f"{resource.plural}/{name}", "singularName": "", "namespaced": True}
    return {**part, "kind": kind, "verbs": verbs, **more}


def openapi_v3() -> dict[str, Any]:
    """Answer ``/openapi/v3``: there are no schemas, so that clients validate nothing."""
    return {"paths": {}}


def self_review() -> dict[str, Any]:
    """Answer a ``SelfSubjectReview``: who the caller is."""
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {},
        "status": {"userInfo": {"username": "demo", "groups": ["system:authenticated"]}},
    }


def access_review(asked: dict[str, Any], user: str) -> dict[str, Any]:
    """Answer a ``SelfSubjectAccessReview`` of *user*."""
    spec = asked.get("spec") or {}
    attributes = spec.get("resourceAttributes") or spec.get("nonResourceAttributes") or {}
    verb = attributes.get("verb", "")
    allowed = may(user, verb)
    reason = "the demo permits everything" if allowed else f"{user} may only read"
    return {
        **asked,
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "status": {"allowed": allowed, "reason": reason},
    }


def rules_review(asked: dict[str, Any], user: str) -> dict[str, Any]:
    """Answer a ``SelfSubjectRulesReview`` of *user*: what they may do in a namespace."""
    verbs = sorted(READING) if user else ["*"]
    resources = {"verbs": verbs, "apiGroups": ["*"], "resources": ["*"]}
    paths = {"verbs": ["get"] if user else ["*"], "nonResourceURLs": ["*"]}
    return {
        **asked,
        "kind": "SelfSubjectRulesReview",
        "apiVersion": "authorization.k8s.io/v1",
        "status": {"resourceRules": [resources], "nonResourceRules": [paths], "incomplete": False},
    }


def may(user: str, verb: str) -> bool:
    """Return whether *user* may do *verb*: impersonated users may only read, others everything."""
    return not user or verb in READING
