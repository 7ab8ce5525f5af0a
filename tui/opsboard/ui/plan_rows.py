"""How a plan is written on a page: what it is about, what stands against it, what changes."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import Difference, Effect, Fact, Facts, Finding, Permission, Plan, Severity
from opsboard.config.settings import PolicyDecision
from opsboard.records import Status
from opsboard.text.escaping import escaped
from opsboard.text.sanitize import sanitize
from opsboard.ui.cell_looks import BOLD, PLAIN
from opsboard.ui.detail_rows import Paper, section_rows
from opsboard.ui.glyphs import UNICODE
from opsboard.ui.looks import Looks
from opsboard.ui.paper import INDENT, heading, wrapped
from opsboard.ui.widgets.page import BLANK, Row

_LABEL: Final = 13
_GRAVITIES: Final = {
    Severity.BLOCKER: (Status.FAILED, "blocked: "),
    Severity.WARNING: (Status.WARNING, ""),
    Severity.NOTE: (None, "note: "),
}
"""In the order in which findings are told: how each is drawn, and what is said before it."""
_PERMISSIONS: Final = {
    Permission.ALLOWED: Status.OK,
    Permission.DENIED: Status.FAILED,
    Permission.UNKNOWN: Status.UNKNOWN,
}
_EFFECTS: Final = {Effect.BETTER: Status.OK, Effect.WORSE: Status.WARNING}
"""How a measured value that has changed is drawn, where it is known what that means."""
_NARROW: Final = 24
"""Columns that the name of what changes may take, before its value goes on a line of its own."""


def plan_rows(plan: Plan, judgement: GuardDecision, paper: Paper) -> Iterator[Row]:
    """Yield the rows of one plan."""
    yield heading(titled(plan), paper.looks)
    yield from _summary(plan, paper)
    yield from judgement_rows(judgement, paper)
    yield from caution_rows(plan, paper)
    yield BLANK
    yield from _change_rows(plan, paper)
    for title, facts in (
        ("Facts", tuple(one.in_one_line for one in plan.facts)),
        ("Inputs", _inputs(plan)),
    ):
        if facts:
            yield BLANK
            yield from section_rows(Facts(title=title, facts=facts), paper)


def titled(plan: Plan) -> str:
    """Return what is done, and to what, in few words."""
    return plan.title if plan.name in plan.title else f"{plan.title} {plan.name}"


def versions(plan: Plan, looks: Looks) -> str:
    """Return the versions before and after, as far as there are any."""
    return f" {looks.glyphs.arrow} ".join(filter(None, plan.versions))


def _inputs(plan: Plan) -> tuple[Fact, ...]:
    told = ((name, value) for name, value in plan.values.items() if value)
    return tuple(Fact(label=escaped(name), value=escaped(value)) for name, value in told)


def _summary(plan: Plan, paper: Paper) -> Iterator[Row]:
    looks = paper.looks
    yield from labelled("target", escaped(plan.target), paper)
    yield from environment_rows([plan], looks)
    if plan.before or plan.after:
        yield from labelled("version", versions(plan, looks), paper, style=BOLD)
    if plan.executor and plan.executor != plan.ref.source:
        yield from labelled("done by", sanitize(plan.executor), paper)
    words = ": ".join(filter(None, (plan.permission, plan.permission_note)))
    yield from labelled("permission", words, paper, _PERMISSIONS[plan.permission])
    if plan.dry_run:
        yield from labelled("rehearsal", plan.dry_run, paper)


def environment_rows(plans: Iterable[Plan], looks: Looks) -> Iterator[Row]:
    """Yield a line for each environment that is touched, but for nothing that is known to be none.

    No cursor stands on them, which would take their colour.
    """
    for number, environment in enumerate(environments_of(plans)):
        label = f"{INDENT} {'' if number else 'environment':<{_LABEL}} "
        yield Row(environment_text(environment, looks, label))


def environments_of(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Return all environments that *plans* touch, each once."""
    return tuple(sorted({one for plan in plans for one in plan.environments}))


def environment_text(environment: str, looks: Looks, label: str) -> Text:
    """Return *label* and the environment, as it is told in the top line."""
    word = environment.upper() if environment == "production" else escaped(environment)
    return Text.assemble((label, looks.muted), (f" {word} ", looks.environment(environment)))


def labelled(
    label: str,
    value: str,
    paper: Paper,
    status: Status | None = None,
    *,
    style: Style | None = None,
) -> Iterator[Row]:
    """Yield the lines of a labelled value, with the glyph of its *status* where it has one."""
    looks = paper.looks
    ink = looks.statuses[status] if status else style or PLAIN
    glyph = f"{looks.glyphs.status[status]} " if status else ""
    for number, line in enumerate(wrapped(f"{glyph}{value}", paper.width - _LABEL - 4)):
        said = (f"{INDENT} {'' if number else label:<{_LABEL}} ", looks.muted)
        text = Text.assemble(said, (line, ink))
        yield Row(text, stands=True, copy=value, key=(label, number))


def judgement_rows(judgement: GuardDecision, paper: Paper) -> Iterator[Row]:
    """Yield what the policy says."""
    word, why = sanitize(judgement.confirmation_text), sanitize(judgement.explanation)
    told, status = {
        PolicyDecision.DENY: ("denied", Status.FAILED),
        PolicyDecision.TYPED: (f"type {word} and give a reason", Status.WARNING),
        PolicyDecision.CONFIRM: ("asks to be confirmed", None),
        PolicyDecision.ALLOW: ("allowed", Status.OK),
    }[judgement.decision]
    yield from labelled("policy", ": ".join(filter(None, (told, why))), paper, status)


def caution_rows(plan: Plan, paper: Paper) -> Iterator[Row]:
    """Yield what has to be known, the gravest first."""
    findings = [*plan.findings]
    if plan.permission is Permission.DENIED:  # it is a blocker, and told first
        findings.insert(0, Finding(severity=Severity.BLOCKER, text=plan.blockers[0]))
    if findings:
        yield BLANK
    for severity in _GRAVITIES:
        for number, finding in enumerate(findings):
            if finding.severity is severity:
                yield from _caution(finding, number, paper)


def _caution(finding: Finding, number: int, paper: Paper) -> Iterator[Row]:
    status, before = _GRAVITIES[finding.severity]
    looks = paper.looks
    glyph = looks.glyphs.status[status] if status else looks.glyphs.dot
    style = looks.statuses[status] if status else PLAIN
    told = before + finding.text.replace(UNICODE.arrow, looks.glyphs.arrow)
    for at, line in enumerate(wrapped(told, paper.width - 4)):
        text = Text(f" {' ' if at else glyph} {line}", style)
        yield Row(text, stands=True, copy=finding.text, key=("caution", number, at))


# --- changes -------------------------------------------------------------------------------------


def _change_rows(plan: Plan, paper: Paper) -> Iterator[Row]:
    count = str(len(plan.changes)) if plan.changes else ""
    yield heading("Changes", paper.looks, count)
    if not plan.changes:
        yield Row(Text(f"{INDENT} nothing that is seen beforehand", paper.looks.muted))
    groups: dict[str, list[Difference]] = {}
    for change in plan.changes:
        groups.setdefault(change.group, []).append(change)
    for group, changes in groups.items():
        yield Row(Text(f"{INDENT} {group}", BOLD), stands=True, copy=group, key=group)
        names = min(_NARROW, max(cell_len(change.label) for change in changes))
        for change in changes:
            yield from _difference(change, names, paper)


def _difference(change: Difference, names: int, paper: Paper) -> Iterator[Row]:
    """Yield a change as a diff: the signs tell it where no colour does."""
    label = change.label
    name = f"{label}{' ' * (names - cell_len(label))}  "
    if cell_len(label) > names:
        alone = Text(f"{INDENT}   {label}")
        yield Row(alone, stands=True, copy=label, key=(change.group, change.name))
        name = ""
    for sign, value, ink in _sides(change, paper.looks):
        for number, line in enumerate(_lines(value, paper.width - cell_len(name) - 7)):
            before = " " * (cell_len(name) + 2) if number else f"{sign} {name}"
            text = Text(f"{INDENT}   {before}{line}", ink)
            key = (change.group, change.name, sign, number)
            yield Row(text, stands=True, copy=value or "", key=key)


def _sides(change: Difference, looks: Looks) -> Iterator[tuple[str, str | None, Style]]:
    """Yield the lines of a diff: sign, value and colour; one alone where nothing changes."""
    before, after = change.shown
    if change.before == change.after:
        yield " ", after, looks.muted
        return
    if change.effect is not None:
        yield from _measured(change.effect, before, after, looks)
        return
    yield "-", before, looks.statuses[Status.FAILED]
    yield "+", after, looks.statuses[Status.OK]


def _measured(
    effect: Effect, before: str | None, after: str | None, looks: Looks
) -> Iterator[tuple[str, str | None, Style]]:
    """Yield the lines of a measured value: nothing is taken away, and less may be a gain."""
    yield "-", before, looks.muted
    status = _EFFECTS.get(effect)
    if status is None or after is None:
        yield "+", after, PLAIN
        return
    yield "+", f"{after}  {looks.glyphs.status[status]} {effect}", looks.statuses[status]


def _lines(value: str | None, width: int) -> Iterator[str]:
    if value is not None:
        yield from wrapped(value, width)
