"""What changes in a text of several lines, from one side of a comparison to another."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from opsboard.adapter import Comparand
from opsboard.ui.render.cells import PLAIN
from opsboard.ui.render.comparison_sides import side_title
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import INDENT, PageRow, wrap_text
from opsboard.ui.render.overlays import series_style
from opsboard.views.comparison import TextDiff


def diff_rows(
    group: str, diff: TextDiff, sides: Sequence[Comparand], page: PageFormat
) -> Iterator[PageRow]:
    """Yield a heading, and the lines; those of either side have its colour, as its title has."""
    styles, key = page.styles, (group, "text", diff.after)
    before, after = (side_title(at, sides[at]) for at in (diff.before, diff.after))
    heading = f"from {before} to {after}"
    yield PageRow(
        Text(f"{INDENT} {heading}", styles.muted), selectable=True, copy_text=heading, key=key
    )
    colours = {
        "-": series_style(diff.before, styles),
        "+": series_style(diff.after, styles),
        "⋯": styles.muted,
    }
    for number, line in enumerate(diff.lines):
        style = colours.get(line[:1], PLAIN)
        for piece, shown in enumerate(wrap_text(line, page.width - 6)):
            text = Text(f"{INDENT}   {shown}", style)
            yield PageRow(text, selectable=True, copy_text=line[1:], key=(*key, number, piece))
