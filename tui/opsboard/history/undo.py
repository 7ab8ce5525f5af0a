"""Which action would take a change back: its word, and what to put into its form.

Whether it is possible now is for the action itself to say, and what it would do is for its plan.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.change_summary import version_text
from opsboard.records import Activity, CronJob, Deployment, Kind, Model, Record, Ref


@frozen_unchecked
class Undo(Frozen):
    """The *action* (an :class:`~opsboard.adapter.ActionSpec` id) on *ref*, with its inputs.

    *release* is what people call that which it leads to, where the inputs name it by a number that
    only its server knows.
    """

    action: str
    ref: Ref
    values: Mapping[str, str]
    release: str = ""

    @property
    def text(self) -> str:
        """The action as it is typed: ``rollback --to 55``; ``rollback to c150719 (--to 10007)``."""
        if self.release:
            return f"{self.action} to {self.release} (--to {self.values['to']})"
        words = (
            f"--to {value}" if name == "to" else f"--set {name}={value}"
            for name, value in self.values.items()
        )
        return " ".join((self.action, *words))


def undo_of(before: Record | None, after: Record | None) -> Undo | None:
    """Return what would take back that *before* became *after*; ``None`` where nothing would."""
    if before is None or after is None:
        return None
    known = _UNDO.get(after.kind)
    found = known(before, after) if known is not None else None
    return None if found is None else Undo(found[0], after.ref, found[1], _release(before, found))


def _release(before: Record, found: "tuple[str, Mapping[str, str]]") -> str:
    """Return what *before* ran, unless what the action is given says it."""
    to = found[1].get("to", "")
    name = version_text(before) if isinstance(before, Deployment) and to else ""
    return "" if to in name.removeprefix("v") else name


def undo_of_activity(activity: Activity) -> Undo | None:
    """Return what would take back an act that was done from here."""
    if activity.undo:
        return Undo(activity.action, activity.about, dict(activity.undo))
    opposite = _OPPOSITES.get(activity.action)
    if opposite is not None:
        return Undo(opposite, activity.about, {})
    if activity.action in {"rollback", "promote"}:
        to = activity.before.rpartition(" ")[2]
        return Undo("rollback", activity.about, {"to": to} if to else {})
    return None


_Found = tuple[str, Mapping[str, str]] | None
_OPPOSITES: Final = {
    "pause": "resume", "resume": "pause", "suspend": "unsuspend", "unsuspend": "suspend",
}  # fmt: skip


def _of_deployment(before: Any, after: Any) -> _Found:
    if not isinstance(before, Deployment) or not isinstance(after, Deployment):
        return None
    if before.revision != after.revision or before.images != after.images:
        return "rollback", {"to": before.revision} if before.revision else {}
    if before.desired != after.desired:
        return "scale", {"replicas": str(before.desired)}
    if before.paused != after.paused:
        return "resume" if after.paused else "pause", {}
    return None


def _of_model(before: Any, after: Any) -> _Found:
    if not isinstance(before, Model) or not isinstance(after, Model):
        return None
    if before.serving and before.serving != after.serving:
        return "rollback", {"to": before.serving}
    return None


def _of_cron_job(before: Any, after: Any) -> _Found:
    if not isinstance(before, CronJob) or not isinstance(after, CronJob):
        return None
    if before.suspended != after.suspended:
        return "unsuspend" if after.suspended else "suspend", {}
    return None


_UNDO: Final[Mapping[Kind, Callable[[Any, Any], _Found]]] = {
    Kind.DEPLOYMENT: _of_deployment,
    Kind.MODEL: _of_model,
    Kind.CRON_JOB: _of_cron_job,
}
