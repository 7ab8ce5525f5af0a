"""The patches that roll a workload back: those of ``kubectl rollout undo``, for one version of it.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollback.go`` (1.36).
"""

from typing import Final

from opsboard_adapters.kubernetes.actions.revision_health import (
    REVISION_HISTORY_ANNOTATION,
    WorkloadRevision,
)
from opsboard_adapters.kubernetes.actions.target import PLAN_ANNOTATION, TargetObject
from opsboard_adapters.kubernetes.requests import JSON_PATCH, STRATEGIC_PATCH, ChangeRequest

KEPT_ANNOTATIONS: Final = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        REVISION_HISTORY_ANNOTATION,
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations that stay a Deployment's own; all others become those of the revision."""


def deployment_patch(target: TargetObject, revision: WorkloadRevision, mark: str) -> ChangeRequest:
    """Return the JSON patch that makes the template of a ReplicaSet that of its Deployment."""
    own = target.meta.get("annotations") or {}
    kept = {key: value for key, value in own.items() if key in KEPT_ANNOTATIONS}
    theirs = {k: v for k, v in revision.annotations.items() if k not in KEPT_ANNOTATIONS}
    patch = [
        {"op": "test", "path": "/metadata/uid", "value": target.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": target.version},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
        {
            "op": "add",
            "path": "/metadata/annotations",
            "value": {**kept, **theirs, PLAN_ANNOTATION: mark},
        },
    ]
    return ChangeRequest("PATCH", target.path, patch, JSON_PATCH)


def controller_revision_patch(
    target: TargetObject, revision: WorkloadRevision, mark: str
) -> ChangeRequest:
    """Return the patch that a ControllerRevision holds, for this very version of its workload."""
    metadata = {
        "uid": target.uid,
        "resourceVersion": target.version,
        "annotations": {PLAN_ANNOTATION: mark},
    }
    data = revision.object.get("data") or {}
    return ChangeRequest("PATCH", target.path, {**data, "metadata": metadata}, STRATEGIC_PATCH)
