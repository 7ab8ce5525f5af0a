"""All acts, by their word."""

from typing import Final

from opsboard.adapter import Unsupported
from opsboard_adapters.kubernetes.act.act import Act
from opsboard_adapters.kubernetes.act.deletion import Delete
from opsboard_adapters.kubernetes.act.restart import Restart
from opsboard_adapters.kubernetes.act.retrain import Retrain
from opsboard_adapters.kubernetes.act.rollback import Rollback
from opsboard_adapters.kubernetes.act.run import Run
from opsboard_adapters.kubernetes.act.scaling import Scale
from opsboard_adapters.kubernetes.act.switching import Pause, Resume, Suspend, Unsuspend

_ALL: Final[tuple[Act, ...]] = (
    Rollback(),
    Restart(),
    Scale(),
    Pause(),
    Resume(),
    Run(),
    Suspend(),
    Unsuspend(),
    Delete(),
    Retrain(),
)
ACTS: Final = {act.offer.id: act for act in _ALL}


def act_of(action: str) -> Act:
    """Return the act of that word. Raises :exc:`Unsupported`."""
    if action not in ACTS:
        raise Unsupported(f"Kubernetes has no action {action!r}")
    return ACTS[action]
