"""The rows of several plans: each target with its versions, those that are left out first."""

from collections.abc import Iterator

from rich.text import Text

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import Plan, Severity
from opsboard.records import Status
from opsboard.ui.actions.plan_batch import PlanBatch, SkippedTarget
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, INDENT, PageRow, heading_row, wrap_text
from opsboard.ui.render.plan_rows import (
    decision_rows,
    environment_rows,
    labelled_rows,
    version_text,
)


def batch_rows(
    title: str, draft: PlanBatch, judgement: GuardDecision, page: PageFormat, *, keep_going: bool
) -> Iterator[PageRow]:
    """Yield the rows of a draft for several targets."""
    count, total = len(draft.executable), len(draft.plans) + len(draft.skipped)
    yield heading_row(f"{title}: {count} of {total}", page.styles)
    yield from environment_rows(draft.executable, page.styles)
    yield from decision_rows(judgement, page)
    yield from labelled_rows("if one fails", failure_policy_text(keep_going=keep_going), page)
    yield from _not_done(draft, page)
    yield BLANK
    yield heading_row("Targets, in this order", page.styles, str(count))
    for number, plan in enumerate(draft.executable, 1):
        yield from _target(number, plan, page)


def failure_policy_text(*, keep_going: bool) -> str:
    """Return what happens to the others where one fails."""
    return "go on with the others" if keep_going else "stop, and leave the others as they are"


def _not_done(draft: PlanBatch, page: PageFormat) -> Iterator[PageRow]:
    out = [SkippedTarget(plan.target, "; ".join(plan.blockers)) for plan in draft.blocked]
    out.extend(draft.skipped)
    if out:
        yield BLANK
        yield heading_row("Left out", page.styles, str(len(out)))
    for number, one in enumerate(out):
        why = f"{one.why}; {one.hint}" if one.hint else one.why
        name = f"{page.styles.glyphs.status[Status.WARNING]} {one.name}"
        ink = page.styles.statuses[Status.WARNING]
        yield from _named_rows(Text(name, ink), Text(why, ink), ("out", number), page)


def _target(number: int, plan: Plan, page: PageFormat) -> Iterator[PageRow]:
    name, words = Text(f"{number} {plan.target}"), Text(version_text(plan, page.styles), BOLD)
    yield from _named_rows(name, words, (plan.ref, "target"), page)
    warnings = [one.text for one in plan.start_findings if one.is_grave]
    warnings += [c.text for c in plan.findings if c.severity is not Severity.NOTE]
    for warning in warnings:
        yield from _warning(plan, warning, page)


def _warning(plan: Plan, warning: str, page: PageFormat) -> Iterator[PageRow]:
    style = page.styles.statuses[Status.WARNING]
    glyph = page.styles.glyphs.status[Status.WARNING]
    for number, line in enumerate(wrap_text(warning, page.width - 8)):
        text = Text(f"{INDENT}   {' ' if number else glyph} {line}", style)
        yield PageRow(text, selectable=True, copy_text=warning, key=(plan.ref, warning, number))


def _named_rows(
    name: Text, words: Text, key: tuple[object, object], page: PageFormat
) -> Iterator[PageRow]:
    """Yield a name with its text beside it, or below it if that is too long."""
    line = Text.assemble(f"{INDENT} ", name)
    if line.cell_len + words.cell_len + 4 <= page.width:
        yield PageRow(
            Text.assemble(line, "  ", words), selectable=True, copy_text=name.plain, key=key
        )
        return
    yield PageRow(line, selectable=True, copy_text=name.plain, key=key)
    for more in wrap_text(words.plain, page.width - 6):
        yield PageRow(Text(f"{INDENT}   {more}", words.style))
