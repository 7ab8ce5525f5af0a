"""Lines of the audit trail as they stand in the file: what chains them, whatever else they tell.

Number, previous hash and hash are read from the line itself and never through a model, so that a
line of a later version, with fields and events of its own, is followed like any other.

A line is JSON in which nothing is left to choice (:func:`canonical`), and its hash is that of the
same without ``hash``. The format of a line is ``actor.format``; the first version's lines have
none, which is format 0. That version forbids what it does not know everywhere but in ``actor``, and
takes a line that it cannot read for a torn one. It may still be running on the same file, so what
it has no place for is put into ``actor.more`` (:func:`folded`).
"""

import json
from hashlib import sha256
from typing import Any, Final, NamedTuple

NO_PREVIOUS: Final = "0" * 64
"""What stands for the hash of the entry before the first one."""

MAX_LINE: Final = 4 * 1024 * 1024
"""Bytes of a line. What is longer is no entry, and is not written either."""

BEGINNING: Final = b'{"action":'
"""How each line begins, its keys being sorted."""

_MOST_DIGITS: Final = 10**15
_KEYS_0: Final = frozenset(
    {
        "action", "actor", "at", "environment", "event", "hash", "message", "number", "plan",
        "plan_id", "previous", "reason", "receipt", "result", "target",
    }
)  # fmt: skip
_INNER_KEYS_0: Final = {
    "plan": frozenset(
        {
            "action", "after", "awaits", "before", "cautions", "changes", "environment", "executor",
            "facts", "heavy", "id", "made_at", "name", "patience", "payload", "permission",
            "permission_note", "precondition", "ref", "rehearsal", "target", "title", "values",
        }
    ),
    "receipt": frozenset({"message", "produced", "reference", "url"}),
}  # fmt: skip
_ITEM_KEYS_0: Final = {
    "changes": frozenset({"after", "before", "group", "name"}),
    "cautions": frozenset({"gravity", "text"}),
    "facts": frozenset({"label", "status", "value"}),
}
"""Lists in a plan, and what each of their items may have."""
_ITEMS: Final = "items"
"""Key in ``actor.more`` of what the items of a plan's lists have beyond format 0."""
_ESCAPE: Final = "'"
"""What a key of an entry gets that would be taken for :data:`_ITEMS`, or for one with this."""
_EVENTS_0: Final = frozenset({"intent", "outcome", "verdict", "settled", "torn"})
_RESULTS_0: Final = frozenset(
    {None, "done", "not done", "unknown", "succeeded", "failed", "timed out"}
)
_STANDS_FOR_EVENT: Final = "torn"
"""The event that the first version reads and makes nothing of."""


class AuditLine(NamedTuple):
    """A line that is an entry. *data* is its content, unfolded; *raw* is the line itself."""

    number: int
    previous: str
    hash: str
    event: str
    format: int
    data: dict[str, Any]
    raw: bytes

    @property
    def is_sound(self) -> bool:
        """Whether it is as it was written, to the byte, and its hash that of what it says."""
        try:
            data = json.loads(self.raw)
            return self.raw.removesuffix(b"\n") == canonical(data) and self.hash == hash_of(data)
        except (ValueError, RecursionError):
            return False


def parse(raw: bytes) -> AuditLine | None:
    """Return the entry that the line *raw* is, with or without its end, or ``None``."""
    if len(raw) > MAX_LINE:
        return None
    try:
        data = json.loads(raw.decode("utf-8"))
        if not (isinstance(data, dict) and _is_chained(data)):
            return None
    except (ValueError, RecursionError):
        return None
    whole = unfolded(data)
    actor, event = data.get("actor"), whole.get("event")
    format_ = actor.get("format", 0) if isinstance(actor, dict) else 0
    return AuditLine(
        data["number"],
        data["previous"],
        data["hash"],
        event if isinstance(event, str) else "",
        format_ if isinstance(format_, int) else 0,
        whole,
        raw,
    )


def canonical(entry: dict[str, Any]) -> bytes:
    """Return *entry* as JSON in which nothing is left to choice."""
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def hash_of(entry: dict[str, Any]) -> str:
    """Return the hash of the entry *entry*, whatever it says its hash is."""
    return sha256(canonical({key: entry[key] for key in entry if key != "hash"})).hexdigest()


def folded(entry: dict[str, Any]) -> dict[str, Any]:
    """Return *entry* with all that format 0 has no place for in ``actor.more``."""
    more = {_escaped(key): entry[key] for key in entry.keys() - _KEYS_0}
    kept = {key: entry[key] for key in entry.keys() & _KEYS_0}
    for key, known in _INNER_KEYS_0.items():
        inner = kept.get(key)
        if isinstance(inner, dict) and (unknown := inner.keys() - known):
            more[key] = {name: inner[name] for name in unknown}
            kept[key] = {name: inner[name] for name in inner if name in known}
    if isinstance(kept.get("plan"), dict):
        kept["plan"], items = _without_items(kept["plan"])
        if items:
            more[_ITEMS] = items
    if kept.get("event") not in _EVENTS_0:
        more["event"], kept["event"] = kept.get("event"), _STANDS_FOR_EVENT
    if kept.get("result") not in _RESULTS_0:
        more["result"], kept["result"] = kept["result"], None
    return {**kept, "actor": {**kept["actor"], "more": more}} if more else kept


def _escaped(key: str) -> str:
    return f"{key}{_ESCAPE}" if key.rstrip(_ESCAPE) == _ITEMS else key


def _unescaped(key: str) -> str:
    return key.removesuffix(_ESCAPE) if key.rstrip(_ESCAPE) == _ITEMS else key


def _without_items(plan: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return *plan* without what items of its lists have beyond format 0, and that, by place."""
    kept, items = dict(plan), dict[str, Any]()
    for name, known in _ITEM_KEYS_0.items():
        listed = plan.get(name)
        if not isinstance(listed, list):
            continue
        kept[name] = [_only(item, known) for item in listed]
        beyond = {str(at): _beyond(item, known) for at, item in enumerate(listed)}
        if found := {at: fields for at, fields in beyond.items() if fields}:
            items[name] = found
    return kept, items


def _only(item: Any, known: frozenset[str]) -> Any:
    return {key: item[key] for key in item if key in known} if isinstance(item, dict) else item


def _beyond(item: Any, known: frozenset[str]) -> dict[str, Any]:
    return {key: item[key] for key in item.keys() - known} if isinstance(item, dict) else {}


def _with_items(plan: Any, items: Any) -> Any:
    """Return *plan* with what :func:`_without_items` took out, as far as it fits."""
    if not (isinstance(plan, dict) and isinstance(items, dict)):
        return plan
    whole = dict(plan)
    for name, fields in items.items():
        listed = plan.get(name)
        if isinstance(listed, list) and isinstance(fields, dict):
            pairs = ((item, fields.get(str(at))) for at, item in enumerate(listed))
            whole[name] = [_joined(item, more) for item, more in pairs]
    return whole


def _joined(item: Any, more: Any) -> Any:
    return {**item, **more} if isinstance(item, dict) and isinstance(more, dict) else item


def unfolded(entry: dict[str, Any]) -> dict[str, Any]:
    """Return *entry* with what :func:`folded` moved to ``actor.more`` back in its place."""
    actor = entry.get("actor")
    if not isinstance(actor, dict) or not isinstance(actor.get("more"), dict):
        return entry
    found = {**entry, "actor": {key: actor[key] for key in actor if key != "more"}}
    for name, value in actor["more"].items():
        if name == _ITEMS:
            found["plan"] = _with_items(found.get("plan"), value)
            continue
        key = _unescaped(name)
        inner = found.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict)
        found[key] = {**inner, **value} if both else value  # type: ignore[dict-item]
    return found


def _is_chained(data: dict[str, Any]) -> bool:
    number = data.get("number")
    return (
        type(number) is int
        and 0 < number < _MOST_DIGITS
        and _is_hash(data.get("previous"))
        and _is_hash(data.get("hash"))
    )


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
