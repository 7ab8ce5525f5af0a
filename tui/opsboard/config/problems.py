"""Problems of a config file: where, what, and how to fix it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from opsboard.text import suggestions


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One problem: in *file*, at *line* (1-based, if known), of the dotted *key*."""

    file: Path
    line: int | None
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        parts = [where, self.key, self.message] if self.key else [where, self.message]
        return ": ".join(parts) + (f"; {self.hint}" if self.hint else "")


class ConfigError(Exception):
    """The config cannot be used at all. *problems* says why."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """A validation error before its place in the file is known."""

    path: tuple[str, ...]
    message: str
    hint: str


_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("tuple_type", "list_type", "set_type", "frozen_set_type"), "must be a list: [ ]"
    ),
    **dict.fromkeys(("model_type", "dict_type", "mapping_type"), "must be a table of keys"),
    **dict.fromkeys(("string_type", "path_type"), "must be text, in quotes"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
}
"""What a value must be in the words of TOML, where pydantic's are those of Python."""
_LISTS: Final = frozenset({"tuple_type", "list_type"})


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[ConfigFault]:
    """Return what *error* says about input for *model*. Input values are never quoted.

    Unknown keys come first: a misspelt key is both unknown and missing, and only the first helps.
    """
    items = error.errors(include_input=False, include_url=False)
    items.sort(key=lambda item: item["type"] != "extra_forbidden")
    return [_fault(item, model) for item in items]


def _fault(item: Mapping[str, Any], model: type[BaseModel]) -> ConfigFault:
    path = tuple(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return ConfigFault(path, "unknown key", did_you_mean(path[-1], known))
    if item["type"] == "missing":
        return ConfigFault(path, "this key is missing", "add it")
    if item["type"] in _LISTS and _model_at(model, path) is not None:
        return ConfigFault(path, "must be a list of tables", f"write [[{'.'.join(path)}]]")
    if item["type"] == "string_too_short" and item["ctx"]["min_length"] == 1:
        return ConfigFault(path, "must not be empty", "")
    message = _TYPES.get(item["type"], str(item["msg"]).removeprefix("Value error, "))
    return ConfigFault(path, message[:1].lower() + message[1:], "")


def _known_keys(model: type[BaseModel], path: tuple[str, ...]) -> Iterable[str]:
    found = _model_at(model, path)
    return found.model_fields if found is not None else ()


def _model_at(model: type[BaseModel], path: tuple[str, ...]) -> type[BaseModel] | None:
    """Return the model of the table at *path*, or of each table in the list that is there."""
    found: type[BaseModel] | None = model
    for part in path:
        if part.isdigit():
            continue  # its place in a list of tables
        field = found.model_fields.get(part) if found else None
        inner = (field.annotation, *get_args(field.annotation)) if field else ()
        models = (one for one in inner if isinstance(one, type) and issubclass(one, BaseModel))
        found = next(models, None)
    return found


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint for the unknown *word*: the nearest of *known*, or all of them."""
    choices = sorted(known)
    near = suggestions.did_you_mean(word, choices)
    return near or (f"known here: {', '.join(choices)}" if choices else "")
