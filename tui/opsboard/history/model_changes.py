"""What changes of models, their versions and their drift mean, in a few words."""

from collections.abc import Iterator
from typing import Any

from opsboard.history.change_kind import ChangeKind, ChangeSummary
from opsboard.records import Drift, Model, ModelVersion
from opsboard.text.numbers import format_metric


def of_model(before: Any, after: Any) -> ChangeSummary | None:
    """Return which version serves, which aliases have moved, what was registered."""
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


def of_version(before: Any, after: Any) -> ChangeSummary | None:
    """Return that it was registered, its stage, its aliases."""
    if not isinstance(after, ModelVersion):
        return None
    if before is None:
        number = f"v{after.version}"
        said = "registered" if after.name.endswith(number) else f"{number} registered"
        return ChangeSummary(ChangeKind.VERSION, "", said)
    if before.stage != after.stage:
        return ChangeSummary(ChangeKind.ALIAS, before.stage, after.stage or "no stage", alters=True)
    if before.aliases != after.aliases:  # the model itself tells that
        pair = (", ".join(before.aliases), ", ".join(after.aliases) or "no alias")
        return ChangeSummary(ChangeKind.ALIAS, *pair, alters=True, minor=True)
    return None


def of_drift(before: Any, after: Any) -> ChangeSummary | None:
    """Return its value, and whether it has crossed its limit."""
    if not isinstance(after, Drift):
        return None
    was = before.value if isinstance(before, Drift) else None
    crossed = after.crossed and not (isinstance(before, Drift) and before.crossed)
    back = isinstance(before, Drift) and before.crossed and not after.crossed
    said = " crossed" if crossed else " back within" if back else ""
    limit = f" {format_metric(after.threshold)}" if said and after.threshold is not None else ""
    old = "" if was is None else format_metric(was)
    new = f"{format_metric(after.value)}{said}{limit}"
    return ChangeSummary(ChangeKind.DRIFT, old, new, minor=not said)
