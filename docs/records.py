"""``records.md``: the board's own kinds of record, with all of their fields."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING
from typing import Any, Final, get_args, get_origin, get_type_hints

from docs.markdown import NOTE, blocks, code, table
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.registry import OWN
from opsboard.records import Record

INTRODUCTION: Final = """\
What the board knows by itself. An adapter yields records of these kinds, or declares a kind of its
own: see [Writing an adapter](adapters.md). Import the classes from `opsboard.records`; all fields
go by name.
"""


def page() -> str:
    """Return the page."""
    common = table(("field", "type", "default"), list(_fields(Record, frozenset())))
    kinds = (_of_kind(kind) for kind in OWN)
    return blocks("# Records", NOTE, INTRODUCTION, "## Every record", _doc(Record), common, *kinds)


def _of_kind(kind: RecordKind) -> str:
    known = frozenset(Record.__dataclass_fields__)
    opened = (
        f"Its table opens by `:{kind.pane.id}`." if kind.pane else "It has no table of its own."
    )
    return blocks(
        f"## {kind.record.__name__}",
        f"Kind `{kind.name}`. {opened}",
        _doc(kind.record),
        table(("field", "type", "default"), list(_fields(kind.record, known))),
    )


def _doc(cls: type) -> str:
    """Return the docstring of *cls* in Markdown."""
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", inspect.getdoc(cls) or "")
    return re.sub(r"``(.*?)``", r"`\1`", text)


def _fields(cls: type[Record], known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    hints = get_type_hints(cls)
    for name, field in cls.__dataclass_fields__.items():
        if name not in known:
            yield code(name), code(_type(hints[name])), _default(field.default)


def _type(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"tuple of {_type(get_args(hint)[0])}"
    some = [one for one in get_args(hint) if one is not type(None)]
    if type(None) in get_args(hint):
        return f"{_type(some[0])} or none"
    if get_args(hint):
        return " or ".join(repr(value) for value in get_args(hint))
    return {"str": "text", "datetime": "time"}.get(hint.__name__, str(hint.__name__))


def _default(value: Any) -> str:
    if value is MISSING:
        return "required"
    return code(str(getattr(value, "value", value))) if value not in (None, "", ()) else ""
