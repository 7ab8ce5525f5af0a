"""How several plans are written on one page: each target with its versions, blocked ones first."""

from collections.abc import Iterator

from rich.text import Text

from opsboard.act.judgement import Judgement
from opsboard.adapter import Gravity, Plan
from opsboard.records import Status
from opsboard.ui.cell_looks import BOLD
from opsboard.ui.detail_rows import Paper
from opsboard.ui.paper import INDENT, heading, wrapped
from opsboard.ui.plan_rows import environment_text, judgement_rows, labelled, versions
from opsboard.ui.planning import Draft, LeftOut
from opsboard.ui.widgets.page import BLANK, Row


def bulk_rows(
    title: str, draft: Draft, judgement: Judgement, paper: Paper, *, keep_going: bool
) -> Iterator[Row]:
    """Yield the rows of a draft for several targets."""
    count, total = len(draft.able), len(draft.plans) + len(draft.left_out)
    yield heading(f"{title}: {count} of {total}", paper.looks)
    for environment in sorted({plan.environment for plan in draft.able} - {""}):
        text = environment_text(environment, paper.looks)
        yield Row(text, stands=True, copy=environment, key=("environment", environment))
    yield from judgement_rows(judgement, paper)
    yield from labelled("if one fails", on_failure(keep_going=keep_going), paper)
    yield from _not_done(draft, paper)
    yield BLANK
    yield heading("Targets, in this order", paper.looks, str(count))
    for plan in draft.able:
        yield from _target(plan, paper)


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
        why = f"{one.why}; {one.mend}" if one.mend else one.why
        yield from _told(one.name, why, Status.FAILED, ("out", number), paper)


def _target(plan: Plan, paper: Paper) -> Iterator[Row]:
    key = (plan.ref, "target")
    warnings = [c.text for c in plan.cautions if c.gravity is not Gravity.NOTE]
    yield from _told(plan.target, versions(plan, paper.looks), None, key, paper)
    for warning in warnings:
        yield from _warning(plan, warning, paper)


def _warning(plan: Plan, warning: str, paper: Paper) -> Iterator[Row]:
    style = paper.looks.statuses[Status.WARNING]
    glyph = paper.looks.glyphs.status[Status.WARNING]
    for number, line in enumerate(wrapped(warning, paper.width - 8)):
        text = Text(f"{INDENT}   {' ' if number else glyph} {line}", style)
        yield Row(text, stands=True, copy=warning, key=(plan.ref, warning, number))


def _told(
    name: str, words: str, status: Status | None, key: tuple[object, object], paper: Paper
) -> Iterator[Row]:
    """Yield a name, and what there is to say of it: beside it, or below where that is too long."""
    looks = paper.looks
    ink = looks.statuses[status] if status else BOLD
    glyph = looks.glyphs.status[status] if status else looks.glyphs.dot
    line = Text(f"{INDENT} {glyph} {name}", ink if status else "")
    if line.cell_len + len(words) + 4 <= paper.width:
        yield Row(line.append(f"  {words}", ink), stands=True, copy=name, key=key)
        return
    yield Row(line, stands=True, copy=name, key=key)
    for more in wrapped(words, paper.width - 6) if words else ():
        yield Row(Text(f"{INDENT}   {more}", ink))
