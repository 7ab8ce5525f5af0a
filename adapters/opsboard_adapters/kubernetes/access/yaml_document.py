"""The first document of a YAML text as JSON values, as client-go reads them.

client-go converts YAML to JSON first (``sigs.k8s.io/yaml``, on go-yaml 2). So the types are those
of YAML 1.1 as go-yaml has them, which are not PyYAML's: ``y`` is true, dates and ``12:30:45`` are
strings, unknown tags are ignored, binary data is a string. Of a duplicate key the last one counts,
also of merged keys. What follows the first document is not read.
"""

import binascii
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

MAX_DEPTH: Final = 100
"""Levels of nesting: libyaml recurses in C, and would crash the process at too many."""

_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = "merge"
_TRUE: Final = frozenset({"y", "yes", "on", "true"})
_FALSE: Final = frozenset({"n", "no", "off", "false"})
_BOOL: Final = re.compile(
    "y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE"
)
_NULL: Final = re.compile("|~|null|Null|NULL")
_NUMBER: Final = re.compile(
    r"""[-+]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
    |(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?)
    |[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)""",
    re.VERBOSE,
)
_KINDS: Final = (
    ("null", "~nN", _NULL),
    ("bool", "yYnNtTfFoO", _BOOL),
    ("float", "-+.0123456789", _NUMBER),
    (_MERGE, "<", re.compile("<<")),
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNDER_WAY: Final = object()

Event = Any
"""An event of PyYAML's parser; libyaml's have the same classes, with other marks."""


class NotYamlError(ValueError):
    """A text is no YAML from its line *line* on (0: not known). Its message quotes nothing."""

    def __init__(self, line: int = 0) -> None:
        super().__init__("not valid YAML")
        self.line = line


def first_document(text: str) -> Any:
    """Return the value of the first document in *text*, or ``None`` where there is none.

    Raises :exc:`NotYamlError`, also for nesting deeper than :data:`MAX_DEPTH`.
    """
    try:
        parser = _LOADER(text)
        try:
            return _Values(parser).document()
        finally:
            parser.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise NotYamlError(mark.line + 1 if mark else 0) from None
    except yaml.YAMLError:  # a character that no YAML may have
        odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
        raise NotYamlError(text.count("\n", 0, odd.start()) + 1 if odd else 0) from None


class _Values:
    """Builds values from the events of *parser*; an anchored value is built once and shared."""

    def __init__(self, parser: Any) -> None:
        self._next: Callable[[], Event] = parser.get_event
        self._anchored: dict[str, Any] = {}
        self._depth = 0

    def document(self) -> Any:
        """Return the value of the first document."""
        event = self._next()
        if isinstance(event, StreamStartEvent):
            event = self._next()
        if isinstance(event, StreamEndEvent):
            return None
        made = self._of(self._next())
        self._next()  # the end of the document
        return made

    def _of(self, event: Event) -> Any:
        if isinstance(event, AliasEvent):
            return self._referred(event)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._anchored[anchor] = _UNDER_WAY
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _odd("nested too deeply", event)
        made = self._make(event)
        self._depth -= 1
        if anchor:
            self._anchored[anchor] = made
        return made

    def _referred(self, event: Event) -> Any:
        found = self._anchored.get(event.anchor, _UNDER_WAY)
        if found is _UNDER_WAY:
            raise _odd("an anchor that is nowhere, or holds itself", event)
        return found

    def _make(self, event: Event) -> Any:
        if isinstance(event, MappingStartEvent):
            return self._mapping()
        if isinstance(event, SequenceStartEvent):
            return self._sequence()
        return _scalar(event, _tag(event))

    def _sequence(self) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            made.append(self._of(event))
        return made

    def _mapping(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            if isinstance(event, ScalarEvent) and _tag(event) == _MERGE:
                made.update(self._merged(event))
            else:
                key = _key(self._of(event), event)
                made[key] = self._of(self._next())
        return made

    def _merged(self, event: Event) -> dict[str, Any]:
        """Return the keys that ``<<`` merges; of several mappings the earlier ones win."""
        found = self._of(self._next())
        parts = found if isinstance(found, list) else [found]
        made: dict[str, Any] = {}
        for part in reversed(parts):
            if not isinstance(part, dict):
                raise _odd("only mappings can be merged", event)
            made.update(part)
        return made


def _tag(event: ScalarEvent) -> str:
    """Return the tag of a scalar without its prefix: the explicit one, or by its looks."""
    if event.tag is not None and event.tag != "!":
        return event.tag.removeprefix(_TAG)
    if event.tag is not None or not event.implicit[0]:
        return "str"
    text = event.value
    for name, starts, looks in _KINDS:
        if (not text or text[0] in starts) and looks.fullmatch(text):
            return name
    return "str"


def _key(value: Any, event: Event) -> str:
    if value is None or isinstance(value, list | dict):
        raise _odd("a key is no text", event)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(event: ScalarEvent, tag: str) -> Any:
    make = _MADE.get(tag)
    if make is None:
        return event.value
    try:
        return make(event.value)
    except ValueError:
        raise _odd("a value is not what its tag says", event) from None


def _bool(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError
    return text.lower() in _TRUE


def _number(text: str) -> int | float:
    """Return the number *text*. Raises :exc:`ValueError`, also for infinity and NaN."""
    plain = text.replace("_", "").lower()
    digits = plain.lstrip("+-")
    try:
        octal = digits.isdigit() and digits.startswith("0")
        return int(plain, 8 if octal else 0)
    except ValueError:
        number = float(plain)
    if not math.isfinite(number):
        raise ValueError
    return number


def _binary(text: str) -> str:
    plain = text.replace("\r", "").replace("\n", "")
    return binascii.a2b_base64(plain, strict_mode=True).decode("utf-8", "replace")


_MADE: Final[Mapping[str, Callable[[str], Any]]] = {
    "bool": _bool,
    "null": lambda _: None,
    "int": _number,
    "float": _number,
    "binary": _binary,
}


def _odd(what: str, event: Event) -> ConstructorError:
    return ConstructorError(None, None, what, event.start_mark)
