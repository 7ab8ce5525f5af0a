"""Which pod and which of its containers is meant: the form, and what is chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Input, Misconfigured, NotFound, Option
from opsboard.records import Status
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.parse.pods import container_rows, diagnose
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.structs import V1Pod, to_struct

DEFAULT_CONTAINER: Final = "kubectl.kubernetes.io/default-container"
"""The annotation by which kubectl knows which container is meant (*Well-Known Labels*)."""
_MAX_PODS: Final = 200
"""Pods that can be chosen from."""


@dataclass(frozen=True, slots=True)
class ChosenPod:
    """A pod that somebody wants to get into."""

    item: ApiObject
    pod: V1Pod

    @property
    def name(self) -> str:
        return self.pod.metadata.name

    @property
    def uid(self) -> str:
        return str((self.item.get("metadata") or {}).get("uid") or "")

    @property
    def is_running(self) -> bool:
        return self.pod.status.phase == "Running" and not self._is_ending

    @property
    def is_over(self) -> str:
        """Why nothing can begin to run in it: it ends, has ended, or is on no node; or ``""``."""
        if self._is_ending or self.pod.status.phase in {"Succeeded", "Failed"}:
            return f"the pod has ended, or is ending: {self.status}"
        return "" if self.pod.spec.node_name else f"the pod is on no node yet: {self.status}"

    @property
    def has_failed(self) -> bool:
        return diagnose(self.pod).status is Status.FAILED

    @property
    def _is_ending(self) -> bool:
        return "deletionTimestamp" in (self.item.get("metadata") or {})

    @property
    def status(self) -> str:
        """The status as it is printed: ``CrashLoopBackOff``."""
        return diagnose(self.pod).reason

    @property
    def containers(self) -> Mapping[str, str]:
        """The containers that may run now, those of the app first, each with its state."""
        rows = list(container_rows(self.pod))
        init = {one.name for one in self.pod.spec.init_containers}
        rows.sort(key=lambda row: row.spec.name in init)
        found = {row.spec.name: row.status.state.name for row in rows}
        for one in (self.item.get("status") or {}).get("ephemeralContainerStatuses") or ():
            found[str(one.get("name"))] = next(iter(one.get("state") or {"unknown": None}))
        return found

    @property
    def default_container(self) -> str:
        """The container that is meant unless one is named: as for kubectl."""
        annotations = (self.item.get("metadata") or {}).get("annotations") or {}
        named = str(annotations.get(DEFAULT_CONTAINER) or "")
        names = [one.name for one in self.pod.spec.containers]
        return named if named in names else next(iter(names), "")


async def pods_of(target: TargetObject, *, failing_first: bool = False) -> Sequence[ChosenPod]:
    """Return the pods of *target*, in the order in which one is likely meant.

    Raises :exc:`NotFound`.
    """
    items = [target.item] if target.resource is PODS else await target.pods()
    found = [ChosenPod(item, to_struct(item, V1Pod)) for item in items]
    if not found:
        raise NotFound(f"{target.title} has no pod", "wait until it has one, or look at its events")
    return in_order(found, failing_first=failing_first)[:_MAX_PODS]


def in_order(pods: Iterable[ChosenPod], *, failing_first: bool = False) -> list[ChosenPod]:
    """Return *pods*, those that run and have not failed first: one whose containers crash runs, by
    its phase, and nobody gets into it. With *failing_first*, those that have failed come first, and
    those that nothing can be put into last.
    """
    if failing_first:
        return sorted(pods, key=lambda one: (bool(one.is_over), not one.has_failed, one.name))
    return sorted(pods, key=lambda one: (not one.is_running, one.has_failed, one.name))


def pod_input(pods: Sequence[ChosenPod]) -> Input:
    """Return the field for the pod, by default the first of *pods*."""
    options = tuple(Option(value=one.name, note=one.status) for one in pods)
    return Input(
        name="pod", label="pod", type="choice", default=pods[0].name, required=True, options=options
    )


def container_input(pods: Sequence[ChosenPod]) -> Input:
    """Return the field for the container: of any of *pods*, by default that of the first."""
    names = {name: state for pod in reversed(pods) for name, state in pod.containers.items()}
    ordered = [*pods[0].containers, *(name for name in names if name not in pods[0].containers)]
    return Input(
        name="container",
        label="container",
        type="choice",
        default=pods[0].default_container,
        required=True,
        options=tuple(Option(value=name, note=names[name]) for name in ordered),
    )


def chosen(pods: Sequence[ChosenPod], values: Mapping[str, str]) -> ChosenPod:
    """Return the pod that *values* name. Raises :exc:`Misconfigured`."""
    name = values.get("pod") or pods[0].name
    for one in pods:
        if one.name == name:
            return one
    raise Misconfigured(f"there is no pod {name!r}", "see the choices in its form")


@dataclass(frozen=True, slots=True)
class ChosenContainer:
    """A container of a *pod*, by its *name*."""

    pod: ChosenPod
    name: str

    @property
    def not_running(self) -> str:
        """What keeps it from running, or ``""``: ``the container app does not run: waiting,
        CrashLoopBackOff``."""
        if (state := self.pod.containers[self.name]) == "running":
            return ""
        said = f"the container {self.name} does not run: {state}"
        return f"{said}, {self.pod.status}" if self.pod.status != state else said


def chosen_container(pod: ChosenPod, values: Mapping[str, str]) -> ChosenContainer:
    """Return the container of *pod* that *values* name. Raises :exc:`Misconfigured`."""
    name = values.get("container") or pod.default_container
    if name not in pod.containers:
        raise Misconfigured(f"the pod {pod.name} has no container {name!r}", "see its form")
    return ChosenContainer(pod, name)
