"""Times as people type them: ``14:02``, ``yesterday 14:02``, ``-2h``.

============================= ==================================================================
``14:02``, ``14:02:30``       local time; the last one past
``today 14:02``               of this day; also ``yesterday``
``2026-11-26 14:02``          of that day; a day alone is its first moment
``2026-11-26T14:02:00+01:00`` with a zone (``Z``, ``UTC``, ``+01:00``): that very moment
``-2h``, ``-90m``, ``-1d12h`` so long ago; a day is 24 hours here, also where summer time begins
============================= ==================================================================

A time that the clock showed twice (the hour after summer time ends) is no answer: it raises
:exc:`AmbiguousTimeError`, which has both. A time that it never showed, or that is yet to come, is
refused. The zone and the present are given by the caller.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SPAN: Final = re.compile(r"(?:[0-9]+[wdhms])+", re.ASCII)
_PART: Final = re.compile(r"([0-9]+)([wdhms])", re.ASCII)
_MOMENT: Final = re.compile(
    r"""
    (?: (?P<day> today | yesterday | [0-9]{4}-[0-9]{2}-[0-9]{2} ) (?: [\ t] (?=.) | $ ) )?
    (?P<time> (?P<hour> [0-9]{1,2} ) : (?P<minute> [0-9]{2} )
        (?: : (?P<second> [0-9]{2} ) (?: [.,] (?P<fraction> [0-9]{1,9} ) )? )?
        \ ? (?P<zone> z | utc | gmt | [+-][0-9]{2} (?: :?[0-9]{2} ){0,2} )?
    )?
    """,
    re.VERBOSE | re.ASCII,
)
FORMS: Final = "14:02, yesterday 14:02, 2026-11-26 14:02 or -2h"
SPAN_FORMS: Final = "30m, 8h or 1d12h"
_FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""What is asked for with a length of time lies after that: each system's clock reaches so far."""

_LONGEST: Final = 80
"""Characters of an expression that are shown in an error."""


class TimeExpressionError(ValueError):
    """The text is no time that can be looked at; the message says why, and what to write."""


class AmbiguousTimeError(TimeExpressionError):
    """The clock showed that time twice: *candidates* are both, the earlier one first, in UTC.

    *choices* are what to write for each of them.
    """

    def __init__(self, message: str, candidates: Sequence[datetime], choices: Sequence[str]):
        super().__init__(message)
        self.candidates = tuple(candidates)
        self.choices = tuple(choices)


def parse_duration(text: str) -> timedelta:
    """Return the length of time *text*, such as ``8h`` or ``1d12h``.

    Raises :exc:`TimeExpressionError`.
    """
    plain = text.strip().lower()
    if not _SPAN.fullmatch(plain):
        raise TimeExpressionError(f"{_shown(text)} is no length of time; write {SPAN_FORMS}")
    parts = _PART.findall(plain)
    units = [unit for _, unit in parts]
    if sorted(units, key=list(_UNITS).index) != units or len(set(units)) != len(units):
        raise TimeExpressionError(
            f"{_shown(text)} is no length of time: each unit stands once, the longest first, "
            "as in 1d12h"
        )
    try:
        return timedelta(seconds=sum(int(count[:20]) * _UNITS[unit] for count, unit in parts))
    except OverflowError:
        raise TimeExpressionError(f"{_shown(text)} is too long") from None


def parse_time(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment that *text* means at *now* for somebody whose clock shows *zone*, in UTC.

    Raises :exc:`TimeExpressionError`; :exc:`AmbiguousTimeError` where the clock showed it twice.
    """
    plain = " ".join(text.lower().split())
    if plain.startswith(("-", "+")):
        return _relative(text, plain, now)
    found = _MOMENT.fullmatch(plain)
    if found is None or not plain:
        raise TimeExpressionError(_no_time(text, plain))
    if found["time"] is None and found["day"] in {"today", "yesterday"}:
        raise TimeExpressionError(f"{_shown(text)}: at what time? Write {found['day']} 14:02")
    try:
        return _moment(text, found, now, zone)
    except TimeExpressionError:
        raise
    except (OverflowError, ValueError):  # the system's clock reaches less far than a calendar
        raise TimeExpressionError(f"{_shown(text)} is too far away") from None


def parse_length(text: str, until: datetime) -> datetime:
    """Return when a stretch of the length *text* (``8h``) begins that ends at *until*, in UTC.

    Raises :exc:`TimeExpressionError`, for a time (``14:02``) too.
    """
    parse_duration(text)  # says what is a length, rather than what is a time
    return _relative(text, f"-{text.strip().lower()}", until)


def parse_since(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return when a stretch up to *now* begins: *text* is a length (``8h``) or a time."""
    plain = text.strip().lower()
    if _SPAN.fullmatch(plain):
        return parse_length(text, now)
    try:
        return parse_time(text, now, zone)
    except AmbiguousTimeError:
        raise
    except TimeExpressionError as error:
        if ":" in text or "-" in text:
            raise
        raise TimeExpressionError(
            f"{_shown(text)} is neither a length of time ({SPAN_FORMS}) nor a time ({FORMS})"
        ) from error


def local_text(at: datetime, zone: tzinfo) -> str:
    """Return the moment *at* as the clock showed it, with its offset: parses to the same again."""
    return at.astimezone(zone).isoformat(sep=" ")


def interval_texts(since: datetime, until: datetime, day_of: datetime, zone: tzinfo) -> list[str]:
    """Return both ends of a stretch, to the second, with their days unless it is that of *day_of*.

    What happened between two looks may be between two days.
    """
    ends = [at.astimezone(zone) for at in (since, until)]
    day = day_of.astimezone(zone).date()
    if all(end.date() == day for end in ends):
        return [f"{end:%H:%M:%S}" for end in ends]
    same_year = all(end.year == day.year for end in ends)
    return [f"{end:{'%m-%d' if same_year else '%Y-%m-%d'} %H:%M:%S}" for end in ends]


# --- the forms -----------------------------------------------------------------------------------


def _relative(text: str, plain: str, now: datetime) -> datetime:
    if plain.startswith("+"):
        raise TimeExpressionError(f"{_shown(text)} lies in the future; write -{plain[1:]:.20}")
    if not _SPAN.fullmatch(plain[1:]):
        raise TimeExpressionError(
            f"{_shown(text)} is no time; what is so long ago is written -2h, -90m or -1d12h"
        )
    span = parse_duration(plain[1:])
    present = now.astimezone(UTC)
    if span > present - _FIRST:
        raise TimeExpressionError(f"{_shown(text)} is too long ago")
    return present - span


def _moment(text: str, found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    if found["zone"]:
        zone = _zone(text, found["zone"])
    clock = _clock(text, found)
    today = now.astimezone(zone).date()
    if found["day"]:
        past = _past_on(text, _day(text, found["day"], today), clock, now, zone)
    else:
        past = _last_past(text, today, clock, now, zone)
    if len(past) > 1:
        raise _ambiguous(text, past, zone)
    return past[0]


def _clock(text: str, found: re.Match[str]) -> time:
    if found["time"] is None:
        return time()
    micro = int((found["fraction"] or "0").ljust(6, "0")[:6])
    try:
        return time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0), micro)
    except ValueError:
        raise TimeExpressionError(
            f"{_shown(text)}: no clock shows that; hours are 0 to 23, minutes and seconds 0 to 59"
        ) from None


def _day(text: str, word: str, today: date) -> date:
    if word == "today":
        return today
    if word == "yesterday":
        return today - timedelta(days=1)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise TimeExpressionError(f"{_shown(text)}: there is no day {word}") from None


def _zone(text: str, word: str) -> tzinfo:
    if word in {"z", "utc", "gmt"}:
        return UTC
    digits = word[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = (int(digits[at : at + 2]) for at in (0, 2, 4))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if max(minutes, seconds) > 59 or hours > 23:
        raise TimeExpressionError(f"{_shown(text)}: no zone is {word} from UTC")
    return timezone(-offset if word.startswith("-") else offset)


# --- what the clock showed -----------------------------------------------------------------------


def _last_past(
    text: str, today: date, clock: time, now: datetime, zone: tzinfo
) -> Sequence[datetime]:
    """Return when the clock last showed *clock*: twice in the hour that summer time repeats."""
    gone = [at for at in _shown_at(today, clock, zone) if at <= now]
    if gone:
        return gone
    if _never_shown(today, clock, zone, now):
        return _on(text, today, clock, zone)  # it would have been today: not yesterday's, then
    return _on(text, today - timedelta(days=1), clock, zone)


def _past_on(text: str, day: date, clock: time, now: datetime, zone: tzinfo) -> Sequence[datetime]:
    """Return when the clock showed *clock* on *day*, of what is not in the future."""
    moments = _on(text, day, clock, zone)
    if past := [at for at in moments if at <= now]:
        return past
    raise TimeExpressionError(
        f"{_shown(text)} lies in the future: {local_text(moments[0], zone)}; it is now "
        f"{local_text(now.replace(microsecond=0), zone)}"
    )


def _on(text: str, day: date, clock: time, zone: tzinfo) -> Sequence[datetime]:
    """Return when the clock showed *clock* on *day*: once, or twice, in UTC.

    Raises :exc:`TimeExpressionError` where it never did.
    """
    if moments := _shown_at(day, clock, zone):
        return moments
    before, after = _leap(day, clock, zone)
    raise TimeExpressionError(
        f"{_shown(text)}: the clock never showed {clock:%H:%M} on {day}: it went from "
        f"{before:%H:%M} ({_offset_text(before)}) on to {after:%H:%M} ({_offset_text(after)}"
        f"{f' of {after.date()}' if after.date() != before.date() else ''})"
    )


def _shown_at(day: date, clock: time, zone: tzinfo) -> Sequence[datetime]:
    """Return the moments, in UTC, at which the clock showed *clock* on *day* (PEP 495)."""
    wall = datetime.combine(day, clock)
    moments = {_utc(wall, fold, zone) for fold in (0, 1)}
    return sorted(at for at in moments if at.astimezone(zone).replace(tzinfo=None) == wall)


def _never_shown(day: date, clock: time, zone: tzinfo, now: datetime) -> bool:
    """Tell whether the clock has leapt over *clock* on *day* by *now*."""
    return not _shown_at(day, clock, zone) and _leap(day, clock, zone)[1] <= now


def _leap(day: date, clock: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return what the clock showed, or would have, where it leapt over *clock*: before, after."""
    wall = datetime.combine(day, clock)
    early, late = sorted(_utc(wall.replace(microsecond=0), fold, zone) for fold in (0, 1))
    before, after = _offset(early, zone), _offset(late, zone)
    low, high = 0, int((late - early).total_seconds())  # the leap is after low, by high
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(early + timedelta(seconds=middle), zone) == before:
            low = middle
        else:
            high = middle
    at = early + timedelta(seconds=high)
    return at.astimezone(timezone(before)), at.astimezone(timezone(after))


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _utc(wall: datetime, fold: int, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


# --- what is said --------------------------------------------------------------------------------


def _ambiguous(text: str, past: Sequence[datetime], zone: tzinfo) -> AmbiguousTimeError:
    choices = [local_text(at, zone) for at in past]
    return AmbiguousTimeError(
        f"{_shown(text)}: the clock showed that twice; write {' or '.join(choices)}",
        past,
        choices,
    )


def _no_time(text: str, plain: str) -> str:
    if _SPAN.fullmatch(plain) and len(plain) <= _LONGEST:
        return f"{_shown(text)} is a length of time; so long ago is -{plain}"
    return f"{_shown(text)} is no time; write {FORMS}"


def _offset_text(local: datetime) -> str:
    return local.isoformat()[len(local.replace(tzinfo=None).isoformat()) :]


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
