"""What labels and annotations declare of a workload: its service, its commit, who rolled it out.

Sources: *Recommended Labels* and *Well-Known Labels, Annotations and Taints* in the Kubernetes
documentation, the annotations of the OCI image specification, and those of Flux and Argo CD.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from opsboard.records import Claim, Strength, stated
from opsboard.records.identity import commit, is_commit
from opsboard_adapters.kubernetes.managed_fields import template_managers
from opsboard_adapters.kubernetes.protocol import FIELD_MANAGER
from opsboard_adapters.kubernetes.structs import V1Workload

APP_LABELS: Final = tuple(
    f"app.kubernetes.io/{name}"
    for name in ("name", "instance", "version", "component", "part-of", "managed-by")
)
OTHER_LABELS: Final = (
    "backstage.io/kubernetes-id",
    "helm.sh/chart",
    "meta.helm.sh/release-name",
    "argocd.argoproj.io/instance",
    "argocd.argoproj.io/tracking-id",
    "kustomize.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/name",
    "org.opencontainers.image.source",
    "serving.kserve.io/inferenceservice",
)
SOURCE_KEYS: Final = ("org.opencontainers.image.source", "app.kubernetes.io/source")
REVISION_KEYS: Final = ("org.opencontainers.image.revision", "app.kubernetes.io/commit")
FLUX_KEYS: Final = ("kustomize.toolkit.fluxcd.io/revision", "source.toolkit.fluxcd.io/revision")
PLAN_ANNOTATION: Final = "opsboard.dev/plan"

_FLUX_COMMIT: Final = re.compile(r"(?:.*[@/])?(?:sha1:)?(?P<sha>[0-9a-f]{40})")
_HEX: Final = re.compile(r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])")


def declared_labels(item: V1Workload) -> tuple[tuple[str, str], ...]:
    """Return the labels and annotations that say what a workload belongs to.

    Those of the workload itself go before those of its pod template.
    """
    found = dict[str, str]()
    for meta in (item.spec.template.metadata, item.metadata):
        for values in (meta.annotations, meta.labels):
            found.update((key, values[key]) for key in _KEPT if values.get(key))
    return tuple((key, found[key]) for key in _KEPT if key in found)


_KEPT: Final = (*APP_LABELS, *OTHER_LABELS)


# --- commits -------------------------------------------------------------------------------------


def declared_commits(item: V1Workload) -> tuple[Claim, ...]:
    """Return the commits that labels and annotations declare.

    One that the tag of an image confirms is a label's claim; any other is a candidate: templates
    are copied, and what they declare stays behind.
    """
    return stated(*_declared_commits(item))


def _declared_commits(item: V1Workload) -> Iterator[Claim | None]:
    tags = [one.image.partition("@")[0] for one in item.spec.template.spec.containers]
    tagged = [sha for tag in tags for sha in _HEX.findall(tag.rpartition("/")[2].partition(":")[2])]
    for meta in (item.spec.template.metadata, item.metadata):
        for what, values in (("annotation", meta.annotations), ("label", meta.labels)):
            source = next((values[key] for key in SOURCE_KEYS if key in values), "")
            for key in REVISION_KEYS:
                sha = values.get(key, "").strip().lower()
                rule, strength = _judged(f"{what} {key}", sha, tagged)
                yield commit(source, sha, rule, strength)
            yield from _flux_commits(what, values)


def _judged(rule: str, sha: str, tagged: list[str]) -> tuple[str, Strength]:
    """Return rule and strength for a declared *sha*, given what the tags of the images say."""
    if any(sha.startswith(one) for one in tagged):
        return f"{rule}, confirmed by the image tag", Strength.LABEL
    if tagged:
        return f"{rule}, contradicted by the image tag {tagged[0]}", Strength.CANDIDATE
    return f"{rule}, not verified", Strength.CANDIDATE


def _flux_commits(what: str, values: Mapping[str, str]) -> Iterator[Claim | None]:
    """Yield the commit of the manifests: that of a repository of configuration, most often."""
    for key in FLUX_KEYS:
        if found := _FLUX_COMMIT.fullmatch(values.get(key, "")):
            rule = f"{what} {key}, the commit of the manifests"
            yield commit("", found["sha"], rule, Strength.CANDIDATE)


def commit_of(item: V1Workload) -> str:
    """Return the commit that a workload declares, as it is written there, or ``""``."""
    declared = [
        values[key]
        for meta in (item.spec.template.metadata, item.metadata)
        for values in (meta.annotations, meta.labels)
        for key in REVISION_KEYS
        if values.get(key)
    ]
    full = (text for text in declared if is_commit(text.strip().lower()))
    return next(full, declared[0] if declared else "")


# --- who -----------------------------------------------------------------------------------------


def rolled_out_by(item: V1Workload) -> str:
    """Return who has set the pod template, as far as the server tells; ``""`` where it does not.

    They are names of field managers, so of programs. Where several have set parts of it, it was one
    of them: the time of an entry is that of any field. For this program, the plan is named that it
    has noted on the object.
    """
    plan = item.metadata.annotations.get(PLAN_ANNOTATION, "")
    return " or ".join(
        f"{manager} plan {plan}" if manager == FIELD_MANAGER and plan else manager
        for manager in template_managers(item.metadata.managed_fields)
    )
