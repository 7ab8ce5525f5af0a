"""Which part of a service a question is about that is not asked of the service itself.

A service is joined to nothing, its parts are: what changed before it went red is what changed
before its part did.
"""

from typing import TYPE_CHECKING

from opsboard.records import Alert, Ref, Service

if TYPE_CHECKING:
    from opsboard.board.state import Board


def red_part(service: Service, board: "Board") -> Ref:
    """Return what makes *service* as bad as it is: the alert that says so, or else the part."""
    alerts = [one for one in map(board.get, service.alerts) if isinstance(one, Alert)]
    if alerts:
        return min(alerts, key=lambda alert: _concern(alert, service)).ref
    parts = [one for one in (board.get(target.ref) for target in service.targets) if one]
    worst = max((part.status.severity for part in parts), default=0)
    found = (part.ref for part in parts if part.status.severity == worst)
    return next(found, service.ref)


def _concern(alert: Alert, service: Service) -> tuple[bool, int, bool]:
    """Order the alerts of *service*: first what its own row says, then the worst."""
    return (
        alert.reason != service.reason,
        -alert.status.severity,
        alert.environment != "production",
    )
