"""The rows of a comparison: its sides, metrics with the better one marked, what else differs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from rich.style import Style
from rich.text import Text

from opsboard.adapter import BetterSide, Comparand, Effect, Series
from opsboard.kinds.ages import age_text
from opsboard.records import Status
from opsboard.ui.render.cells import BOLD, PLAIN, text_width
from opsboard.ui.render.comparison_diffs import diff_rows, side_title
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, GAP, INDENT, PageRow, fit_text, heading_row, wrap_text
from opsboard.ui.render.overlays import MAX_DRAWN, overlay_lines, series_style
from opsboard.ui.theme.styles import Styles
from opsboard.views.comparison import Comparison, GroupComparison, MetricRow, TextRow

_EFFECTS: Final = {Effect.BETTER: Status.OK, Effect.WORSE: Status.WARNING}
_NAMED: Final = 20
"""Names that are listed of those that are the same, or that nobody can judge."""
_NAME, _VALUE = (12, 34), (9, 22)
"""The least and the most columns of a name, and of a value."""
_EFFECT: Final = 9
"""Columns of the word that says which of two is better."""
_CHART: Final = 56
"""Columns that a chart of several series needs: as many as fit stand side by side."""
_WIDEST: Final = 100
_ABSENT: Final = "-"
_SAME: Final = "the same"
_LEAST_TEXT: Final = 8
"""Columns below which texts stand below each other."""


def comparison_rows(
    comparison: Comparison, charts: Mapping[str, Sequence[Series | None]], page: PageFormat
) -> Iterator[PageRow]:
    """Yield the rows of the page; *charts* are the values over time of a metric, by side."""
    for number, side in enumerate(comparison.sides):
        yield _side_row(number, side, page)
    if comparison.is_measured:
        yield BLANK
        yield from _metric_rows(comparison, page)
    for group in comparison.groups:
        yield BLANK
        yield from _group_rows(group, comparison.sides, page)
    yield from _chart_rows(comparison.sides, charts, page)
    yield from _note_rows(comparison.sides, page)


def _side_row(number: int, side: Comparand, page: PageFormat) -> PageRow:
    styles = page.styles
    words = [side.subject, side.ref.source]
    if side.created_at is not None:
        age = age_text(side.created_at, page.now)
        words.append("new" if age == "now" else f"{age} old")
    text = Text.assemble(
        (f" {number + 1} ", series_style(number, styles)),
        (side.title, BOLD),
        (f"  {side.note}" if side.note else "", PLAIN),
        (f"  {f' {styles.glyphs.dot} '.join(filter(None, words))}", styles.muted),
    )
    if side.environment:
        text.append(f"  {side.environment}", styles.environment_cell(side.environment))
    if side.leads:
        text.append("  serves", styles.statuses[Status.OK])
    text.append(f" {styles.glyphs.arrow}", styles.muted)
    return PageRow(text, selectable=True, copy_text=side.title, ref=side.ref, key=side.ref)


# --- metrics -------------------------------------------------------------------------------------


def _metric_rows(comparison: Comparison, page: PageFormat) -> Iterator[PageRow]:
    styles, differing = page.styles, comparison.differing
    same = [row.name for row in comparison.metrics if not row.differs]
    yield heading_row("Metrics", styles, _count_text(len(differing), len(same)))
    if differing:
        titles = [side_title(*one) for one in enumerate(comparison.sides)]
        yield from _metric_table(differing, titles, page)
    if same:
        yield from _wrapped(f"the same: {_names(same)}", page)
    if unjudged := comparison.unjudged:
        hint = "`higher_is_better` and `lower_is_better` in the config say it"
        yield from _wrapped(f"not known which side is better: {_names(unjudged)}; {hint}", page)


def _metric_table(
    rows: Sequence[MetricRow], titles: Sequence[str], page: PageFormat
) -> Iterator[PageRow]:
    styles = page.styles
    name = _between(_NAME, max(text_width(row.name) for row in rows))
    delta = max(7, *(len(text) for row in rows for text in row.deltas))
    changes = len(titles) - 1
    effect = _EFFECT + GAP if changes == 1 else 0
    beside = len(INDENT) + name + 4 + changes * (delta + GAP) + effect
    most = max(_VALUE[0], (page.width - beside) // len(titles) - GAP)
    values = [
        min(
            most,
            _between(_VALUE, max(text_width(title), *(len(row.texts[at]) + 2 for row in rows))),
        )
        for at, title in enumerate(titles)
    ]
    head = [fit_text("", name + 3, styles)]
    for at, title in enumerate(titles):
        head.append(fit_text(title, values[at], styles, right=True))
        if at:
            head.append(fit_text("DIFF", delta, styles, right=True))
    yield PageRow(Text(f"{INDENT} {(' ' * GAP).join(head)}", styles.roles["header"]))
    for row in rows:
        text = _metric_text(row, name, values, delta, styles)
        copied = f"{row.name}  {'  '.join(one or _ABSENT for one in row.texts)}"
        yield PageRow(text, selectable=True, copy_text=copied, key=("metric", row.name))


def _metric_text(
    row: MetricRow, name: int, values: Sequence[int], delta: int, styles: Styles
) -> Text:
    gap = " " * GAP
    text = Text(f"{INDENT} {fit_text(row.name, name, styles)} ")
    text.append(f"{_direction(row.better, styles)} ", styles.muted)
    for at, value in enumerate(row.texts):
        mark = styles.glyphs.status[Status.OK] if at in row.best else " "
        shown = fit_text(f"{value or _ABSENT} {mark}", values[at], styles, right=True)
        style = styles.statuses[Status.OK] if at in row.best else PLAIN
        text.append(gap).append(shown, style if value else styles.muted)
        if at:
            change = row.deltas[at - 1], row.effects[at - 1]
            text.append(gap).append(
                fit_text(change[0], delta, styles, right=True), _effect_style(change[1], styles)
            )
    if len(values) == 2 and (effect := row.effects[0]) is not None:
        word = "not known" if effect is Effect.NEUTRAL else str(effect)
        text.append(f"{gap}{word}", _effect_style(effect, styles))
    return text


def _direction(better: BetterSide, styles: Styles) -> str:
    glyphs = styles.glyphs
    signs = {BetterSide.HIGHER: glyphs.ascending, BetterSide.LOWER: glyphs.descending}
    return signs.get(better, " ")


def _effect_style(effect: Effect | None, styles: Styles) -> Style:
    status = _EFFECTS.get(effect) if effect is not None else None
    return styles.statuses[status] if status is not None else styles.muted


# --- texts ---------------------------------------------------------------------------------------


def _group_rows(
    group: GroupComparison, sides: Sequence[Comparand], page: PageFormat
) -> Iterator[PageRow]:
    differing = len(group.rows) + bool(group.diffs)
    counted = _count_text(differing, len(group.same))
    if group.unknown and not differing:
        counted = f"{_SAME}, where it is known" if group.same else "not known"
    yield heading_row(group.title, page.styles, counted)
    name = _between(_NAME, max((text_width(row.name) for row in group.rows), default=0))
    room = (page.width - name - 6) // len(sides) - GAP
    longest = max((text_width(text or "") for row in group.rows for text in row.texts), default=0)
    titles = (text_width(side_title(*one)) for one in enumerate(sides))
    width = min(room, max(longest, _LEAST_TEXT, *titles))
    fitting = {row for row in group.rows if _fits(row, width)}
    if fitting:
        yield _head_row(sides, (name, width), page.styles)
    for row in group.rows:
        if row in fitting:
            yield _text_row(group.title, row, (name, width), page.styles)
        else:
            yield from _stacked_rows(group.title, row, page)
    for diff in group.diffs:
        yield from diff_rows(group.title, diff, sides, page)
    yield from _group_notes(group, sides, page)


def _group_notes(
    group: GroupComparison, sides: Sequence[Comparand], page: PageFormat
) -> Iterator[PageRow]:
    """Yield what is the same, and of what nothing is told; a reason that many share, once."""
    if group.same and group.rows:
        yield from _wrapped(f"the same: {_names(group.same)}", page)
    if group.masked:
        yield from _wrapped(f"not compared, as it may be secret: {_names(group.masked)}", page)
    for why in dict.fromkeys(why for _, why in group.unknown):
        which = [side for side, said in group.unknown if said == why]
        named = ", ".join(side_title(side, sides[side]) for side in which)
        of = "any" if len(which) == len(sides) > 1 else named
        yield from _wrapped(f"not known of {of}: {why}", page)


def _fits(row: TextRow, width: int) -> bool:
    return width >= _LEAST_TEXT and all(text_width(text or "") <= width for text in row.texts)


def _head_row(sides: Sequence[Comparand], widths: tuple[int, int], styles: Styles) -> PageRow:
    name, width = widths
    titles = [fit_text(side_title(*one), width, styles) for one in enumerate(sides)]
    text = f"{INDENT} {' ' * name}   {''.join(' ' * GAP + title for title in titles)}"
    return PageRow(Text(text, styles.roles["header"]))


def _text_row(group: str, row: TextRow, widths: tuple[int, int], styles: Styles) -> PageRow:
    name, width = widths
    text = Text(f"{INDENT} {fit_text(row.name, name, styles)}   ", styles.muted)
    for value in row.texts:
        shown = fit_text(_ABSENT if value is None else value, width, styles)
        text.append(" " * GAP, PLAIN).append(shown, styles.muted if value is None else BOLD)
    return PageRow(text, selectable=True, copy_text=_copied(row), key=(group, row.name))


def _stacked_rows(group: str, row: TextRow, page: PageFormat) -> Iterator[PageRow]:
    """Yield the texts below each other: cut off, they might look the same."""
    styles, key = page.styles, (group, row.name)
    name = Text(f"{INDENT} {row.name}", styles.muted)
    yield PageRow(name, selectable=True, copy_text=_copied(row), key=key)
    for side, value in enumerate(row.texts):
        lines = wrap_text(_ABSENT if value is None else value, page.width - 9)
        for number, line in enumerate(lines):
            mark = "" if number else str(side + 1)
            text = Text(f"{INDENT}   {mark:<2} ", series_style(side, styles)).append(line, PLAIN)
            yield PageRow(text, selectable=True, copy_text=value or "", key=(*key, side, number))


def _copied(row: TextRow) -> str:
    texts = (_ABSENT if text is None else text for text in row.texts)
    return f"{row.name}  {'  '.join(texts)}"


# --- charts and notes ----------------------------------------------------------------------------


def _chart_rows(
    sides: Sequence[Comparand], charts: Mapping[str, Sequence[Series | None]], page: PageFormat
) -> Iterator[PageRow]:
    if not charts:
        return
    yield BLANK
    across = max(1, min(len(charts), page.width // _CHART))
    width = min(_WIDEST, page.width // across - 3)
    left_out = f"of {len(sides)} the first {MAX_DRAWN}" if len(sides) > MAX_DRAWN else ""
    yield heading_row("Charts", page.styles, left_out)
    legend = Text(INDENT)
    for number, side in enumerate(sides[:MAX_DRAWN]):
        text = side_title(number, side)
        legend.append(f" {text} ", series_style(number, page.styles))
    yield PageRow(legend)
    names = list(charts)
    for start in range(0, len(names), across):
        blocks = [_chart_block(name, charts[name], width, page) for name in names[start:][:across]]
        for at, pieces in enumerate(zip_longest(*blocks, fillvalue=Text())):
            line = Text()
            for piece in pieces:
                block = Text(INDENT).append_text(piece)
                block.truncate(width + 3, overflow="crop", pad=True)
                line.append_text(block)
            title = names[start] if not at else None
            yield PageRow(line, selectable=not at, copy_text=title or "", key=title)


def _chart_block(
    name: str, several: Sequence[Series | None], width: int, page: PageFormat
) -> list[Text]:
    """Return the title of a chart and its lines; a side without values keeps its number."""
    drawn = [one or Series(title=name, points=()) for one in several]
    return [Text(name, page.styles.accent), *overlay_lines(drawn, width, page.styles)]


def _note_rows(sides: Sequence[Comparand], page: PageFormat) -> Iterator[PageRow]:
    notes = [(side_title(*one), note) for one in enumerate(sides) for note in _notes(one[1])]
    if not notes:
        return
    yield BLANK
    yield heading_row("Not complete", page.styles)
    for title, note in notes:
        yield from _wrapped(f"{title}: {note}", page)


def _notes(side: Comparand) -> Iterator[str]:
    yield from side.notes
    if side.more_metrics:
        yield f"{side.more_metrics:,} more metrics are not compared"


def _count_text(differing: int, same: int) -> str:
    if not differing and not same:
        return "none"
    if not differing:
        return _SAME
    verb = "differs" if differing == 1 else "differ"
    return f"{differing:,} {verb}" + (f", {same:,} the same" if same else "")


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _wrapped(text: str, page: PageFormat) -> Iterator[PageRow]:
    for number, line in enumerate(wrap_text(text, page.width - 4)):
        shown = Text(f"{INDENT} {line}", page.styles.muted)
        yield PageRow(shown, selectable=True, copy_text=text, key=(text, number))


def _between(limits: tuple[int, int], wanted: int) -> int:
    least, most = limits
    return max(least, min(most, wanted))
