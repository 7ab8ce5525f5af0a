"""How severe a line of a log is, and what a structured one says.

Programs write lines of JSON (one object), of logfmt (``level=info msg="it is up"``), of klog
(``E1127 09:00:00.000000       1 main.go:41] it is down``), or plain text with a level somewhere at
the start. Whatever is none of these has no level.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec

from opsboard.text.terminal_line import terminal_line


class LogLevel(IntEnum):
    """How severe a line is; :attr:`NONE` where it does not say."""

    NONE = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


class LogContent(NamedTuple):
    """What a line says: its level, its message, and its other fields. A line that is not
    structured is all message."""

    level: LogLevel
    message: str
    fields: Mapping[str, str] = {}
    structured: bool = False


WORDS: Final[Mapping[str, LogLevel]] = {
    "trace": LogLevel.TRACE, "trc": LogLevel.TRACE, "verbose": LogLevel.TRACE,
    "debug": LogLevel.DEBUG, "dbg": LogLevel.DEBUG, "fine": LogLevel.DEBUG,
    "info": LogLevel.INFO, "inf": LogLevel.INFO, "information": LogLevel.INFO,
    "informational": LogLevel.INFO, "notice": LogLevel.INFO,
    "warn": LogLevel.WARN, "wrn": LogLevel.WARN, "warning": LogLevel.WARN,
    "error": LogLevel.ERROR, "err": LogLevel.ERROR, "severe": LogLevel.ERROR,
    "fatal": LogLevel.FATAL, "ftl": LogLevel.FATAL, "critical": LogLevel.FATAL,
    "crit": LogLevel.FATAL, "panic": LogLevel.FATAL, "dpanic": LogLevel.FATAL,
    "alert": LogLevel.FATAL, "emerg": LogLevel.FATAL, "emergency": LogLevel.FATAL,
}  # fmt: skip
"""Levels by their names, in lower case: those of syslog and of the common libraries."""

_LETTERS: Final[Mapping[str, LogLevel]] = {
    "T": LogLevel.TRACE, "D": LogLevel.DEBUG, "I": LogLevel.INFO, "N": LogLevel.INFO,
    "W": LogLevel.WARN, "E": LogLevel.ERROR, "F": LogLevel.FATAL, "C": LogLevel.FATAL,
}  # fmt: skip
_LEVEL_KEYS: Final = ("level", "severity", "lvl", "levelname", "log.level", "loglevel")
_MESSAGE_KEYS: Final = ("msg", "message", "event", "text")
_TIME_KEYS: Final = ("time", "ts", "timestamp", "@timestamp", "asctime")

_STRUCTURED: Final = re.compile(r"^\s*(?:\{|[A-Za-z_][\w.@-]*=)")
_PAIR: Final = re.compile(
    r'\s*(?P<key>[A-Za-z_@][\w.@/-]*)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s"]*))(?=\s|$)'
)
_KLOG: Final = re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d")
_WORD: Final = re.compile(
    r"(?:\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC|ALERT|EMERG)\b"
    r"|\[(trace|debug|info|notice|warn|warning|error|severe|fatal|critical|panic|crit|alert|emerg"
    r"|[TDINWEFC])\]|(?<=\| )([TDINWEFC])(?= \|))",
)
_HEAD: Final = 160
"""Characters of a line in which a level stands: behind that it is a word of what is said."""

_ERROR_WORDS: Final = re.compile(
    r"""
      ^\W* (?: error | fatal | panic | exception | failed | failure ) \b (?! \s* = | -\w )
    | \b (?: error | fatal | exception | panic ) : \s
    | ^Traceback\ \(most\ recent\ call\ last\)
    | ^E\ {2,}
    | (?-i: \b (?: ERROR | FATAL | CRITICAL | FAILED ) \b )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""How programs word an error without a level."""

_WARNING_WORDS: Final = re.compile(r"^\W*warn(?:ing)?\b(?!\s*=)", re.IGNORECASE)
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def parse_content(text: str) -> LogContent:
    """Return what *text* says."""
    if _STRUCTURED.match(text) is not None:
        fields = _json(text) if text.lstrip().startswith("{") else _logfmt(text)
        if fields is not None and (content := _of_fields(fields)) is not None:
            return content
    return LogContent(_plain_level(text), text)


def level_of(text: str) -> LogLevel:
    """Return how severe *text* is."""
    return parse_content(text).level


def _json(text: str) -> Mapping[str, Any] | None:
    try:
        return _decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _logfmt(text: str) -> Mapping[str, Any] | None:
    """Return the pairs of a line that is nothing but pairs."""
    found, at = dict[str, Any](), 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            return found if not text[at:].strip() else None
        quoted = pair["quoted"]
        plain = pair["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        found.setdefault(pair["key"], plain)
        at = pair.end()
    return found


def _of_fields(fields: Mapping[str, Any]) -> LogContent | None:
    """Return the content of a structured line; ``None`` where it has neither level nor message."""
    level_key = _first(fields, _LEVEL_KEYS)
    message_key = _first(fields, _MESSAGE_KEYS)
    if not level_key and not message_key:
        return None
    level = _named_level(fields[level_key]) if level_key else LogLevel.NONE
    told = {level_key, message_key, _first(fields, _TIME_KEYS)}
    message = _text(fields[message_key]) if message_key else ""
    rest = {_text(key): _text(value) for key, value in fields.items() if key not in told}
    return LogContent(level, message, rest, structured=True)


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((key for key in keys if isinstance(fields.get(key), str | int | float)), "")


def _named_level(value: object) -> LogLevel:
    """Return the level that is called *value*, by its name or by its number.

    Numbers are those of bunyan and pino (10 to 60); smaller ones are of syslog (RFC 5424).
    """
    if isinstance(value, str):
        return WORDS.get(value.strip().lower()) or _LETTERS.get(value.strip(), LogLevel.NONE)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return LogLevel.NONE
    if value >= 10:
        return LogLevel(min(int(value) // 10, LogLevel.FATAL))
    syslog = (LogLevel.FATAL,) * 3 + (LogLevel.ERROR, LogLevel.WARN) + (LogLevel.INFO,) * 2
    return (*syslog, LogLevel.DEBUG)[int(value)] if 0 <= value < 8 else LogLevel.NONE


def _text(value: object) -> str:
    """Return *value* cleaned again: what JSON writes as ``\\u001b`` was no escape in the line."""
    if isinstance(value, str):
        return terminal_line(value.strip("\r\n").replace("\n", "⏎ ").replace("\t", " "))
    return terminal_line(msgspec.json.encode(value).decode()) if value is not None else "null"


def _plain_level(text: str) -> LogLevel:
    if (klog := _KLOG.match(text)) is not None:
        return _LETTERS[klog[1]]
    if (word := _WORD.search(text, 0, _HEAD)) is not None:
        found = word[1] or word[2] or word[3]
        return WORDS.get(found.lower()) or _LETTERS.get(found, LogLevel.NONE)
    if (said := _embedded_level(text)) is not LogLevel.NONE:
        return said
    if _ERROR_WORDS.search(text) is not None:
        return LogLevel.ERROR
    return LogLevel.WARN if _WARNING_WORDS.match(text) is not None else LogLevel.NONE


_EMBEDDED: Final = re.compile(r'(?:\blevel="?|"(?:level|severity)"\s*:\s*")([A-Za-z]+)')


def _embedded_level(text: str) -> LogLevel:
    """Return the level in pairs or JSON that stand behind something else, or were cut."""
    said = _EMBEDDED.search(text)
    return WORDS.get(said[1].lower(), LogLevel.NONE) if said is not None else LogLevel.NONE
