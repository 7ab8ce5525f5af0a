"""All acts, by their word."""

from typing import Final

from opsboard.adapter import Unsupported
from opsboard_adapters.kubernetes.act.act import Act
from opsboard_adapters.kubernetes.act.rollback import Rollback

ACTS: Final[dict[str, Act]] = {act.offer.id: act for act in (Rollback(),)}


def act_of(action: str) -> Act:
    """Return the act of that word. Raises :exc:`Unsupported`."""
    if action not in ACTS:
        raise Unsupported(f"Kubernetes has no action {action!r}")
    return ACTS[action]
