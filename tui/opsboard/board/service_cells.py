"""What runs in one environment of a service, by all who say something of it.

A cluster and the CI server that deployed to it are two witnesses of one thing. Where they do not
say the same, that is said; where nobody knows whether they do, so is that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.kinds.deployments import image_tag
from opsboard.lineage.origin import Origin
from opsboard.lineage.rollout import is_rolling_out
from opsboard.records import (
    Agreement,
    Deployment,
    DeploymentWitness,
    EnvironmentState,
    Image,
    Record,
    Status,
    newest,
)
from opsboard.records.identity import is_commit

_ORDER: Final = {"test": 0, "development": 1, "staging": 2, "": 4, "production": 5}
_BETWEEN: Final = 3
"""Place of an environment whose name says nothing of its order."""

SHORT: Final = 7


class Testimony(NamedTuple):
    """What one *record* says runs somewhere, and what it is made of."""

    record: Deployment
    origin: Origin
    images: tuple[Image, ...] = ()
    is_workload: bool = True


def in_order(environments: Iterable[str]) -> list[str]:
    """Return *environments* in the order of delivery, production last."""
    return sorted(set(environments), key=lambda name: (_ORDER.get(name, _BETWEEN), name))


def state_of(
    environment: str, told: Sequence[Testimony], model_versions: Sequence[str] = ()
) -> EnvironmentState:
    """Return what runs in *environment*, by *told*: of clusters, and of CI servers."""
    running = [one for one in told if one.is_workload] or list(told)
    versions = [_version(one) for one in running]
    since, at_latest = _since(running)
    worst = max((one.record for one in running), key=_severity)
    witnesses = _witnesses(told)
    return EnvironmentState(
        environment=environment,
        version="/".join(dict.fromkeys(version for version, _ in versions if version)),
        next_version="/".join(dict.fromkeys(coming for _, coming in versions if coming)),
        commits=tuple(dict.fromkeys(c for one in running for c in _running_commits(one))),
        since=since,
        since_at_latest=at_latest,
        status=worst.status,
        reason=worst.reason,
        ready=sum(one.record.ready for one in running),
        desired=sum(one.record.desired for one in running),
        model_version="/".join(model_versions),
        witnesses=witnesses,
        disagreement=_disagreement(told, witnesses),
    )


def _severity(record: Record) -> int:
    return record.status.severity


def _version(one: Testimony) -> tuple[str, str]:
    """Return the version that runs, and the one that is being rolled out."""
    record, commits = one.record, one.origin.commits
    known = commits[0].value[:SHORT] if len(commits) == 1 else ""
    rolling = is_rolling_out(record)
    # where it is stuck, the other pods still run what was before
    stuck = rolling and record.updated < record.desired
    if not record.images:
        coming = record.commit[:SHORT]
        return (known, coming if coming != known else "") if rolling else (known or coming, "")
    wanted = _wanted(one) or known or record.commit[:SHORT]
    if not rolling:
        return wanted, ""
    old = [image.tags for image in one.images if wanted not in image.tags]
    if one.images and not old and not stuck:
        return wanted, ""  # every pod has it; they are not ready yet
    return (old[0][0] if len(old) == 1 and old[0] else ""), wanted


def _wanted(one: Testimony) -> str:
    """Return the tag of the first container's image.

    Beside a digest, a tag says nothing: where the image is known, it is by the tags that that has.
    """
    reference = one.record.images[0]
    tag = image_tag(reference)
    if "@" not in reference or len(one.images) != 1 or tag in one.images[0].tags:
        return tag
    return next(iter(one.images[0].tags), "")


def _running_commits(one: Testimony) -> list[str]:
    """Return the commits that run for sure: those of a roll-out do not until it is through."""
    coming = _version(one)[1]
    return [] if one.is_workload and coming else [each.value for each in one.origin.commits]


def _since(running: Sequence[Testimony]) -> tuple[datetime | None, bool]:
    """Return since when it runs; at the latest, where the roll-out's time is not known."""
    exact = [one.record.deployed_at for one in running]
    if all(exact):
        return newest(*exact), False
    seen = newest(*(one.record.deployed_at or one.record.updated_at for one in running))
    return seen, seen is not None


# --- witnesses -----------------------------------------------------------------------------------


def _witnesses(told: Sequence[Testimony]) -> tuple[DeploymentWitness, ...]:
    sure = [_shas(one) for one in told]
    return tuple(
        DeploymentWitness(
            ref=one.record.ref,
            says=_says(one),
            commit=_only_commit(one.origin),
            since=one.record.deployed_at,
            agreement=_agreement(number, told, sure),
        )
        for number, one in enumerate(told)
    )


def _shas(one: Testimony) -> set[str]:
    """Return the commits that *one* says run; of a CI server, also the one that it deploys now.

    It says that it is done a while after the cluster is.
    """
    known = {commit.value for commit in one.origin.commits}
    deploys = not one.is_workload and one.record.status is Status.RUNNING
    return known | {one.record.commit} if deploys and is_commit(one.record.commit) else known


def _only_commit(origin: Origin) -> str:
    return origin.commits[0].value if len(origin.commits) == 1 else ""


def _agreement(number: int, told: Sequence[Testimony], sure: Sequence[set[str]]) -> Agreement:
    """Return whether a witness says the same as all others of which that can be told."""
    others = [at for at in range(len(told)) if at != number]
    compared = [at for at in others if sure[at] and sure[number]]
    if any(not sure[number] & sure[at] for at in compared):
        return Agreement.DIFFERS
    if any(_differ_by_version(told[number], told[at]) for at in others):
        return Agreement.DIFFERS
    return Agreement.AGREES if compared and len(compared) == len(others) else Agreement.UNKNOWN


def _differ_by_version(one: Testimony, other: Testimony) -> bool:
    """Tell whether two clusters run images of different tags, and none is being rolled out."""
    if not (one.is_workload and other.is_workload) or one.record.name != other.record.name:
        return False
    settled = all(it.record.status is not Status.RUNNING for it in (one, other))
    return settled and _version(one)[0] != _version(other)[0]


def _says(one: Testimony) -> str:
    version, coming = _version(one)
    return f"{version} → {coming}" if coming and version else version or coming


def _disagreement(told: Sequence[Testimony], witnesses: Sequence[DeploymentWitness]) -> str:
    """Return a sentence where the witnesses do not say the same: who says what."""
    if not any(one.agreement is Agreement.DIFFERS for one in witnesses):
        return ""
    parts = []
    for one, witness in zip(told, witnesses, strict=True):
        commit = f" ({witness.commit[:SHORT]})" if witness.commit else ""
        says = witness.says or "what it does not tell"
        text = f"{says}{commit if witness.commit[:SHORT] != says else ''}"
        where = f"{one.record.cluster} runs" if one.is_workload else f"{one.record.workload} says"
        parts.append(f"{where} {text}")
    return "; ".join(parts)
