"""A measured value that changes is never painted as a gain, unless it is known to be one."""

from datetime import UTC, datetime
from typing import Final

import pytest
from rich.text import Text

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import Difference, Effect, Plan
from opsboard.commands.act_report import plan_lines
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import Kind, Ref, Status
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.plan_rows import plan_rows
from opsboard.ui.theme.glyphs import ASCII, UNICODE, Glyphs
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import load_themes

NOW: Final = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
THEMES: Final = load_themes(None).themes
CHANGES: Final = (
    Difference(group="metrics", name="auc", before="0.91", after="0.89", effect=Effect.WORSE),
    Difference(group="metrics", name="loss", before="0.4", after="0.3", effect=Effect.BETTER),
    Difference(group="metrics", name="churn", before="3", after="4", effect=Effect.NEUTRAL),
    Difference(group="metrics", name="rmse", before="2.5", effect=Effect.NEUTRAL),
    Difference(group="metrics", name="ece", before="nan", after="0.1", effect=Effect.NEUTRAL),
    Difference(group="env", name="MODE", before="fast", after="slow"),
)
PLAN: Final = Plan(
    made_at=NOW, action="rollback", title="Roll back m", ref=Ref("ml", Kind.MODEL, "m"),
    target="model m", name="m", changes=CHANGES,
)  # fmt: skip


def _rows(theme: str, glyphs: Glyphs = UNICODE) -> tuple[list[Text], Styles]:
    styles = Styles(THEMES[theme], glyphs)
    rows = plan_rows(PLAN, GuardDecision(PolicyDecision.ALLOW), PageFormat(styles, NOW, 100))
    return [row.text for row in rows if row.text.plain.lstrip()[:1] in {"+", "-"}], styles


def _row(rows: list[Text], sign: str, name: str) -> Text:
    return next(row for row in rows if row.plain.split()[:2] == [sign, name])


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_only_what_is_better_has_the_colour_of_a_gain(theme: str) -> None:
    rows, styles = _rows(theme)
    gain, loss = styles.statuses[Status.OK], styles.statuses[Status.WARNING]
    assert _row(rows, "+", "loss").style == gain
    assert _row(rows, "+", "auc").style == loss
    plain = [_row(rows, "+", "churn"), _row(rows, "+", "ece"), _row(rows, "-", "rmse")]
    before = [_row(rows, "-", name) for name in ("auc", "loss", "churn", "ece")]
    judged = [style for style in map(styles.statuses.get, Status) if style]
    assert [row.plain for row in [*plain, *before] if row.style in judged] == []
    # what is set, and not measured, is a diff as ever
    assert _row(rows, "+", "MODE").style == gain
    assert _row(rows, "-", "MODE").style == styles.muted


@pytest.mark.parametrize(("glyphs", "worse", "better"), [(UNICODE, "▲", "✓"), (ASCII, "!", "+")])
def test_it_reads_without_colour(glyphs: Glyphs, worse: str, better: str) -> None:
    rows, _ = _rows("monochrome", glyphs)
    assert _row(rows, "+", "auc").plain.split()[2:] == ["0.89", worse, "worse"]
    assert _row(rows, "+", "loss").plain.split()[2:] == ["0.3", better, "better"]
    assert _row(rows, "+", "churn").plain.split()[2:] == ["4"]
    assert _row(rows, "+", "ece").plain.split()[2:] == ["0.1"]


def test_it_reads_in_a_terminal_without_a_board() -> None:
    lines = [line.strip() for line in plan_lines(PLAN)]
    assert "+ auc 0.89 (worse)" in lines
    assert "+ loss 0.3 (better)" in lines
    assert "+ churn 4" in lines
