"""Which part of a service, or of a model, a question is about that is not asked of it itself.

A service is joined to nothing, its parts are: what changed before it went red is what changed
before its part did. A model is as its version drifts: it went red when that did, whenever it was
changed last.
"""

from typing import TYPE_CHECKING, Final

from opsboard.records import Alert, Drift, Kind, Model, Record, Ref, Service, Status

if TYPE_CHECKING:
    from opsboard.board.state import Board

_DRIFT: Final = "drift"
"""What a service gives as the reason where the drift of its model makes it as bad as it is."""


def red_part(record: Record, board: "Board") -> Ref:
    """Return what makes *record* as bad as it is: the alert that says so, or else the part."""
    if isinstance(record, Service):
        return _of_service(record, board)
    return _of_model(record, board) if isinstance(record, Model) else record.ref


def _of_model(model: Model, board: "Board") -> Ref:
    drifts = [
        one
        for one in board.records(Kind.DRIFT).values()
        if isinstance(one, Drift)
        and one.crossed
        and (one.source, one.model, one.version) == (model.source, model.name, model.serving)
    ]
    if not drifts:
        return model.ref
    about = {one.ref for one in drifts}
    alerts = [one for one in board.records(Kind.ALERT).values() if isinstance(one, Alert)]
    found = [one for one in alerts if one.about in about]
    return min(found, key=lambda one: one.since).ref if found else drifts[0].ref


def _of_service(service: Service, board: "Board") -> Ref:
    alerts = [one for one in map(board.get, service.alerts) if isinstance(one, Alert)]
    told = _told_by_row(service, board)
    # an alert of something else of it is not what its row says: a deployment that failed before
    # a roll-back, or that of another service of its repository
    if found := [one for one in alerts if one.about in told] or ([] if told else alerts):
        return min(found, key=lambda alert: _concern(alert, service)).ref
    if told:
        return next((one.ref for one in service.targets if one.ref in told), min(told))
    parts = [one for one in (board.get(target.ref) for target in service.targets) if one]
    worst = max((part.status.severity for part in parts), default=0)
    bad = (part.ref for part in parts if part.status.severity == worst)
    return next(bad, service.ref)


def _told_by_row(service: Service, board: "Board") -> set[Ref]:
    """Return the parts whose state the row of *service* says; empty where that is not known."""
    if service.reason == _DRIFT and service.drift is not None:
        return {service.drift}
    main = service.main[-1:] if not service.environment else ()
    told = {one.build for one in main if one.status is Status.FAILED}
    if (state := service.in_environment(service.environment)) is not None:
        witnesses = (board.get(one.ref) for one in state.witnesses)
        said = (state.status, state.reason)
        told |= {one.ref for one in witnesses if one and (one.status, one.reason) == said}
    return told


def _concern(alert: Alert, service: Service) -> tuple[bool, int, bool]:
    """Order the alerts of *service*: first what its own row says, then the worst."""
    return (
        alert.reason != service.reason,
        -alert.status.severity,
        alert.environment != "production",
    )
