"""The verdict on a record: since when it is as it is, and the key that mends it."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import NamedTuple

from rich.text import Text

from opsboard.kinds.ages import age_text
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow, wrapped_lines


class RemedyKey(NamedTuple):
    """What would mend it: the *key* that plans it, its *title* and what that does."""

    key: str
    title: str
    help: str


def clock_text(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return *at* as people say it: ``14:02`` of today, ``26 Nov`` of another day."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d %b}"


def since_text(since: datetime, page: PageFormat, zone: tzinfo) -> Text:
    """Return since when it is so, and for how long that is."""
    text = Text(f"since {clock_text(since, page.now, zone)}")
    if (age := age_text(since, page.now)) != "now":
        text.append(f", {age}", page.styles.muted)
    return text


def verdict_rows(
    since: datetime | None, remedy: RemedyKey | None, page: PageFormat, zone: tzinfo
) -> Iterator[PageRow]:
    """Yield what a page says below what is wrong: since when, and what to do."""
    if since is not None:
        line = since_text(since, page, zone)
        yield PageRow(
            Text("   ").append_text(line), selectable=True, copy_text=since.isoformat(), key="since"
        )
    if remedy is not None:
        yield from remedy_rows(remedy, page, indent=3)


def remedy_rows(
    key: RemedyKey, page: PageFormat, indent: int = 1, most: int = 1
) -> Iterator[PageRow]:
    """Yield the key that plans what would mend it, with what it does on *most* lines."""
    styles = page.styles
    text = Text(" " * indent).append(f" {key.key} ", styles.roles["cursor"])
    text.append(f" {key.title}  ", BOLD)
    start, room = text.cell_len, max(0, page.width - text.cell_len - 1)
    for line in wrapped_lines(key.help, room, most, styles):
        yield PageRow(text.append(line, styles.muted))
        text = Text(" " * start)
