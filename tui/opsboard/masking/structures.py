"""Masking secrets in structures: every text in one is masked, and nothing else.

This is never done on the JSON text of a structure: a password ``true`` would be found in every flag
there. Keys keep their names and values their types. A member of an enumeration is a word of the
program, and stays: a password ``blocker`` must not make a blocker into nothing. What is not changed
is returned as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

from opsboard.masking.commands import mask_command
from opsboard.masking.names import sounds_secret
from opsboard.masking.pairs import MASK, is_reference, looks_random

Masker: TypeAlias = Callable[[str], str]

MAX_DEPTH: Final = 100
"""Levels of a structure that are visited; what is deeper is masked as a whole."""

_NAMES: Final = ("name", "key", "label", "variable")
"""Keys whose value is the name of the value beside it."""
_COMMAND: Final = frozenset({"command", "args"})
"""Keys of a container's command, which is split into two lists."""
_SIDES: Final = frozenset({"value", "values", "default", "before", "after"})
"""Keys of the value that belongs to such a name."""
_SETTINGS: Final = frozenset(
    {"env", "config", "params", "tags", "inputs", "annotations", "labels", "settings", "variables"}
)
"""Groups whose members are named by who sets them. Of others, such as images, a name is that of
a part: a container called ``auth`` runs no secret image."""
_TOLD: Final = frozenset({"none", "-", "(not shown)", "(changed, not shown)", "changed"})
"""Texts that stand for a secret and are shown as they are."""


def mask_structure(value: Any, mask: Masker) -> Any:
    """Return *value*, of mappings, sequences and models, with each text as *mask* returns it.

    A text whose key, or whose neighbour called ``name``, sounds secret is masked whatever it is.
    """
    return _Walk(mask, by_name=True).masked(value, 0)


def mask_texts(value: Any, mask: Masker) -> Any:
    """Return *value* with each text as *mask* returns it, whatever it is called.

    For texts of a program whose keys are no names of settings.
    """
    return _Walk(mask, by_name=False).masked(value, 0)


class _Walk:
    """Visits a structure once. Named tuples are identities, and are not changed."""

    def __init__(self, mask: Masker, *, by_name: bool) -> None:
        self._mask = mask
        self._by_name = by_name

    def masked(self, value: Any, deep: int) -> Any:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            text = self._mask(value)
            return value if text == value else text
        if deep > MAX_DEPTH:
            return MASK
        if isinstance(value, Mapping):
            return self._mapping(value, deep + 1)
        if isinstance(value, list | tuple):
            return value if hasattr(value, "_fields") else self._sequence(value, deep + 1)
        return self._model(value, deep + 1) if hasattr(value, "model_copy") else value

    def _model(self, model: Any, deep: int) -> Any:
        fields = self._table(self._mapping(dict(model), deep))
        changed = {name: item for name, item in fields.items() if item is not getattr(model, name)}
        return model.model_copy(update=changed) if changed else model

    def _mapping(self, value: Mapping[Any, Any], deep: int) -> Mapping[Any, Any]:
        named = self._by_name and _is_named_secret(value)
        value = self._command(value) if value.keys() >= _COMMAND else value
        masked = {}
        for key, item in value.items():
            secret = (named and _is_side(key)) or (self._by_name and _is_secret(key))
            masked[key] = self._secret(item, deep) if secret else self.masked(item, deep)
        return value if all(item is value[key] for key, item in masked.items()) else masked

    def _command(self, value: Mapping[Any, Any]) -> Mapping[Any, Any]:
        """Return *value* with the secrets of a command masked that is told in two lists."""
        program, words = value["command"], value["args"]
        if not (_are_words(program) and _are_words(words)):
            return value
        masked = mask_command([*program, *words])[len(program) :]
        return value if masked == list(words) else {**value, "args": masked}

    def _secret(self, value: Any, deep: int) -> Any:
        """Return *value*, which is called by the name of a secret, masked."""
        if isinstance(value, str):
            return value if not value or value in _TOLD or is_reference(value) else MASK
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return type(value)(self._secret(one, deep) for one in value)
        if isinstance(value, Mapping) and deep <= MAX_DEPTH:
            return self._within(value, deep + 1)
        if type(value) is list and deep <= MAX_DEPTH:
            items = [self._secret(one, deep + 1) for one in value]
            return items if _differ(items, value) else value
        return self.masked(value, deep)

    def _within(self, value: Mapping[Any, Any], deep: int) -> Mapping[Any, Any]:
        """Return *value*, a group called by the name of a secret: not all of it is one."""
        masked = {}
        for key, item in self._mapping(value, deep).items():
            secret = _is_side(key) or not isinstance(item, str) or looks_random(item)
            masked[key] = self._secret(item, deep) if secret else item
        return value if all(item is value[key] for key, item in masked.items()) else masked

    def _sequence(self, value: Sequence[Any], deep: int) -> Sequence[Any]:
        items = list(value)
        if len(items) > 1 and _are_words(items):
            items = mask_command(items)
        items = [self.masked(item, deep) for item in items]
        if not _differ(items, value):
            return value
        return tuple(items) if isinstance(value, tuple) else items

    def _table(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return *fields*, a model's fields, with the secrets of the rows masked if it is a table.

        A column may be called by the name of one, or a row, where a column is of names.
        """
        if not self._by_name or not fields.get("rows"):
            return fields
        columns = list(map(str, fields.get("columns") or ()))
        titles = [title.lower() for title in columns]
        secret = [at for at, title in enumerate(columns) if _is_setting(title)]
        name = next((at for at, title in enumerate(titles) if title in _NAMES), None)
        sides = [at for at, title in enumerate(titles) if title in _SIDES]
        if not secret and (name is None or not sides):
            return fields
        rows = (self._row(row, name, sides, secret) for row in fields["rows"])
        return {**fields, "rows": tuple(rows)}

    def _row(self, row: Any, name: int | None, sides: Sequence[int], secret: Sequence[int]) -> Any:
        cells = list(row.cells)
        named = name is not None and _is_secret(cells[name])
        for at in (*secret, *(sides if named else ())):
            cells[at] = self._secret(cells[at], 0)
        changed = _differ(cells, row.cells)
        return row.model_copy(update={"cells": tuple(cells)}) if changed else row


def _differ(new: Sequence[Any], old: Sequence[Any]) -> bool:
    return any(one is not other for one, other in zip(new, old, strict=True))


def _are_words(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)


def _is_side(key: object) -> bool:
    return isinstance(key, str) and key.lower() in _SIDES


def _is_secret(name: object) -> bool:
    return isinstance(name, str) and sounds_secret(name)


def _is_named_secret(value: Mapping[Any, Any]) -> bool:
    """Tell whether *value* has the name of a secret in it, beside what that is."""
    group = value.get("group")
    if isinstance(group, str) and group not in _SETTINGS:
        return False
    if not any(map(_is_side, value)):
        return False
    names = [item for key, item in value.items() if isinstance(key, str) and key.lower() in _NAMES]
    return any(map(_is_setting, names))


def _is_setting(name: object) -> bool:
    """Tell whether *name* is that of a secret; a label of several words is a person's heading."""
    return isinstance(name, str) and " " not in name and sounds_secret(name)
