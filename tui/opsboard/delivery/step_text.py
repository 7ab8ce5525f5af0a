"""One deployment of a lane in a line: when, what, what became of it, and why."""

from datetime import timedelta, tzinfo

from opsboard.delivery.figures import DeployedItem
from opsboard.delivery.lane import Step, StepKind
from opsboard.delivery.verdicts import JudgedStep
from opsboard.kinds.ages import duration


def step_text(item: DeployedItem, zone: tzinfo) -> str:
    """Return ``11-27 14:02 deployment v55 → v56, rolled back to v55 after 18m, 3 changes``."""
    one, step = item.judged, item.judged.step
    head = f"{clock_text(step, zone)} {step.kind.value} {versions_text(step)}"
    notes = [why_text(one), f"by {step.actor}" if step.actor else "", changes_text(item)]
    if step.backfilled:
        notes.append("told later by the source")
    return ", ".join(filter(None, (head, *notes)))


def clock_text(step: Step, zone: tzinfo) -> str:
    """Return when it was live; ``≤`` where it may have been before."""
    mark = "" if step.is_exact else "≤ "
    return f"{mark}{step.at.astimezone(zone):%m-%d %H:%M}"


def versions_text(step: Step) -> str:
    """Return the version before and this one."""
    before = step.previous.label if step.previous is not None else ""
    return " → ".join(filter(None, (before, step.version.label)))


def why_text(one: JudgedStep) -> str:
    """Return the verdict, how it is known, and how long the failure lasted."""
    if not one.verdict.has_failed:
        return "" if one.step.kind is StepKind.DEPLOYMENT and one.why == "live" else one.why
    lasted = ""
    if one.failed_at is not None and one.recovered_at is not None:
        lasted = f" after {duration(max(timedelta(0), one.recovered_at - one.failed_at))}"
    return f"{one.why}{lasted}"


def changes_text(item: DeployedItem) -> str:
    """Return how many changes came with it, as far as is known."""
    if item.judged.step.kind is not StepKind.DEPLOYMENT or not item.changes:
        return ""
    count = len(item.changes)
    return f"{count:,} change{'s' * (count != 1)}"
