"""The rows of a plan: its target, the policy, findings, and the changes as a diff."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from opsboard.acting.decision import GuardDecision
from opsboard.acting.starting.durations import usual_text
from opsboard.adapter import Difference, Effect, Fact, Facts, Finding, Permission, Plan, Severity
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import Status
from opsboard.text.escaping import escaped
from opsboard.text.sanitize import sanitize
from opsboard.ui.render.cells import BOLD, PLAIN
from opsboard.ui.render.detail_rows import PageFormat, section_rows
from opsboard.ui.render.layout import BLANK, INDENT, PageRow, heading_row, wrap_text
from opsboard.ui.render.start_rows import start_rows
from opsboard.ui.theme.glyphs import UNICODE
from opsboard.ui.theme.styles import Styles

_LABEL: Final = 13
_GRAVITIES: Final = {
    Severity.BLOCKER: (Status.WARNING, "blocked: "),
    Severity.WARNING: (Status.WARNING, ""),
    Severity.NOTE: (None, "note: "),
}
"""How findings are drawn and what precedes them, in the order in which they are listed."""
_PERMISSIONS: Final = {
    Permission.ALLOWED: Status.OK,
    Permission.DENIED: Status.WARNING,
    Permission.UNKNOWN: Status.UNKNOWN,
}
_EFFECTS: Final = {Effect.BETTER: Status.OK, Effect.WORSE: Status.WARNING}
"""How a measured value that has changed is drawn, where it is known what that means."""
_NARROW: Final = 24
"""Columns that the name of what changes may take, before its value goes on a line of its own."""


def plan_rows(plan: Plan, judgement: GuardDecision, page: PageFormat) -> Iterator[PageRow]:
    """Yield the rows of one plan."""
    yield heading_row(plan_title(plan), page.styles)
    yield from _target_rows(plan, page)  # first, so that they are seen on the lowest screen
    if found := list(start_rows(plan, page)):
        yield BLANK
        yield from found
    yield from _condition_rows(plan, page)
    yield from decision_rows(judgement, page)
    yield from finding_rows(plan, page)
    yield BLANK
    yield from _change_rows(plan, page)
    for title, facts in (
        ("Facts", tuple(one.in_one_line for one in plan.facts)),
        ("Inputs", _inputs(plan)),
    ):
        if facts:
            yield BLANK
            yield from section_rows(Facts(title=title, facts=facts), page)


def plan_title(plan: Plan) -> str:
    """Return the action and its target in few words."""
    return plan.title if plan.name in plan.title else f"{plan.title} {plan.name}"


def version_text(plan: Plan, styles: Styles) -> str:
    """Return the versions before and after, as far as there are any."""
    return plan.change(styles.glyphs.arrow)


def _inputs(plan: Plan) -> tuple[Fact, ...]:
    values = ((name, value) for name, value in plan.inputs.items() if value)
    return tuple(Fact(label=escaped(name), value=escaped(value)) for name, value in values)


def _target_rows(plan: Plan, page: PageFormat) -> Iterator[PageRow]:
    """Yield what is changed, where, and from what to what."""
    styles = page.styles
    yield from labelled_rows("target", escaped(plan.target), page)
    yield from environment_rows([plan], styles)
    if plan.before or plan.after:
        yield from labelled_rows("version", version_text(plan, styles), page, style=BOLD)


def _condition_rows(plan: Plan, page: PageFormat) -> Iterator[PageRow]:
    """Yield how long it takes, by whom it is done, and whether that is permitted."""
    if usual := usual_text(plan.durations):
        yield from labelled_rows("took before", usual, page)
    if plan.executor and plan.executor != plan.ref.source:
        yield from labelled_rows("done by", sanitize(plan.executor), page)
    words = ": ".join(filter(None, (plan.permission, plan.permission_note)))
    yield from labelled_rows("permission", words, page, _PERMISSIONS[plan.permission])
    if plan.dry_run:
        yield from labelled_rows("dry run", plan.dry_run, page)


def environment_rows(plans: Iterable[Plan], styles: Styles) -> Iterator[PageRow]:
    """Yield a line for each environment that is touched, but for nothing that is known to be none.

    No cursor stands on them, which would take their colour.
    """
    for number, environment in enumerate(environments_of(plans)):
        label = f"{INDENT} {'' if number else 'environment':<{_LABEL}} "
        yield PageRow(environment_text(environment, styles, label))


def environments_of(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Return all environments that *plans* touch, each once."""
    return tuple(sorted({one for plan in plans for one in plan.environments}))


def environment_text(environment: str, styles: Styles, label: str) -> Text:
    """Return *label* and the environment, drawn as in the top line."""
    word = environment.upper() if environment == "production" else escaped(environment)
    return Text.assemble((label, styles.muted), (f" {word} ", styles.environment(environment)))


def labelled_rows(
    label: str,
    value: str,
    page: PageFormat,
    status: Status | None = None,
    *,
    style: Style | None = None,
) -> Iterator[PageRow]:
    """Yield the lines of a labelled value, with the glyph of its *status* where it has one."""
    styles = page.styles
    ink = styles.statuses[status] if status else style or PLAIN
    glyph = f"{styles.glyphs.status[status]} " if status else ""
    for number, line in enumerate(wrap_text(f"{glyph}{value}", page.width - _LABEL - 4)):
        prefix = (f"{INDENT} {'' if number else label:<{_LABEL}} ", styles.muted)
        text = Text.assemble(prefix, (line, ink))
        yield PageRow(text, selectable=True, copy_text=value, key=(label, number))


def decision_rows(judgement: GuardDecision, page: PageFormat) -> Iterator[PageRow]:
    """Yield the decision of the policy."""
    word, why = sanitize(judgement.confirmation_text), sanitize(judgement.explanation)
    text, status = {
        PolicyDecision.DENY: ("denied", Status.WARNING),
        PolicyDecision.TYPED: (f"type {word} and give a reason", Status.WARNING),
        PolicyDecision.CONFIRM: ("has to be confirmed", None),
        PolicyDecision.ALLOW: ("allowed", Status.OK),
    }[judgement.decision]
    yield from labelled_rows("policy", ": ".join(filter(None, (text, why))), page, status)


def finding_rows(plan: Plan, page: PageFormat) -> Iterator[PageRow]:
    """Yield what has to be known, the gravest first."""
    findings = [*plan.findings]
    if plan.permission is Permission.DENIED:  # it is a blocker, and comes first
        findings.insert(0, Finding(severity=Severity.BLOCKER, text=plan.blockers[0]))
    if findings:
        yield BLANK
    for severity in _GRAVITIES:
        for number, finding in enumerate(findings):
            if finding.severity is severity:
                yield from _caution(finding, number, page)


def _caution(finding: Finding, number: int, page: PageFormat) -> Iterator[PageRow]:
    status, before = _GRAVITIES[finding.severity]
    styles = page.styles
    glyph = styles.glyphs.status[status] if status else styles.glyphs.dot
    style = styles.statuses[status] if status else PLAIN
    content = before + finding.text.replace(UNICODE.arrow, styles.glyphs.arrow)
    for at, line in enumerate(wrap_text(content, page.width - 4)):
        text = Text(f" {' ' if at else glyph} {line}", style)
        yield PageRow(text, selectable=True, copy_text=finding.text, key=("caution", number, at))


# --- changes -------------------------------------------------------------------------------------


def _change_rows(plan: Plan, page: PageFormat) -> Iterator[PageRow]:
    count = str(len(plan.changes)) if plan.changes else ""
    yield heading_row("Changes", page.styles, count)
    if not plan.changes:
        yield PageRow(Text(f"{INDENT} nothing that is known in advance", page.styles.muted))
    groups: dict[str, list[Difference]] = {}
    for change in plan.changes:
        groups.setdefault(change.group, []).append(change)
    for group, changes in groups.items():
        yield PageRow(Text(f"{INDENT} {group}", BOLD), selectable=True, copy_text=group, key=group)
        names = min(_NARROW, max(cell_len(change.label) for change in changes))
        for change in changes:
            yield from _difference(change, names, page)


def _difference(change: Difference, names: int, page: PageFormat) -> Iterator[PageRow]:
    """Yield a change as a diff, readable by its signs without colour."""
    label = change.label
    name = f"{label}{' ' * (names - cell_len(label))}  "
    if cell_len(label) > names:
        alone = Text(f"{INDENT}   {label}")
        yield PageRow(alone, selectable=True, copy_text=label, key=(change.group, change.name))
        name = ""
    for sign, value, ink in _sides(change, page.styles):
        for number, line in enumerate(_lines(value, page.width - cell_len(name) - 7)):
            before = " " * (cell_len(name) + 2) if number else f"{sign} {name}"
            text = Text(f"{INDENT}   {before}{line}", ink)
            key = (change.group, change.name, sign, number)
            yield PageRow(text, selectable=True, copy_text=value or "", key=key)


def _sides(change: Difference, styles: Styles) -> Iterator[tuple[str, str | None, Style]]:
    """Yield the lines of a diff: sign, value and colour; one alone where nothing changes."""
    before, after = change.shown
    if change.before == change.after:
        yield " ", after, styles.muted
        return
    if change.effect is not None:
        yield from _measured(change.effect, before, after, styles)
        return
    yield "-", before, styles.muted
    yield "+", after, styles.statuses[Status.OK]


def _measured(
    effect: Effect, before: str | None, after: str | None, styles: Styles
) -> Iterator[tuple[str, str | None, Style]]:
    """Yield the lines of a measured value: nothing is taken away, and less may be a gain."""
    yield "-", before, styles.muted
    status = _EFFECTS.get(effect)
    if status is None or after is None:
        yield "+", after, PLAIN
        return
    yield "+", f"{after}  {styles.glyphs.status[status]} {effect}", styles.statuses[status]


def _lines(value: str | None, width: int) -> Iterator[str]:
    if value is not None:
        yield from wrap_text(value, width)
