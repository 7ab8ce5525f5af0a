"""What a change of a record means, in a few words: ``v55 → v56``, ``champion v5 → v6``.

A change *alters* the thing where it says something of what it is or is made of: its version, its
configuration, its size. What only tells how it does (ready counts, a status) is what others see of
a change, not the change. The board's own kinds are known here; of any other kind, the columns of
its table say what is worth telling.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from opsboard.history.change_kind import ChangeKind, ChangeSummary
from opsboard.history.config_changes import config_change
from opsboard.history.meaning import differs
from opsboard.history.model_changes import of_drift, of_model, of_version
from opsboard.kinds.deployments import deployed_version, image_tags
from opsboard.kinds.registry import KINDS
from opsboard.kinds.rules import ChangeRule
from opsboard.records import (
    Build,
    Commit,
    ConfigObject,
    CronJob,
    Deployment,
    Kind,
    Record,
    Status,
)
from opsboard.records.claims import WORKLOAD
from opsboard.records.commits import short_sha

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_TALKS_OF_STATE: Final = frozenset({"status", "reason", "message", "source", "environment"})
_DIGITS: Final = 12
"""Hexadecimal digits of a digest, as container tools shorten it."""


def summarize(
    before: Record | None, after: Record | None, *, progress: bool = True
) -> ChangeSummary:
    """Return what the change from *before* to *after* means. One of them may be ``None``.

    Without *progress*, what is minor anyway is not put into words, which takes the longest.
    """
    record = after or before
    if record is None:
        return ChangeSummary(ChangeKind.CHANGE, minor=True)
    known = _SUMMARIES.get(record.kind)
    found = known(before, after) if known is not None else None
    if found is not None:
        return found
    if before is None or after is None:
        return _came_or_went(record, gone=after is None)
    declared = KINDS.of(after)
    if declared is not None and declared.changes is not None:
        words = declared.changes.words(before, after)
        if words is None:
            return _of_state(before, after, progress=progress)
        return ChangeSummary(kind_of_change(after.kind), *words, alters=True)
    told = None if _is_reading(before, after) else _of_columns(before, after)
    return told or _of_state(before, after, progress=progress)


def _is_reading(before: Record, after: Record) -> bool:
    """Tell whether the two differ in nothing but what has been found out of the same thing."""
    if (before.inputs, before.outputs) == (after.inputs, after.outputs):
        return False
    return not differs(replace(before, inputs=after.inputs, outputs=after.outputs), after)


# --- the board's own kinds -----------------------------------------------------------------------


def _of_deployment(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(before, Deployment) or not isinstance(after, Deployment):
        return None
    names = ("images", "revision", "commit")
    told = [(getattr(before, name), getattr(after, name)) for name in names]
    if any(old != new for old, new in told if old and new):
        pair = _versions(before, after)
        return ChangeSummary(ChangeKind.DEPLOY, *pair, alters=True)
    if before.desired != after.desired:
        pair = (f"{before.desired:,} replicas", f"{after.desired:,}")
        return ChangeSummary(ChangeKind.SCALE, *pair, alters=True)
    if before.paused != after.paused:
        word = "paused" if after.paused else "resumed"
        return ChangeSummary(ChangeKind.SWITCH, "", word, alters=True)
    read = any(old != new for old, new in told)  # for the first time: it was so before
    return _of_state(before, after, progress=True) if read else None


def _versions(before: Deployment, after: Deployment) -> tuple[str, str]:
    """Return the two versions by the first name that tells them apart."""
    names: tuple[Callable[[Deployment], str], ...] = (
        lambda one: image_tags(one.images),
        lambda one: ", ".join(dict.fromkeys(filter(None, map(_digest, one.images)))),
        lambda one: short_sha(one.commit),
        lambda one: f"revision {one.revision[:_DIGITS]}" if one.revision else "",
    )
    pairs = [(name(before), name(after)) for name in names]
    return next((pair for pair in pairs if pair[0] != pair[1] and all(pair)), pairs[-1])


def _digest(image: str) -> str:
    return image.partition("@")[2].rpartition(":")[2][:_DIGITS]


def version_text(deployment: Deployment) -> str:
    """Return what the version of *deployment* is called: its tags, its commit or its revision."""
    return deployed_version(deployment) or deployment.revision[:_DIGITS]


_OVER: Final = frozenset({Status.OK, Status.FAILED})


def _of_build(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(after, Build):
        return None
    number = f"#{after.number}" if after.attempt < 2 else f"#{after.number}.{after.attempt}"
    state = after.reason or after.state.replace("_", " ")
    number = "" if after.name.endswith(number) else f"{number} "  # many a name ends with it
    over = after.status in _OVER or after.finished_at is not None
    known = isinstance(before, Build) and before.status is after.status
    return ChangeSummary(
        ChangeKind.BUILD, "", f"{number}{state}", alters=over, minor=known or not over
    )


def _of_cron_job(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(before, CronJob) or not isinstance(after, CronJob):
        return None
    if before.suspended != after.suspended:
        word = "suspended" if after.suspended else "unsuspended"
        return ChangeSummary(ChangeKind.SWITCH, "", word, alters=True)
    if (before.schedule, before.time_zone) != (after.schedule, after.time_zone):
        return ChangeSummary(ChangeKind.CONFIG, before.schedule, after.schedule, alters=True)
    return None


def _of_config(before: Any, after: Any) -> ChangeSummary | None:
    """A value is never told: which entries came or went, or are others now, and by what."""
    if not isinstance(before, ConfigObject) or not isinstance(after, ConfigObject):
        return None
    change = config_change(before, after)
    if change is None:
        return None
    text, alters = change
    return ChangeSummary(ChangeKind.CONFIG, "", text, alters=alters, minor=not alters)


def _of_commit(before: Any, after: Any) -> ChangeSummary | None:
    if before is not None or not isinstance(after, Commit):
        return None
    return ChangeSummary(ChangeKind.CHANGE, "", after.name, alters=True)


def _of_alert(before: Any, after: Any) -> ChangeSummary | None:
    if before is not None and after is not None:
        return None
    said = [(after or before).reason, "" if after is not None else "resolved"]
    return ChangeSummary(ChangeKind.ALERT, "", " ".join(filter(None, said)))


_SUMMARIES: Final[Mapping[Kind, Callable[[Any, Any], ChangeSummary | None]]] = {
    Kind.DEPLOYMENT: _of_deployment,
    Kind.BUILD: _of_build,
    Kind.COMMIT: _of_commit,
    Kind.MODEL: of_model,
    Kind.MODEL_VERSION: of_version,
    Kind.DRIFT: of_drift,
    Kind.CRON_JOB: _of_cron_job,
    Kind.CONFIG: _of_config,
    Kind.ALERT: _of_alert,
}

# --- any kind ------------------------------------------------------------------------------------

_WORDS: Final[Mapping[str, ChangeKind]] = {
    "config": ChangeKind.CONFIG,
    "image": ChangeKind.IMAGE,
    "deployment": ChangeKind.DEPLOY,
    "model": ChangeKind.VERSION,
    "build": ChangeKind.BUILD,
}
"""Kinds whose changes have a word of their own."""
_EPHEMERAL: Final = frozenset({Kind.POD, Kind.JOB, Kind.EVENT, Kind.BUILD_JOB})
"""What comes and goes by itself, all the time."""


def kind_of_change(kind: Kind) -> ChangeKind:
    """Return the word for a change of a record of *kind*."""
    declared = KINDS.get(kind)
    rule = declared.changes if declared is not None else None
    if rule is not None and rule.word in set(ChangeKind):
        return ChangeKind(rule.word)
    return _WORDS.get(kind, ChangeKind.CHANGE)


UNLISTED: Final = "no longer listed"
"""It may be there all the same: the list has the latest ones only."""


def _came_or_went(record: Record, *, gone: bool) -> ChangeSummary:
    if gone and _is_listed_in_part(record):
        return ChangeSummary(kind_of_change(record.kind), "", UNLISTED, minor=True)
    declared = KINDS.of(record)
    rule = (declared.changes if declared is not None else None) or ChangeRule()
    minor = record.kind in _EPHEMERAL or not rule.is_there(record)
    text = "removed" if gone else rule.arrival(record)
    return ChangeSummary(kind_of_change(record.kind), "", text, alters=not minor, minor=minor)


def _is_listed_in_part(record: Record) -> bool:
    """A deployment that is no workload is an entry in a list of the latest ones, as GitHub's is."""
    kind = KINDS.of(record)
    if isinstance(record, Deployment):
        return not any(claim.type == WORKLOAD for claim in record.outputs)
    return kind is not None and kind.listed_in_part


_COUNTS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.DEPLOYMENT: frozenset({"ready"}),
    Kind.MODEL: frozenset({"metrics"}),
    Kind.MODEL_VERSION: frozenset({"metrics"}),
    Kind.CRON_JOB: frozenset({"active"}),
}
"""Columns of the board's own kinds that tell how a thing does, and not what it is."""


def _of_columns(before: Record, after: Record) -> ChangeSummary | None:
    """Return the first thing that the table of a kind shows otherwise, beside how it is doing."""
    if after.kind in _EPHEMERAL:
        return None
    words = _shown_otherwise(before, after, _COUNTS.get(after.kind, frozenset()))
    return ChangeSummary(kind_of_change(after.kind), *words, alters=True) if words else None


def _shown_otherwise(
    before: Record, after: Record, besides: Set[str] = frozenset()
) -> tuple[str, str] | None:
    """Return the two texts of the first column that differs, the more important ones first."""
    kind = KINDS.of(after)
    columns = kind.pane.columns if kind is not None and kind.pane is not None else ()
    asked = [one for one in columns if not one.ticks and one.id not in _TALKS_OF_STATE | besides]
    for column in sorted(asked, key=lambda column: column.priority):
        old, new = (column.show(record, _EPOCH).text for record in (before, after))
        if old != new:
            return f"{column.title} {old}".strip(), new or "nothing"
    return None


def _progress(before: Record, after: Record) -> tuple[str, str]:
    """Return what has gone on: of a roll-out, how many are ready."""
    if isinstance(before, Deployment) and isinstance(after, Deployment):
        return (f"{before.ready}/{before.desired}", f"{after.ready}/{after.desired} ready")
    words = (before.reason, after.reason) if before.reason != after.reason else ("", "")
    return words if any(words) else _shown_otherwise(before, after) or ("", "")


def _of_state(before: Record, after: Record, *, progress: bool) -> ChangeSummary:
    """Return how it has begun to do; where that is neither worse nor better, it is minor."""
    if before.status is after.status:
        was, now = _progress(before, after) if progress else ("", "")
        return ChangeSummary(ChangeKind.STATUS, was, now, minor=True)
    old, new = (record.reason or record.status.value for record in (before, after))
    return ChangeSummary(ChangeKind.STATUS, old, new if old != new else after.status.value)
