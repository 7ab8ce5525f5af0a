"""How several plans are written on one page: each target with its versions, blocked ones first."""

from collections.abc import Iterator

from rich.text import Text

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import Plan, Severity
from opsboard.records import Status
from opsboard.ui.cell_looks import BOLD
from opsboard.ui.detail_rows import Paper
from opsboard.ui.paper import INDENT, heading, wrapped
from opsboard.ui.plan_rows import environment_rows, judgement_rows, labelled, versions
from opsboard.ui.planning import Draft, LeftOut
from opsboard.ui.widgets.page import BLANK, Row


def bulk_rows(
    title: str, draft: Draft, judgement: GuardDecision, paper: Paper, *, keep_going: bool
) -> Iterator[Row]:
    """Yield the rows of a draft for several targets."""
    count, total = len(draft.able), len(draft.plans) + len(draft.left_out)
    yield heading(f"{title}: {count} of {total}", paper.looks)
    yield from environment_rows(draft.able, paper.looks)
    yield from judgement_rows(judgement, paper)
    yield from labelled("if one fails", on_failure(keep_going=keep_going), paper)
    yield from _not_done(draft, paper)
    yield BLANK
    yield heading("Targets, in this order", paper.looks, str(count))
    for number, plan in enumerate(draft.able, 1):
        yield from _target(number, plan, paper)


def on_failure(*, keep_going: bool) -> str:
    """Return what happens to the others where one fails."""
    return "go on with the others" if keep_going else "stop, and leave the others as they are"


def _not_done(draft: Draft, paper: Paper) -> Iterator[Row]:
    out = [LeftOut(plan.target, "; ".join(plan.blockers)) for plan in draft.blocked]
    out.extend(draft.left_out)
    if out:
        yield BLANK
        yield heading("Left out", paper.looks, str(len(out)))
    for number, one in enumerate(out):
        why = f"{one.why}; {one.hint}" if one.hint else one.why
        name = f"{paper.looks.glyphs.status[Status.FAILED]} {one.name}"
        ink = paper.looks.statuses[Status.FAILED]
        yield from _told(Text(name, ink), Text(why, ink), ("out", number), paper)


def _target(number: int, plan: Plan, paper: Paper) -> Iterator[Row]:
    told, words = Text(f"{number} {plan.target}"), Text(versions(plan, paper.looks), BOLD)
    yield from _told(told, words, (plan.ref, "target"), paper)
    warnings = [c.text for c in plan.findings if c.severity is not Severity.NOTE]
    for warning in warnings:
        yield from _warning(plan, warning, paper)


def _warning(plan: Plan, warning: str, paper: Paper) -> Iterator[Row]:
    style = paper.looks.statuses[Status.WARNING]
    glyph = paper.looks.glyphs.status[Status.WARNING]
    for number, line in enumerate(wrapped(warning, paper.width - 8)):
        text = Text(f"{INDENT}   {' ' if number else glyph} {line}", style)
        yield Row(text, stands=True, copy=warning, key=(plan.ref, warning, number))


def _told(name: Text, words: Text, key: tuple[object, object], paper: Paper) -> Iterator[Row]:
    """Yield a name, and what there is to say of it: beside it, or below where that is too long."""
    line = Text.assemble(f"{INDENT} ", name)
    if line.cell_len + words.cell_len + 4 <= paper.width:
        yield Row(Text.assemble(line, "  ", words), stands=True, copy=name.plain, key=key)
        return
    yield Row(line, stands=True, copy=name.plain, key=key)
    for more in wrapped(words.plain, paper.width - 6):
        yield Row(Text(f"{INDENT}   {more}", words.style))
