"""Kubernetes Events: recorded, counted up when repeated, and removed after an hour."""

from datetime import timedelta
from typing import Final

from opsboard.demo.world.clusters import DemoEvent, DemoJob, DemoPod, DemoWorkload
from opsboard.demo.world.world import DemoWorld

MAX_EVENTS: Final = 300
"""Events that a cluster keeps at most."""

EVENT_LIFETIME: Final = timedelta(hours=1)


def record_event(
    world: DemoWorld,
    subject: DemoWorkload | DemoPod | DemoJob,
    reason: str,
    message: str,
    component: str,
    *,
    warning: bool = False,
) -> None:
    """Record an event about *subject*; one with the same reason and message is counted up."""
    notice = _said_before(subject, reason, message)
    if notice is None:
        notice = _new(world, subject, reason, message, component, warning=warning)
        subject.cluster.events[notice.uid] = notice
        _forget_old(world, subject)
    else:
        notice.count += 1
        notice.last_at = world.now
    world.mark_changed(notice)


def _said_before(
    about: DemoWorkload | DemoPod | DemoJob, reason: str, message: str
) -> DemoEvent | None:
    for notice in reversed(about.cluster.events.values()):
        if notice.subject is about and (notice.reason, notice.message) == (reason, message):
            return notice
    return None


def _new(
    world: DemoWorld,
    about: DemoWorkload | DemoPod | DemoJob,
    reason: str,
    message: str,
    component: str,
    *,
    warning: bool,
) -> DemoEvent:
    return DemoEvent(
        cluster=about.cluster,
        namespace=about.namespace,
        name=f"{about.name}.{world.rng.hex(16)}",
        uid=world.rng.uid(),
        subject=about,
        warning=warning,
        reason=reason,
        message=message,
        component=component,
        first_at=world.now,
        last_at=world.now,
    )


def _forget_old(world: DemoWorld, about: DemoWorkload | DemoPod | DemoJob) -> None:
    notices = about.cluster.events
    oldest = world.now - EVENT_LIFETIME
    for uid, notice in list(notices.items()):
        if len(notices) <= MAX_EVENTS and notice.last_at >= oldest:
            break
        del notices[uid]
        world.mark_changed(notice, deleted=True)
