"""Figures in words, for the screen, for a report, and in the one form that both have.

Of few values there is no median: they are listed. What goes on is told as ``>= 3h``.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from opsboard.delivery.figures import LaneFigures
from opsboard.delivery.lane import LaneKind
from opsboard.delivery.spread import Duration, Share, Spread
from opsboard.kinds.ages import duration

NOTHING: Final = "no data"
AT_LEAST: Final = "≥ "


def seconds_text(seconds: float) -> str:
    """Return a length of time: ``12s``, ``2h10m``, ``4d``."""
    return duration(timedelta(seconds=seconds))


_ASCII: Final = {ord("→"): "->", ord("≥"): ">=", ord("≤"): "<="}


def ascii_text(text: str) -> str:
    """Return *text* with the signs that are written here in ASCII."""
    return text.translate(_ASCII)


def value_text(value: Duration) -> str:
    """Return one duration: ``≥ 3h`` for one that goes on, ``≤ 3h`` where its end is not exact."""
    mark = AT_LEAST if value.is_open else "" if value.is_exact else "≤ "
    return mark + seconds_text(value.seconds)


def spread_text(spread: Spread, *, brief: bool = False) -> str:
    """Return median, 90th percentile and number, or the values where they are few.

    *brief* is for a cell: without the words, ``2h/1d n12``; of few values the number of them.
    """
    median, most = spread.quantile(0.5), spread.quantile(0.9)
    if median is None or most is None:
        listed = ", ".join(map(value_text, spread.values))
        return _brief_list(spread) if brief else listed or NOTHING
    texts = [
        (AT_LEAST if one.at_least else "") + seconds_text(one.seconds) for one in (median, most)
    ]
    if brief:
        return f"{'/'.join(texts).replace(' ', '')} n{spread.count}"
    said = f"p50 {texts[0]}, p90 {texts[1]}, n {spread.count}"
    return f"{said}, {spread.open_count} open" if spread.open_count else said


def _brief_list(spread: Spread) -> str:
    texts = [value_text(one).replace(" ", "") for one in spread.values]
    shown = " ".join(texts[-2:])
    more = len(texts) - 2
    return f"{shown} +{more}" if more > 0 else shown


def share_text(share: Share, *, brief: bool = False) -> str:
    """Return ``17 %, 4 of 23: 3 rolled back, 1 inferred``; of few, without the percentage."""
    if not share.whole:
        return "" if brief else NOTHING
    counts = f"{share.part} of {share.whole}"
    rate = share.rate
    if brief:
        counts = f"{share.part}/{share.whole}"
        return counts if rate is None else f"{rate:.0%} {counts}"
    parts = [
        f"{count} {word}"
        for count, word in (
            (share.certain, "rolled back"),
            (share.inferred, "inferred"),
            (share.open, "open"),
        )
        if count
    ]
    said = counts if rate is None else f"{100 * rate:.1f} %, {counts}"
    return f"{said}: {', '.join(parts)}" if parts else said


def deployments_text(figures: LaneFigures) -> str:
    """Return how many there were, and how many a week where there are enough to say so."""
    said = f"{figures.deployments:,}"
    if figures.per_week is not None:
        said += f", {figures.per_week:.1f} a week"
    notes = [
        f"{figures.attempts:,} more never became healthy" if figures.attempts else "",
        f"{figures.rollbacks:,} rollback{'s' * (figures.rollbacks != 1)}"
        if figures.rollbacks
        else "",
    ]
    return "; ".join(filter(None, (said, *notes)))


def lead_title(figures: LaneFigures) -> str:
    """Return what the lead time is of: of a model, from drift on."""
    return "drift to live" if figures.key.kind is LaneKind.MODEL else "lead time"


def lead_text(figures: LaneFigures) -> str:
    """Return the lead time, with what it leaves out, and what a clock has spoiled."""
    notes = []
    if figures.undated:
        notes.append(f"{figures.undated:,} deployed without a commit that is known")
    if figures.skewed:
        notes.append(f"{figures.skewed:,} dated after the deployment, counted as 0")
    return "; ".join((spread_text(figures.lead_time), *notes))


def unwatched_text(figures: LaneFigures) -> str:
    """Return for how long nobody looked, or nothing."""
    if not figures.unwatched:
        return ""
    whole = duration(figures.window.length)
    return f"{duration(figures.unwatched)} of {whole}"


def figure_lines(figures: LaneFigures) -> Iterator[tuple[str, str]]:
    """Yield each measure with its name: what a page and a report show."""
    yield "deployments", deployments_text(figures)
    yield lead_title(figures), lead_text(figures)
    yield "fail rate", share_text(figures.failed)
    yield "recovery", spread_text(figures.recovery)
    yield "rework rate", share_text(figures.rework)
    if unwatched := unwatched_text(figures):
        yield "not watched", unwatched


def lane_title(figures: LaneFigures) -> str:
    """Return what it is, and where: ``checkout  production``, ``ranker@champion``."""
    key = figures.key
    if key.kind is LaneKind.MODEL:
        return f"{key.name}@{key.environment}"
    return f"{key.name}  {key.environment or '(no environment)'}"
