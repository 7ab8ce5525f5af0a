"""What a change of a record means, in a few words: ``v55 → v56``, ``champion v5 → v6``.

A change *alters* the thing where it says something of what it is or is made of: its version, its
configuration, its size. What only tells how it does (ready counts, a status) is what others see of
a change, not the change. The board's own kinds are known here; of any other kind, the columns of
its table say what is worth telling.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.deployments import image_tag
from opsboard.kinds.registry import KINDS
from opsboard.records import (
    Build,
    Commit,
    ConfigObject,
    CronJob,
    Deployment,
    Drift,
    Kind,
    Model,
    ModelVersion,
    Record,
    Status,
)
from opsboard.text.numbers import format_metric


class ChangeKind(StrEnum):
    """What sort of change it is: the word in the time line, and its filter ``kind:deploy``."""

    ACT = "act"
    ALERT = "alert"
    ALIAS = "alias"
    BUILD = "build"
    CHANGE = "change"
    """Of a kind of record that has no word of its own here."""
    CONFIG = "config"
    DEPLOY = "deploy"
    DRIFT = "drift"
    IMAGE = "image"
    SCALE = "scale"
    SWITCH = "switch"
    """Paused, suspended, and back."""
    STATUS = "status"
    VERSION = "version"


@frozen_unchecked
class ChangeSummary(Frozen):
    """*before* and *after* in words; *after* alone where there was none. *alters*: see the module.

    *minor* is what a time line leaves out unless it is asked for everything: progress on the way.
    """

    kind: ChangeKind
    before: str = ""
    after: str = ""
    alters: bool = False
    minor: bool = False

    @property
    def text(self) -> str:
        """Both, with an arrow between."""
        return " → ".join(filter(None, (self.before, self.after)))


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
    return _of_columns(before, after) or _of_state(before, after, progress=progress)


# --- the board's own kinds -----------------------------------------------------------------------


def _of_deployment(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(before, Deployment) or not isinstance(after, Deployment):
        return None
    if (before.images, before.revision, before.commit) != (
        after.images,
        after.revision,
        after.commit,
    ):
        pair = _versions(before, after)
        return ChangeSummary(ChangeKind.DEPLOY, *pair, alters=True)
    if before.desired != after.desired:
        pair = (f"{before.desired:,} replicas", f"{after.desired:,}")
        return ChangeSummary(ChangeKind.SCALE, *pair, alters=True)
    if before.paused != after.paused:
        word = "paused" if after.paused else "resumed"
        return ChangeSummary(ChangeKind.SWITCH, "", word, alters=True)
    return None


def _versions(before: Deployment, after: Deployment) -> tuple[str, str]:
    """Return the two versions by the first name that tells them apart."""
    names: tuple[Callable[[Deployment], str], ...] = (
        lambda one: ", ".join(filter(None, map(image_tag, one.images))),
        lambda one: ", ".join(filter(None, map(_digest, one.images))),
        lambda one: one.commit[:7],
        lambda one: f"revision {one.revision[:_DIGITS]}" if one.revision else "",
    )
    pairs = [(name(before), name(after)) for name in names]
    return next((pair for pair in pairs if pair[0] != pair[1] and all(pair)), pairs[-1])


def _digest(image: str) -> str:
    return image.partition("@")[2].rpartition(":")[2][:_DIGITS]


def version_text(deployment: Deployment) -> str:
    """Return what the version of *deployment* is called: its tags, its commit or its revision."""
    tags = ", ".join(filter(None, map(image_tag, deployment.images)))
    return tags or deployment.commit[:7] or deployment.revision[:_DIGITS]


_OVER: Final = frozenset({Status.OK, Status.FAILED})


def _of_build(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(after, Build):
        return (
            None if after is not None else ChangeSummary(ChangeKind.BUILD, "", "gone", minor=True)
        )
    number = f"#{after.number}" if after.attempt < 2 else f"#{after.number}.{after.attempt}"
    state = after.reason or after.state.replace("_", " ")
    number = "" if after.name.endswith(number) else f"{number} "  # many a name ends with it
    over = after.status in _OVER or after.finished_at is not None
    known = isinstance(before, Build) and before.status is after.status
    return ChangeSummary(
        ChangeKind.BUILD, "", f"{number}{state}", alters=over, minor=known or not over
    )


def _of_model(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(before, Model) or not isinstance(after, Model):
        return None
    if moved := list(_moved_aliases(before, after)):
        old, new = "", ", ".join(moved)
        return ChangeSummary(ChangeKind.ALIAS, old, new, alters=True)
    if before.serving != after.serving:
        pair = (_v(before.serving), _v(after.serving))
        return ChangeSummary(ChangeKind.ALIAS, *pair, alters=True)
    if before.latest != after.latest:
        return ChangeSummary(ChangeKind.VERSION, "", f"{_v(after.latest)} registered")
    return None


def _moved_aliases(before: Model, after: Model) -> Iterator[str]:
    old = {alias.name: alias.version for alias in before.aliases}
    new = {alias.name: alias.version for alias in after.aliases}
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            was, now = (_v(versions.get(name, "")) for versions in (old, new))
            yield f"{name} " + (f"{was} → {now or 'removed'}" if was else now)


def _v(version: str) -> str:
    return f"v{version}" if version.isdecimal() else version


def _of_version(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(after, ModelVersion):
        return None
    if before is None:
        return ChangeSummary(ChangeKind.VERSION, "", f"v{after.version} registered")
    if before.stage != after.stage:
        return ChangeSummary(ChangeKind.ALIAS, before.stage, after.stage or "no stage", alters=True)
    if before.aliases != after.aliases:  # the model itself tells that
        pair = (", ".join(before.aliases), ", ".join(after.aliases) or "no alias")
        return ChangeSummary(ChangeKind.ALIAS, *pair, alters=True, minor=True)
    return None


def _of_drift(before: Any, after: Any) -> ChangeSummary | None:
    if not isinstance(after, Drift):
        return None
    was = before.value if isinstance(before, Drift) else None
    crossed = after.crossed and not (isinstance(before, Drift) and before.crossed)
    back = isinstance(before, Drift) and before.crossed and not after.crossed
    said = " crossed" if crossed else " back" if back else ""
    limit = f" {format_metric(after.threshold)}" if said and after.threshold is not None else ""
    old = "" if was is None else format_metric(was)
    new = f"{format_metric(after.value)}{said}{limit}"
    return ChangeSummary(ChangeKind.DRIFT, old, new, minor=not said)


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
    """A value is never told: which entries came or went, or that one is another, and by what."""
    if not isinstance(before, ConfigObject) or not isinstance(after, ConfigObject):
        return None
    if before.version == after.version and before.keys == after.keys:
        return None
    went = [f"-{key}" for key in before.keys if key not in after.keys]
    came = [f"+{key}" for key in after.keys if key not in before.keys]
    what = " ".join((*went, *came)) or "changed"
    by = f" by {after.manager}" if after.manager else ""
    return ChangeSummary(ChangeKind.CONFIG, "", f"{what}{by}", alters=True)


def _of_commit(before: Any, after: Any) -> ChangeSummary | None:
    if before is not None or not isinstance(after, Commit):
        return None
    return ChangeSummary(ChangeKind.CHANGE, "", after.name, alters=True)


def _of_alert(before: Any, after: Any) -> ChangeSummary | None:
    if before is not None and after is not None:
        return None
    return ChangeSummary(ChangeKind.ALERT, "", "resolved" if after is None else "")


_SUMMARIES: Final[Mapping[Kind, Callable[[Any, Any], ChangeSummary | None]]] = {
    Kind.DEPLOYMENT: _of_deployment,
    Kind.BUILD: _of_build,
    Kind.COMMIT: _of_commit,
    Kind.MODEL: _of_model,
    Kind.MODEL_VERSION: _of_version,
    Kind.DRIFT: _of_drift,
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
}
"""Kinds whose changes have a word of their own."""
_EPHEMERAL: Final = frozenset({Kind.POD, Kind.JOB, Kind.EVENT, Kind.BUILD_JOB})
"""What comes and goes by itself, all the time."""


def kind_of_change(kind: Kind) -> ChangeKind:
    """Return the word for a change of a record of *kind*."""
    return _WORDS.get(kind, ChangeKind.CHANGE)


def _came_or_went(record: Record, *, gone: bool) -> ChangeSummary:
    return ChangeSummary(
        kind_of_change(record.kind),
        "",
        "removed" if gone else "created",
        alters=record.kind not in _EPHEMERAL,
        minor=record.kind in _EPHEMERAL,
    )


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
