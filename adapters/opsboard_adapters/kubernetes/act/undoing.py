"""The patches that roll a workload back: those of ``kubectl rollout undo``, for one version of it.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollback.go`` (1.36).
"""

from typing import Final

from opsboard_adapters.kubernetes.act.past import EARLIER, Revision
from opsboard_adapters.kubernetes.act.site import MARK, Target
from opsboard_adapters.kubernetes.sending import JSON_PATCH, STRATEGIC_PATCH, Sending

KEPT_ANNOTATIONS: Final = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        EARLIER,
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations that stay a Deployment's own; all others become those of the revision."""


def replacing(target: Target, revision: Revision, mark: str) -> Sending:
    """Return the JSON patch that makes the template of a ReplicaSet that of its Deployment."""
    own = target.meta.get("annotations") or {}
    kept = {key: value for key, value in own.items() if key in KEPT_ANNOTATIONS}
    theirs = {k: v for k, v in revision.annotations.items() if k not in KEPT_ANNOTATIONS}
    patch = [
        {"op": "test", "path": "/metadata/uid", "value": target.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": target.version},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
        {"op": "add", "path": "/metadata/annotations", "value": {**kept, **theirs, MARK: mark}},
    ]
    return Sending("PATCH", target.path, patch, JSON_PATCH)


def restoring(target: Target, revision: Revision, mark: str) -> Sending:
    """Return the patch that a ControllerRevision holds, for this very version of its workload."""
    metadata = {
        "uid": target.uid,
        "resourceVersion": target.version,
        "annotations": {MARK: mark},
    }
    data = revision.kept.get("data") or {}
    return Sending("PATCH", target.path, {**data, "metadata": metadata}, STRATEGIC_PATCH)
