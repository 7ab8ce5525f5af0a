"""The hand-over as a page to paste into a chat, a ticket or a mail: Markdown of 80 columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Final, TypeAlias, TypeVar

from rich.cells import cell_len

from opsboard.history.handover import Handover
from opsboard.history.timeline import TimelineEvent, TimelineGap, gap_text
from opsboard.kinds.ages import age
from opsboard.records import Activity, ActivityState, Alert

WIDTH: Final = 80
MOST_CHANGES: Final = 20
"""Changes of an environment that are listed one by one."""

T = TypeVar("T")
_Write: TypeAlias = Callable[[T], Iterator[str]]


def handover_text(page: Handover, zone: tzinfo) -> str:
    """Return *page* as text. Times are those of *zone*, which the first line names."""
    writer = _Writer(page, zone)
    return "\n".join(writer.lines()) + "\n"


class _Writer:
    def __init__(self, page: Handover, zone: tzinfo) -> None:
        self._page = page
        self._zone = zone
        days = {at.astimezone(zone).date() for at in (page.since, page.until)}
        self._one_day = len(days) == 1

    def lines(self) -> Iterator[str]:
        page = self._page
        yield from self._heading()
        yield from self._section("Open alerts", page.open, self._alert)
        yield from self._section(
            "Acknowledged here (by others: not known)", page.acknowledged, self._alert
        )
        yield from self._section("Snoozed", page.snoozed, self._snoozed)
        yield from self._section("Said about alerts", page.said, self._said, quiet=True)
        yield from self._section("Resolved", page.resolved, self._event)
        yield from self._section("Done from here", page.acts, self._act)
        yield from self._section("Not finished", page.unresolved, self._unresolved)
        yield from self._changes()
        yield from self._section("Not watched", page.gaps, self._gap)
        yield from self._section("Sources that cannot tell now", page.sources, _item, quiet=True)

    def _heading(self) -> Iterator[str]:
        since, until = (at.astimezone(self._zone) for at in (self._page.since, self._page.until))
        end = f"{until:%H:%M}" if self._one_day else f"{until:%Y-%m-%d %H:%M}"
        offset = until.isoformat()[-6:]
        yield f"# Hand-over {since:%Y-%m-%d %H:%M} to {end} ({offset})"

    def _section(
        self, title: str, items: Sequence[T], write: _Write[T], *, quiet: bool = False
    ) -> Iterator[str]:
        if quiet and not items:
            return
        yield ""
        yield f"## {title}: {len(items):,}" if items else f"## {title}: none"
        for item in items:
            yield from write(item)

    def _alert(self, alert: Alert) -> Iterator[str]:
        where = f", {alert.environment}" if alert.environment else ""
        since = f"since {self._time(alert.since)}, {age(alert.since, self._page.until)}"
        yield from _item(f"{alert.display_status} {alert.name}: {alert.reason}{where}, {since}")
        if alert.message:
            yield from _more(alert.message)

    def _snoozed(self, alert: Alert) -> Iterator[str]:
        until = self._time(alert.until) if alert.until else "?"
        where = f", {alert.environment}" if alert.environment else ""
        yield from _item(f"until {until}: {alert.name}: {alert.reason}{where}")

    def _event(self, event: TimelineEvent) -> Iterator[str]:
        at = self._time(event.at)
        if event.earliest is not None:
            at = f"{self._time(event.earliest)} to {at}"
        parts = [f"{at} {event.kind} {event.what} {event.change}".rstrip(), event.who]
        yield from _item(", ".join(filter(None, parts)))

    def _said(self, event: TimelineEvent) -> Iterator[str]:
        yield from _item(f"{self._time(event.at)} {event.what}: {event.change}, by {event.who}")
        if event.cause:
            yield from _more(event.cause)

    def _act(self, act: Activity) -> Iterator[str]:
        at = self._time(act.created_at) if act.created_at else "?"
        change = " → ".join(filter(None, (act.before, act.after)))
        where = f", {act.environment}" if act.environment else ""
        what = f"{at} {act.action} {act.target} {change}".rstrip()
        yield from _item(f"{what}{where}: {act.state}")
        yield from _more(f"{act.actor or 'somebody'}: {act.cause or 'no reason given'}")

    def _unresolved(self, act: Activity) -> Iterator[str]:
        at = self._time(act.created_at) if act.created_at else "?"
        yield from _item(f"{at} {act.action} {act.target}: {act.state}")
        if act.state is ActivityState.UNKNOWN:
            yield from _more(f"`opsboard audit settle {act.id}` finds out what became of it")

    def _changes(self) -> Iterator[str]:
        changes = self._page.changes
        yield ""
        count = sum(map(len, changes.values()))
        yield f"## Changed: {count:,}" if count else "## Changed: none that is known"
        if self._page.history:
            yield from _item(self._page.history)
        for name, events in changes.items():
            yield f"### {name or 'of no environment'}: {len(events):,}"
            for event in events[-MOST_CHANGES:]:
                yield from self._event(event)
            if len(events) > MOST_CHANGES:
                more = len(events) - MOST_CHANGES
                yield from _item(f"and {more:,} before these: `opsboard timeline` has them")

    def _gap(self, gap: TimelineGap) -> Iterator[str]:
        yield from _item(gap_text(gap, self._zone).removeprefix("not watched "))

    def _time(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        days = {one.astimezone(self._zone).date() for one in (self._page.until, at)}
        return f"{local:%H:%M}" if len(days) == 1 else f"{local:%m-%d %H:%M}"


# --- lines ---------------------------------------------------------------------------------------


def _item(text: str) -> Iterator[str]:
    yield from _wrapped(text, "- ")


def _more(text: str) -> Iterator[str]:
    yield from _wrapped(text, "  ")


def _wrapped(text: str, first: str) -> Iterator[str]:
    """Yield *text* in lines of :data:`WIDTH` columns; the later ones are indented."""
    line, indent = first, "  "
    empty = True
    for word in _words(text, WIDTH - len(indent)):
        if not empty and cell_len(line) + 1 + cell_len(word) > WIDTH:
            yield line
            line, empty = indent, True
        line += word if empty else f" {word}"
        empty = False
    yield line


def _words(text: str, most: int) -> Iterable[str]:
    """Yield the words of *text*; one that is longer than a line, in pieces."""
    for word in text.split():
        while cell_len(word) > most:
            head = _head(word, most)
            yield head
            word = word[len(head) :]  # noqa: PLW2901 - what is left of it
        yield word


def _head(word: str, most: int) -> str:
    cut = len(word)
    while cell_len(word[:cut]) > most:
        cut -= 1
    return word[: max(cut, 1)]
