"""MLflow's filter language and its ``order_by``, as far as they are common to all searches.

A filter is a list of comparisons joined by AND: ``name = 'a' AND tags.team LIKE 'x%'``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from opsboard.demo.mlflow.requests import FakeMlflowError

Value: TypeAlias = str | float
FilterValues: TypeAlias = Mapping[str, Value]
"""Key → value that filters compare: ``name``, ``tags.team``, ``metrics.loss``, ..."""
T = TypeVar("T")

_COMPARISON: Final = re.compile(
    r"""\s*
    (?P<key> (?:\w+\.)? (?: [\w./-]+ | `[^`]+` | "[^"]+" ) ) \s*
    (?P<operator> >= | <= | != | = | > | < | NOT\s+IN\b | IN\b | I?LIKE\b ) \s*
    (?P<value> '[^']*' | "[^"]*" | -?[\d.]+(?:e[+-]?\d+)? | \( [^()]* \) ) \s*
    (?: AND\b | $ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ALIASES: Final = {"attribute": "", "attributes": "", "attr": "", "run": "", "tag": "tags."}
_ALIASES_MORE: Final = {"metric": "metrics.", "param": "params.", "parameters": "params."}
_PREFIXES: Final = {**_ALIASES, **_ALIASES_MORE}
_FREE: Final = ("tags.", "metrics.", "params.")


@dataclass(frozen=True, slots=True)
class FilterComparison:
    """One condition of a filter."""

    key: str
    operator: str
    operand: Value | tuple[str, ...]

    def holds(self, facts: FilterValues) -> bool:
        """Return whether it holds for *facts*. A missing key meets no condition."""
        value = facts.get(self.key)
        return value is not None and _OPERATORS[self.operator](value, self.operand)


def _like(value: Value, pattern: object, flags: re.RegexFlag = re.NOFLAG) -> bool:
    parts = (re.escape(part) for part in str(pattern).split("%"))
    return re.fullmatch(".*".join(parts), str(value), flags | re.DOTALL) is not None


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise FakeMlflowError(f"Expected a number, but found {value}") from None


def _equal(value: Value, operand: object) -> bool:
    return value == operand if isinstance(value, str) else value == _number(operand)


def _within(value: Value, operand: object) -> bool:
    return isinstance(operand, tuple) and value in operand


_OPERATORS: Final[Mapping[str, Callable[[Value, object], bool]]] = {
    "=": _equal,
    "!=": lambda value, operand: not _equal(value, operand),
    ">": lambda value, operand: _number(value) > _number(operand),
    ">=": lambda value, operand: _number(value) >= _number(operand),
    "<": lambda value, operand: _number(value) < _number(operand),
    "<=": lambda value, operand: _number(value) <= _number(operand),
    "LIKE": _like,
    "ILIKE": lambda value, pattern: _like(value, pattern, re.IGNORECASE),
    "IN": _within,
    "NOT IN": lambda value, operand: not _within(value, operand),
}


def parse(text: str, keys: Sequence[str]) -> list[FilterComparison]:
    """Return the conditions of the filter *text*; *keys* are the attributes it may name."""
    found: list[FilterComparison] = []
    position = 0
    while text[position:].strip():
        match = _COMPARISON.match(text, position)
        if match is None:
            raise FakeMlflowError(
                f"Invalid clause(s) in filter string: {text[position:].strip()!r}"
            )
        found.append(
            FilterComparison(
                _known(_key(match["key"]), keys),
                " ".join(match["operator"].upper().split()),
                _operand(match["value"]),
            )
        )
        position = match.end()
    return found


def _key(text: str) -> str:
    head, dot, rest = text.partition(".")
    if dot and head.lower() in _PREFIXES:
        return _PREFIXES[head.lower()] + rest.strip('`"')
    return f"{head}.{rest.strip('`' + chr(34))}" if dot else text.strip('`"')


def _known(key: str, keys: Sequence[str]) -> str:
    if key in keys or key.startswith(_FREE):
        return key
    valid = "', '".join(keys)
    raise FakeMlflowError(
        f"Invalid attribute key '{key}' specified. Valid keys are '{{'{valid}'}}'"
    )


def _operand(text: str) -> Value | tuple[str, ...]:
    if text.startswith("("):
        members = tuple(re.findall(r"""['"]([^'"]*)['"]""", text))
        if not members:
            raise FakeMlflowError(
                "While parsing a list in the query, expected a non-empty list of string values, "
                "but got empty list"
            )
        return members
    return text[1:-1] if text[0] in "'\"" else _number(text)


def sort_by(
    things: Sequence[tuple[FilterValues, T]], order_by: Sequence[str], keys: Sequence[str]
) -> list[tuple[FilterValues, T]]:
    """Return *things* sorted by the clauses of *order_by*, the first of which counts most."""
    found = list(things)
    for clause in reversed(order_by):
        name, _, direction = clause.strip().partition(" ")
        key = _known(_key(name), keys)
        found.sort(
            key=lambda pair, key=key: _sortable(pair[0].get(key)),  # type: ignore[misc]
            reverse=direction.strip().upper() == "DESC",
        )
    return found


def _sortable(value: Value | None) -> tuple[int, float, str]:
    if value is None:
        return 2, 0.0, ""
    return (1, 0.0, value) if isinstance(value, str) else (0, value, "")
