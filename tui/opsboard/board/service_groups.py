"""Which workloads are one service: a name alone never makes two of them one.

Workloads of one name are one service where their code, their image or the labels of both say so.
https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from opsboard.lineage.origin import Origin
from opsboard.records import Deployment, Ref
from opsboard.records.identity import image_repository


class WorkloadGroup(NamedTuple):
    """The workloads of one service. *token* tells it from others of its *name*, for good."""

    name: str
    token: str
    workloads: tuple[Deployment, ...]
    repository: str


def service_name(workload: Deployment) -> str:
    """Return what *workload* is called: by its label, else by its own name."""
    return workload.app or workload.name


def groups_of(
    name: str, workloads: Sequence[Deployment], origins: Mapping[Ref, Origin]
) -> list[WorkloadGroup]:
    """Return the services among *workloads*, which all are called *name*."""
    split = _instances_apart(workloads)
    found = []
    for instance in sorted({split.get(one.ref, "") for one in workloads}):
        own = [one for one in workloads if split.get(one.ref, "") == instance]
        for members in _joined(own, origins):
            token = _token(members)
            label = instance if instance and instance != name else ""
            found.append(
                WorkloadGroup(
                    f"{name} {label}".strip() if label else name,
                    f"{label}:{token}" if label else token,
                    tuple(sorted(members, key=lambda one: one.ref)),
                    _repository(members, origins),
                )
            )
    return found


def _instances_apart(workloads: Iterable[Deployment]) -> dict[Ref, str]:
    """Return the instance of each workload, where one place has several of them."""
    places: dict[tuple[str, str], set[str]] = {}
    for one in workloads:
        if one.instance:
            places.setdefault((one.cluster, one.namespace), set()).add(one.instance)
    if all(len(instances) < 2 for instances in places.values()):
        return {}
    return {one.ref: one.instance for one in workloads}


def image_path(workload: Deployment) -> str:
    """Return the repository of the image of the first container, without its registry."""
    place = image_repository(workload.images[0]) if workload.images else ""
    return place.partition("/")[2]


def _joined(
    workloads: Sequence[Deployment], origins: Mapping[Ref, Origin]
) -> list[list[Deployment]]:
    """Join workloads by repository, by image, and by what their labels say they are a part of."""
    repositories = {one.ref: origins[one.ref].repository for one in workloads}
    by_path: dict[str, set[str]] = {}
    for one in workloads:
        if repositories[one.ref]:
            by_path.setdefault(image_path(one), set()).add(repositories[one.ref])
    classes: dict[str, list[Deployment]] = {}
    for one in workloads:
        path = image_path(one)
        known = by_path.get(path, set())
        sole = next(iter(known)) if len(known) == 1 and path else ""
        repository = repositories[one.ref] or sole
        key = f"git:{repository}" if repository else f"image:{path}"
        if not repository and not path:
            key = f"place:{one.cluster}/{one.namespace}"
        classes.setdefault(key, []).append(one)
    return _joined_by_label(classes)


def _joined_by_label(classes: dict[str, list[Deployment]]) -> list[list[Deployment]]:
    """Join classes that are part of one application, unless their code is known to be another's."""
    labels: dict[str, list[str]] = {}
    for key, members in classes.items():
        for part_of in sorted({one.part_of for one in members if one.app and one.part_of}):
            labels.setdefault(part_of, []).append(key)
    target = {key: key for key in classes}
    for keys in labels.values():
        known = [key for key in keys if key.startswith("git:")]
        if len(known) < 2:
            into = target[(known or sorted(keys))[0]]
            for key in keys:
                target[key] = into
    merged: dict[str, list[Deployment]] = {}
    for key in sorted(classes):
        merged.setdefault(target[key], []).extend(classes[key])
    return list(merged.values())


def _token(members: Iterable[Deployment]) -> str:
    paths = sorted({image_path(one) for one in members} - {""})
    return paths[0] if paths else min(f"{one.cluster}/{one.namespace}" for one in members)


def _repository(members: Iterable[Deployment], origins: Mapping[Ref, Origin]) -> str:
    found = {origins[one.ref].repository for one in members} - {""}
    return next(iter(found)) if len(found) == 1 else ""
