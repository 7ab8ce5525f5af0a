"""Structures without secrets in them: every text in a structure is masked, and nothing else.

It is never done on JSON that was made of one: there, a password ``true`` stands in every flag. Keys
keep their names and values their types. What is not changed is returned as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from opsboard.masking.commands import mask_words
from opsboard.masking.names import sounds_secret
from opsboard.masking.pairs import MASK, is_reference

Masker: TypeAlias = Callable[[str], str]

_NAMES: Final = ("name", "key", "label")
"""Keys whose value names what stands beside it."""
_SIDES: Final = frozenset({"value", "values", "default", "before", "after"})
"""Keys of what is named so."""
_PLAIN: Final = frozenset({"none", "-", "(not shown)", "(changed, not shown)", "changed"})
"""What is told of a secret instead of it."""


DEEPEST: Final = 100
"""Levels of a structure that are gone through; what is deeper is masked as a whole."""


def mask_leaves(value: Any, mask: Masker, deep: int = 0) -> Any:
    """Return *value*, of mappings, sequences and models, with each text as *mask* returns it.

    A text whose key, or whose neighbour called ``name``, sounds secret is masked whatever it is.
    """
    if isinstance(value, str):
        return mask(value)
    if deep > DEEPEST:
        return MASK
    if isinstance(value, Mapping):
        return _mapping(value, mask, deep + 1)
    if isinstance(value, list | tuple):
        return _sequence(value, mask, deep + 1)
    if hasattr(value, "model_copy"):
        return mask_model(value, mask, deep=deep + 1)
    return value


def mask_model(
    model: Any, mask: Masker, besides: Mapping[str, Any] | None = None, deep: int = 0
) -> Any:
    """Return *model*, one of pydantic's, masked; *besides* are fields that are told already."""
    told = {name: held for name, held in model if not besides or name not in besides}
    masked = {**_grid(_mapping(told, mask, deep)), **(besides or {})}
    changed = {name: held for name, held in masked.items() if held is not getattr(model, name)}
    return model.model_copy(update=changed) if changed else model


def _mapping(value: Mapping[Any, Any], mask: Masker, deep: int) -> Mapping[Any, Any]:
    beside = _SIDES if _names_secret(value) else frozenset()
    masked = {
        key: (_named if key in beside or _is_secret(key) else mask_leaves)(held, mask, deep)
        for key, held in value.items()
    }
    same = all(held is value[key] for key, held in masked.items())
    return value if same else masked


def _is_secret(key: object) -> bool:
    return isinstance(key, str) and sounds_secret(key)


def _names_secret(value: Mapping[Any, Any]) -> bool:
    return any(_is_secret(value.get(name)) for name in _NAMES if isinstance(value.get(name), str))


def _named(value: Any, mask: Masker, deep: int) -> Any:
    """Return *value*, which is called by the name of a secret, masked."""
    if isinstance(value, str):
        return value if not value or value in _PLAIN or is_reference(value) else MASK
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return type(value)(_named(one, mask, deep) for one in value)
    return mask_leaves(value, mask, deep)


def _sequence(value: Sequence[Any], mask: Masker, deep: int) -> Sequence[Any]:
    if hasattr(value, "_fields"):  # a named tuple is an identity: what a thing is called
        return value
    words = list(value)
    if len(words) > 1 and all(isinstance(word, str) for word in words):
        words = mask_words(words)
    masked = [mask_leaves(item, mask, deep) for item in words]
    if all(new is old for new, old in zip(masked, value, strict=True)):
        return value
    return tuple(masked) if isinstance(value, tuple) else masked


def _grid(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *told*, the fields of a model, where they are a table with what names mean in it."""
    columns, rows = told.get("columns"), told.get("rows")
    if not columns or not rows:
        return told
    titles = [str(title).lower() for title in columns]
    names = [at for at, title in enumerate(titles) if title in _NAMES]
    sides = [at for at, title in enumerate(titles) if title in _SIDES]
    if not names or not sides:
        return told
    return {**told, "rows": tuple(_row(row, names[0], sides) for row in rows)}


def _row(row: Any, name: int, sides: Sequence[int]) -> Any:
    if not sounds_secret(row.cells[name]):
        return row
    cells = list(row.cells)
    for at in sides:
        cells[at] = _named(cells[at], str, 0)
    return row.model_copy(update={"cells": tuple(cells)})
