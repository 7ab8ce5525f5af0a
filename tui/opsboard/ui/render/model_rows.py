"""Rows of a model's page: who serves it since when, and what its aliases pointed to before."""

from collections.abc import Collection, Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.history.model_serving import alias_stretches, served_version, servers_of
from opsboard.history.served import NOWHERE
from opsboard.kinds.ages import age_text
from opsboard.lineage.model_servers import ModelServer
from opsboard.records import Activity, Kind, Model, Ref, Status
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, fit_text, heading_row, wrap_text
from opsboard.ui.render.verdict_rows import clock_text

if TYPE_CHECKING:
    from opsboard.board.state import Board
    from opsboard.history.served import ServedStretch

STRETCHES: Final = 8
"""Stretches of aliases that are shown, the newest; the time line has all."""
_ENVIRONMENT: Final = 12
_NAME: Final = 24
_INDENT: Final = 5


def training_rows(board: "Board", model: Model, page: PageFormat) -> Iterator[PageRow]:
    """Yield what was begun from here and trains *model* now."""
    running = [
        one
        for one in board.records(Kind.ACTIVITY).values()
        if isinstance(one, Activity) and one.about == model.ref and one.status is Status.RUNNING
    ]
    if not running:
        return
    styles = page.styles
    yield BLANK
    yield heading_row("Under way from here", styles)
    for one in running:
        text = Text("   ").append(
            f"{styles.glyphs.status[one.status]} ", styles.statuses[one.status]
        )
        text.append(one.action, BOLD)
        told = [one.actor, age_text(one.created_at, page.now) if one.created_at else "", one.reason]
        text.append(f"  {'  '.join(filter(None, told))}", styles.muted)
        yield PageRow(text, selectable=True, copy_text=one.name, ref=one.ref, key=one.ref)


# --- who serves ----------------------------------------------------------------------------------


def serving_rows(
    board: "Board",
    model: Model,
    stretches: Sequence["ServedStretch"],
    page: PageFormat,
    among: Collection[Ref] | None = None,
) -> Iterator[PageRow]:
    """Yield the workloads that serve *model*, each with the version, and since when.

    With *among*, only those; then nothing where none of them does.
    """
    servers = servers_of(board, model)
    if among is not None:
        servers = tuple(one for one in servers if one.record.ref in among)
        if not servers:
            return
    yield BLANK
    none = "nothing on the board states that it serves this model"
    yield heading_row("Served by", page.styles, "" if servers else none)
    for server in servers:
        yield from _server(server, model, stretches, page)


def _server(
    server: ModelServer, model: Model, stretches: Sequence["ServedStretch"], page: PageFormat
) -> Iterator[PageRow]:
    record, styles = server.record, page.styles
    served = served_version(server, model, stretches)
    style = styles.statuses[record.status]
    text = Text("   ").append(f"{styles.glyphs.status[record.status]} ", style)
    environment = fit_text(record.environment or "-", _ENVIRONMENT, styles)
    text.append(environment, styles.environment_cell(record.environment))
    text.append(f" {fit_text(record.name, min(_NAME, max(8, page.width // 4)), styles)}")
    text.append(f" {served.text}", BOLD if served.sure else styles.statuses[Status.WARNING])
    if server.since is not None and not server.is_candidate:
        latest = "at least " if server.since_at_latest else ""
        text.append(f"  {latest}{age_text(server.since, page.now)}", styles.muted)
    stopped = "scaled to 0: nothing runs" if server.is_stopped else ""
    how = "; ".join(filter(None, (stopped, served.note, server.edge.rule, server.edge.note)))
    fits = text.cell_len + len(how) + 2 <= page.width
    if fits:
        text.append(f"  {how}", styles.muted)
    key = (record.ref, served.text)
    yield PageRow(text, selectable=True, copy_text=record.name, ref=record.ref, key=key)
    for line in () if fits else wrap_text(how, page.width - _INDENT):
        yield PageRow(Text(f"{' ' * _INDENT}{line}", styles.muted))


# --- what aliases pointed to ---------------------------------------------------------------------


def alias_rows(
    stretches: Sequence["ServedStretch"],
    error: SourceError | None,
    page: PageFormat,
    zone: tzinfo,
) -> Iterator[PageRow]:
    """Yield what the aliases of a model pointed to, from when to when, the newest first."""
    shown = alias_stretches(stretches)
    if not shown and error is None:
        return
    more = f"{STRETCHES} of {len(shown)}, t shows all" if len(shown) > STRETCHES else ""
    yield BLANK
    yield heading_row("Aliases over time", page.styles, more)
    if error is not None:
        yield from error_rows(error, page.styles, page.width)
    for one in shown[:STRETCHES]:
        yield _stretch(one, page, zone)


def _stretch(one: "ServedStretch", page: PageFormat, zone: tzinfo) -> PageRow:
    styles = page.styles
    ended = one.until is not None
    text = Text("     ").append(fit_text(one.alias or "serving", 14, styles), styles.muted)
    text.append(f" {fit_text(f'v{one.version}', 7, styles)}", styles.muted if ended else BOLD)
    end = one.until or page.now
    text.append(f" {_when(one, page, zone)}")
    least = "at least " if one.at_least else ""
    text.append(f"  {least}{age_text(one.since, end)}", styles.muted)
    told = [one.who, _doubt(one, page, zone)]
    if aside := ", ".join(filter(None, told)):
        room = max(0, page.width - text.cell_len - 2)
        text.append(f"  {fit_text(aside, room, styles).rstrip()}", styles.muted)
    key = (one.alias, one.version, one.since)
    return PageRow(text, selectable=True, copy_text=one.since.isoformat(), key=key)


def _doubt(one: "ServedStretch", page: PageFormat, zone: tzinfo) -> str:
    """Return why it may have pointed elsewhere meanwhile, or empty."""
    if one.moved_by is not None:
        where = one.next_version if one.next_version == NOWHERE else f"v{one.next_version}"
        return f"or {where}, seen at {clock_text(one.moved_by, page.now, zone)}"
    return "" if one.watched else "partly watched"


def _when(one: "ServedStretch", page: PageFormat, zone: tzinfo) -> str:
    """Return from when to when: ``since 14:02``, ``14:02 or before to 15:10``."""
    since = clock_text(one.since, page.now, zone)
    if one.at_least:
        since = f"{since} or before"
    elif one.earliest is not None:
        earliest = clock_text(one.earliest, page.now, zone)
        since = f"between {earliest} and {since}" if earliest != since else since
    if one.until is not None:
        return f"{since} to {clock_text(one.until, page.now, zone)}"
    return since if since.startswith("between") else f"since {since}"
