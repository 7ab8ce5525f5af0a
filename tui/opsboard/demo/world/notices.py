"""What clusters say of what happens in them."""

from datetime import timedelta
from typing import Final

from opsboard.demo.world.clusters import Notice, Pod, Task, Workload
from opsboard.demo.world.world import World

KEPT: Final = 300
"""Notices that a cluster keeps at most."""

LIFETIME: Final = timedelta(hours=1)


def notify(
    world: World,
    about: Workload | Pod | Task,
    reason: str,
    message: str,
    component: str,
    *,
    warning: bool = False,
) -> None:
    """Say *reason* of *about*; what was said before is counted up."""
    notice = _said_before(about, reason, message)
    if notice is None:
        notice = _new(world, about, reason, message, component, warning=warning)
        about.cluster.notices[notice.uid] = notice
        _forget_old(world, about)
    else:
        notice.count += 1
        notice.last_at = world.now
    world.touch(notice)


def _said_before(about: Workload | Pod | Task, reason: str, message: str) -> Notice | None:
    for notice in reversed(about.cluster.notices.values()):
        if notice.about is about and (notice.reason, notice.message) == (reason, message):
            return notice
    return None


def _new(
    world: World,
    about: Workload | Pod | Task,
    reason: str,
    message: str,
    component: str,
    *,
    warning: bool,
) -> Notice:
    return Notice(
        cluster=about.cluster,
        namespace=about.namespace,
        name=f"{about.name}.{world.chance.hex(16)}",
        uid=world.chance.uid(),
        about=about,
        warning=warning,
        reason=reason,
        message=message,
        component=component,
        first_at=world.now,
        last_at=world.now,
    )


def _forget_old(world: World, about: Workload | Pod | Task) -> None:
    notices = about.cluster.notices
    oldest = world.now - LIFETIME
    for uid, notice in list(notices.items()):
        if len(notices) <= KEPT and notice.last_at >= oldest:
            break
        del notices[uid]
        world.touch(notice, gone=True)
