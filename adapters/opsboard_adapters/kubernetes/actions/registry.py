"""All acts, by their word."""

from typing import Final

from opsboard.adapter import Unsupported
from opsboard_adapters.kubernetes.actions.base import KubernetesAction
from opsboard_adapters.kubernetes.actions.delete_pod import DeletePod
from opsboard_adapters.kubernetes.actions.restart import RestartWorkload
from opsboard_adapters.kubernetes.actions.retrain import RetrainWithJob
from opsboard_adapters.kubernetes.actions.rollback import RollbackWorkload
from opsboard_adapters.kubernetes.actions.run_job import RunCronJob
from opsboard_adapters.kubernetes.actions.scale import ScaleWorkload
from opsboard_adapters.kubernetes.actions.toggle import (
    PauseRollout,
    ResumeRollout,
    SuspendCronJob,
    UnsuspendCronJob,
)

_ALL: Final[tuple[KubernetesAction, ...]] = (
    RollbackWorkload(),
    RestartWorkload(),
    ScaleWorkload(),
    PauseRollout(),
    ResumeRollout(),
    RunCronJob(),
    SuspendCronJob(),
    UnsuspendCronJob(),
    DeletePod(),
    RetrainWithJob(),
)
ACTIONS: Final = {act.offer.id: act for act in _ALL}


def find_action(action: str) -> KubernetesAction:
    """Return the act of that word. Raises :exc:`Unsupported`."""
    if action not in ACTIONS:
        raise Unsupported(f"Kubernetes has no action {action!r}")
    return ACTIONS[action]
