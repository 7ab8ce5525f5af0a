"""What all objects share: metadata, owner references, conditions, timestamps."""

from datetime import datetime
from typing import Any, TypeAlias

from opsboard.demo.kubernetes.resources import FakeApiResource

Object: TypeAlias = dict[str, Any]


def stamp(at: datetime | None) -> str | None:
    """Return *at* as Kubernetes writes times: in UTC, to the second."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def new_object(
    resource: FakeApiResource,
    name: str,
    namespace: str,
    uid: str,
    created_at: datetime,
    *,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    owner: Object | None = None,
    generation: int | None = None,
) -> Object:
    """Return an object with its metadata; the store gives it its resource version."""
    metadata: Object = {
        "name": name,
        "namespace": namespace or None,
        "uid": uid,
        "resourceVersion": "",
        "generation": generation,
        "creationTimestamp": stamp(created_at),
        "labels": labels or None,
        "annotations": annotations or None,
        "ownerReferences": [owner] if owner else None,
    }
    return {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": {key: value for key, value in metadata.items() if value is not None},
    }


def owner_reference(api_version: str, kind: str, name: str, uid: str) -> Object:
    """Return the owner reference of an object to its controller."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(kind: str, *, holds: bool, at: datetime | None, **more: str) -> Object:
    """Return a condition; *more* holds its reason and message."""
    return {
        "type": kind,
        "status": "True" if holds else "False",
        "lastTransitionTime": stamp(at),
        **more,
    }
