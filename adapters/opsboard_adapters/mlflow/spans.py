"""The spans of a trace, as clients of 2 and of 3 write them, and the tree that they make.

Anybody may log a trace: what is no span is left out and counted, a span whose parent is not there
stands at the top, and one that is its own ancestor too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from opsboard.records import Status

LONGEST: Final = 64 * 1024
"""Characters of inputs, outputs and the like that are shown of one span."""
DEEPEST: Final = 20
"""Levels that are told apart."""
_STATES: Final = {"OK": Status.OK, "ERROR": Status.FAILED}
_SHOWN: Final = frozenset({"mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"})
_OWN: Final = frozenset({"mlflow.traceRequestId"})
_NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """What one step did; *begin* and *end* are in nanoseconds since 1970, 0 where unknown."""

    id: str
    parent: str
    name: str
    begin: int = 0
    end: int = 0
    status: str = ""
    message: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[tuple[str, Mapping[str, str]]] = ()

    @property
    def state(self) -> Status | None:
        return _STATES.get(self.status)

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is known."""
        took = self.end - self.begin
        return took / _NANOSECONDS if self.begin > 0 and took >= 0 and self.end else None

    @property
    def type(self) -> str:
        found = self.attributes.get("mlflow.spanType", "")
        return "" if found == "UNKNOWN" else found

    @property
    def inputs(self) -> str:
        return self.attributes.get("mlflow.spanInputs", "")

    @property
    def outputs(self) -> str:
        return self.attributes.get("mlflow.spanOutputs", "")

    @property
    def others(self) -> dict[str, str]:
        """The attributes that are not told elsewhere."""
        known = _SHOWN | _OWN
        return {key: value for key, value in self.attributes.items() if key not in known}


def read_spans(told: Sequence[Any]) -> tuple[list[Span], int]:
    """Return the spans in *told*, and how many of them are none."""
    found: dict[str, Span] = {}
    for one in told:
        span = _span(one) if isinstance(one, Mapping) else None
        if span is not None and span.id not in found:
            found[span.id] = span
    return list(found.values()), len(told) - len(found)


def _span(told: Mapping[str, Any]) -> Span | None:
    context = told.get("context")
    identity = context.get("span_id") if isinstance(context, Mapping) else told.get("span_id")
    if not isinstance(identity, str) or not identity:
        return None
    parent = told.get("parent_id") if isinstance(context, Mapping) else told.get("parent_span_id")
    status = told.get("status")
    state = status if isinstance(status, Mapping) else {}
    return Span(
        id=identity,
        parent=parent if isinstance(parent, str) else "",
        name=_text(told.get("name")) or identity,
        begin=_number(told.get("start_time_unix_nano", told.get("start_time"))),
        end=_number(told.get("end_time_unix_nano", told.get("end_time"))),
        status=_text(state.get("code") or told.get("status_code")).removeprefix("STATUS_CODE_"),
        message=_text(state.get("message") or told.get("status_message")),
        attributes=_attributes(told.get("attributes")),
        events=tuple(_events(told.get("events"))),
    )


def _events(told: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    for one in told if isinstance(told, list) else ():
        if isinstance(one, Mapping):
            yield _text(one.get("name")), _attributes(one.get("attributes"))


def _attributes(told: Any) -> dict[str, str]:
    """Return attributes as texts: each is JSON within JSON."""
    pairs = told.items() if isinstance(told, Mapping) else ()
    return {str(key): _decoded(value) for key, value in pairs}


def _decoded(value: Any) -> str:
    if not isinstance(value, str):
        return _cut(as_json(value, "(nested too deeply to be shown)"))
    if len(value) > LONGEST:  # it is not read whole only to be cut
        return _cut(value)
    try:
        inner = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return inner if isinstance(inner, str) else _cut(as_json(inner, value, indent=2))


def as_json(value: Any, instead: str, *, indent: int | None = None) -> str:
    """Return *value* as JSON; *instead* for one that can be read, and is too deep to be written."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent)
    except RecursionError:
        return instead


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n(the first {LONGEST:,} of {len(text):,} characters)"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and 0 < value < 2**63 else 0


def in_tree_order(spans: Sequence[Span]) -> list[tuple[int, Span]]:
    """Return each span with its depth, below its parent, in the order of their times."""
    ordered = sorted(spans, key=lambda span: span.begin)
    known = {span.id for span in ordered}
    below: dict[str, list[Span]] = {}
    for span in ordered:
        below.setdefault(span.parent if span.parent in known else "", []).append(span)
    found: list[tuple[int, Span]] = []
    seen: set[str] = set()
    for start in (*below.get("", ()), *ordered):  # those that are left are below themselves
        waiting = [(0, start)]
        while waiting:
            depth, span = waiting.pop()
            if span.id in seen:
                continue
            seen.add(span.id)
            found.append((min(depth, DEEPEST), span))
            waiting += [(depth + 1, one) for one in reversed(below.get(span.id, ()))]
    return found
