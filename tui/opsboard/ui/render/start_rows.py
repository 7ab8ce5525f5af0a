"""The rows of whether it will start: what stops it first, and how each of it was told."""

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from opsboard.adapter import Plan, Severity, StartFinding, StartState
from opsboard.records import Status
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.text.escaping import escaped
from opsboard.ui.render.cells import PLAIN
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, heading_row, wrap_text

TITLE: Final = "Will it start?"
STILL_CHECKING: Final = "whether it will start is still being checked"
NOTHING_FOUND: Final = "nothing was found that would stop it"
_STATUSES: Final = {
    Severity.BLOCKER: (Status.FAILED, "blocker: "),
    Severity.WARNING: (Status.WARNING, "warning: "),
    Severity.NOTE: (None, ""),
}


def start_rows(plan: Plan, page: PageFormat) -> Iterator[PageRow]:
    """Yield what was found of whether *plan* will start; nothing where that is no question."""
    if plan.start_state is StartState.NOT_CHECKED:
        return
    count = str(len(plan.start_findings)) if plan.start_findings else ""
    yield heading_row(TITLE, page.styles, count)
    if plan.start_state is StartState.CHECKING:
        yield PageRow(Text("   checking ...", page.styles.muted))
    elif not any(one.is_grave for one in plan.start_findings):
        glyph = page.styles.glyphs.status[Status.OK]
        style = page.styles.statuses[Status.OK]
        unknown = sum(not one.known for one in plan.start_findings)
        more = f"; {unknown} could not be told" if unknown else ""
        yield PageRow(Text(f" {glyph} {NOTHING_FOUND}{more}", style))
    for number, finding in enumerate(plan.start_findings):
        yield from _finding_rows(finding, number, page)
    yield BLANK


def _finding_rows(finding: StartFinding, number: int, page: PageFormat) -> Iterator[PageRow]:
    glyph, before, style = _drawn(finding, page)
    content, told = before + escaped(finding.text), told_text(finding)
    lines = list(wrap_text(content, page.width - 4))
    beside = bool(told) and cell_len(lines[-1]) + cell_len(told) + 6 <= page.width
    copied = f"{finding.text} ({told})" if told else finding.text
    for at, line in enumerate(lines):
        text = Text(f" {' ' if at else glyph} {line}", style)
        if beside and at == len(lines) - 1:
            text.append(f"  {told}", page.styles.muted)
        yield PageRow(text, selectable=True, copy_text=copied, key=("start", number, at))
    if told and not beside:
        for line in wrap_text(told, page.width - 6):
            yield PageRow(Text(f"     {line}", page.styles.muted))


def _drawn(finding: StartFinding, page: PageFormat) -> tuple[str, str, Style]:
    styles = page.styles
    if not finding.known:
        return styles.glyphs.status[Status.UNKNOWN], "", styles.statuses[Status.UNKNOWN]
    status, before = _STATUSES[finding.severity]
    if status is None:
        return styles.glyphs.dot, before, PLAIN
    return styles.glyphs.status[status], before, styles.statuses[status]


def told_text(finding: StartFinding) -> str:
    """Return how *finding* was told: by which source, of which object, and when."""
    at = finding.at.astimezone(LOCAL_ZONE).strftime("%H:%M:%S") if finding.at else ""
    where = escaped(finding.told_by) if finding.told_by else ""
    return ", ".join(filter(None, (where, at)))
