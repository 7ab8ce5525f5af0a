"""Pods by the states of their containers, and what kubectl prints of them."""

from dataclasses import dataclass, field
from typing import Any, Final

from opsboard.records import Status

AT: Final = "2026-10-01T08:00:00Z"
LATER: Final = "2026-10-05T08:00:00Z"

Object = dict[str, Any]


@dataclass(frozen=True)
class PodCase:
    """A pod by its containers and its status, and its READY, STATUS and RESTARTS.

    *verdict* is ours. An *app* or an *init* container is told by its name alone; names that begin
    with ``side`` are native sidecars.
    """

    printed: tuple[str, str, int]
    verdict: Status
    status: Object
    app: tuple[str, ...] = ("app",)
    init: tuple[str, ...] = ()
    policy: str = "Always"
    deleted: bool = False
    spec: Object = field(default_factory=dict)

    def object(self, name: str) -> Object:
        """Return the pod as it is made; its status comes after that."""
        init = [
            container(called) | ({"restartPolicy": "Always"} if called.startswith("side") else {})
            for called in self.init
        ]
        spec = {
            "containers": [container(called) for called in self.app],
            "restartPolicy": self.policy,
        }
        if init:
            spec["initContainers"] = init
        return {
            "metadata": {"name": name, "finalizers": ["opsboard.dev/test"]},
            "spec": spec | self.spec,
        }

    def seen(self, name: str) -> Object:
        """Return the pod as the server would show it."""
        made = self.object(name)
        made["metadata"] |= {"namespace": "shop"}
        if self.deleted:
            made["metadata"]["deletionTimestamp"] = LATER
        return made | {"status": self.status}


def container(name: str) -> Object:
    return {"name": name, "image": f"registry.example/{name}:1"}


# --- the states of a container ------------------------------------------------------------------


def one(name: str = "app", *, restarts: int = 0, last: Object | None = None, **more: Any) -> Object:
    """Return the status of a container; by default one that has not told anything."""
    told = {"name": name, "image": "x", "imageID": "", "ready": False, "restartCount": restarts}
    return told | ({"lastState": {"terminated": last}} if last else {}) | more


def up(name: str = "app", *, ready: bool = True, **more: Any) -> Object:
    state: Any = {"state": {"running": {"startedAt": AT}}, "ready": ready, "started": True}
    return one(name, **(state | more))


def waits(reason: str = "", name: str = "app", **more: Any) -> Object:
    told = {"reason": reason} if reason else {}
    return one(name, state={"waiting": told}, **more)


def ended(
    code: int, reason: str = "", name: str = "app", *, signal: int = 0, **more: Any
) -> Object:
    told: Object = {"exitCode": code, "startedAt": AT, "finishedAt": AT}
    told |= ({"reason": reason} if reason else {}) | ({"signal": signal} if signal else {})
    return one(name, state={"terminated": told}, **more)


def end(at: str = AT, code: int = 1, reason: str = "Error") -> Object:
    """Return how a container has ended the last time."""
    return {"exitCode": code, "reason": reason, "startedAt": AT, "finishedAt": at}


# --- the statuses of a pod ----------------------------------------------------------------------


def is_(kind: str, word: str = "True", **more: str) -> Object:
    return {"type": kind, "status": word, "lastTransitionTime": AT, **more}


READY: Final = [is_("Initialized"), is_("Ready"), is_("ContainersReady"), is_("PodScheduled")]
STARTED: Final = [is_("Initialized"), is_("Ready", "False"), is_("PodScheduled")]
STARTING: Final = [is_("Initialized", "False"), is_("Ready", "False"), is_("PodScheduled")]


def pod(phase: str, *apps: Object, init: tuple[Object, ...] = (), **more: Any) -> Object:
    """Return the status of a pod; ``on`` are its conditions."""
    conditions = more.pop("on", None)
    told: Object = {"phase": phase, **more}
    for key, value in (
        ("containerStatuses", list(apps)),
        ("initContainerStatuses", list(init)),
        ("conditions", conditions),
    ):
        if value:
            told[key] = value
    return told


OK, RUN, WARN, BAD, DARK = (
    Status.OK,
    Status.RUNNING,
    Status.WARNING,
    Status.FAILED,
    Status.UNKNOWN,
)
TWO: Final = ("app", "log")
JOB: Final[Any] = {"policy": "Never"}
