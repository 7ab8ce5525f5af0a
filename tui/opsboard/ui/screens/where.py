"""Where a commit is: built, in which images, live since when, and not yet where."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from opsboard.kinds.ages import age_text
from opsboard.lineage.graph import Node
from opsboard.lineage.where import CommitPlace, Presence
from opsboard.records import Identity, Record, Ref, Status
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, fit_text, heading_row, wrap_text
from opsboard.ui.render.lineage_page import lineage_page
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.views.commit_places import CommitPlaces, commit_places
from opsboard.views.lineage_rows import identity_row, record_row

_ENVIRONMENT = 12
_INDENT = 18


class WhereScreen(RecordPageScreen):
    """Shows where *commit* is, by joins that are no guesses."""

    sort = "where"

    def __init__(self, context: AppContext, commit: Identity) -> None:
        title = " ".join(filter(None, (commit.value[:12], commit.scope)))
        super().__init__(context, title)
        self._commit = commit

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the sections of the page."""
        places = commit_places(self.context.board, self._commit)
        return [
            *self._live(places, page),
            *self._elsewhere("Being rolled out", places.where(Presence.PARTLY), page),
            *self._elsewhere("Not yet", places.where(Presence.NOT_YET), page),
            *self._elsewhere("Not known", places.where(Presence.UNKNOWN), page),
            *self._records("Built", places.builds, "no run that is known has built it", page),
            *self._things("In images", places.images, "in no image that is known", page),
            *self._records("Also", places.others, "", page),
            *self._things("Perhaps, by a guess", places.perhaps, "", page),
            BLANK,
            heading_row("Chain", page.styles),
            *lineage_page(self.context.board, self._commit, page),
        ]

    def _live(self, places: CommitPlaces, page: PageFormat) -> Iterator[PageRow]:
        live = places.where(Presence.LIVE)
        yield heading_row("Live", page.styles, "" if live else "nowhere that is known")
        for place in live:
            yield from self._place(place, page)

    def _elsewhere(
        self, title: str, places: Sequence[CommitPlace], page: PageFormat
    ) -> Iterator[PageRow]:
        if places:
            yield BLANK
            yield heading_row(title, page.styles)
        for place in places:
            yield from self._place(place, page)

    def _place(self, place: CommitPlace, page: PageFormat) -> Iterator[PageRow]:
        """Yield a place with what is known of it: since when, and by what, which is never cut."""
        record, styles = self.context.board.get(place.ref), page.styles
        text = Text("   ")
        status = record.status if record is not None else Status.UNKNOWN
        text.append(f"{styles.glyphs.status[status]} ", styles.statuses[status])
        environment = fit_text(place.environment or "-", _ENVIRONMENT, styles)
        text.append(environment, styles.environment_cell(place.environment))
        text.append(f" {place.name}", BOLD).append(f"  {place.ref.source}", styles.muted)
        if place.since is not None and place.presence is Presence.LIVE:
            latest = "at least " if place.since_at_latest else ""
            text.append(f"  {latest}{age_text(place.since, page.now)}", styles.muted)
        key = (place.ref, place.environment)
        how = "; ".join((place.how, *place.beside))
        fits = text.cell_len + len(how) + 2 <= page.width
        if fits:
            text.append(f"  {how}", styles.muted)
        yield PageRow(text, selectable=True, copy_text=place.name, ref=place.ref, key=key)
        for line in () if fits else wrap_text(how, page.width - _INDENT):
            yield PageRow(Text(f"{' ' * _INDENT}{line}", styles.muted))

    def _records(
        self, title: str, records: Sequence[Record], none: str, page: PageFormat
    ) -> Iterator[PageRow]:
        yield from self._things(title, [record.ref for record in records], none, page)

    def _things(
        self, title: str, nodes: Sequence[Node], none: str, page: PageFormat
    ) -> Iterator[PageRow]:
        if not nodes and not none:
            return
        yield BLANK
        yield heading_row(title, page.styles, "" if nodes else none)
        for node in nodes:
            record = self.context.board.get(node) if isinstance(node, Ref) else None
            if record is None and isinstance(node, Ref):
                continue
            row = record_row(record) if record is not None else identity_row(Identity(*node))
            styles, status = page.styles, row.status or Status.UNKNOWN
            text = Text("   ")
            text.append(f"{styles.glyphs.status[status] if row.status else ' '} ",
                        styles.statuses[status])  # fmt: skip
            text.append(f"{row.label}  ", styles.muted).append(row.name, BOLD)
            text.append(f"  {row.note}", styles.muted)
            yield PageRow(
                text, selectable=True, copy_text=row.copy_text, ref=row.ref, key=(title, node)
            )
