"""Problems of a config file: where, what, and how to fix it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from opsboard.text import suggestions
from opsboard.text.sanitize import sanitize
from opsboard.text.validation_text import validation_message


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
        return sanitize(": ".join(parts) + (f"; {self.hint}" if self.hint else ""))


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


_LISTS: Final = frozenset({"tuple_type", "list_type"})


def faults_of(
    error: ValidationError, model: type[BaseModel], under: tuple[str, ...] = ()
) -> list[ConfigFault]:
    """Return what *error* says about input for *model*. Input values are never quoted.

    Unknown keys come first: a misspelt key is both unknown and missing, and only the first helps.
    *under* is the table that the input is of, for what to write.
    """
    items = error.errors(include_input=False, include_url=False)
    items.sort(key=lambda item: item["type"] != "extra_forbidden")
    return [_fault(item, model, under) for item in items]


def _fault(item: Mapping[str, Any], model: type[BaseModel], under: tuple[str, ...]) -> ConfigFault:
    path = tuple(str(part) for part in item["loc"])
    if item["type"] in _LISTS and _is_list_of_tables(model, path):
        hint = f"write [[{'.'.join((*under, *path))}]]"
        return ConfigFault(path, "must be a list of tables", hint)
    hint = "add it" if item["type"] == "missing" else ""
    if item["type"] == "extra_forbidden":
        hint = did_you_mean(path[-1], _known_keys(model, path[:-1]))
    return ConfigFault(path, validation_message(item), hint)


def _known_keys(model: type[BaseModel], path: tuple[str, ...]) -> Iterable[str]:
    found = _model_at(model, path)
    return found.model_fields if found is not None else ()


def _is_list_of_tables(model: type[BaseModel], path: tuple[str, ...]) -> bool:
    """Return whether tables alone may be in the list at *path*: no words that stand for some."""
    table = _model_at(model, path[:-1]) if path else None
    field = table.model_fields.get(path[-1]) if table is not None else None
    return field is not None and any(map(_is_model, get_args(field.annotation)))


def _model_at(model: type[BaseModel], path: tuple[str, ...]) -> type[BaseModel] | None:
    """Return the model of the table at *path*, or of each table in the list that is there."""
    found: type[BaseModel] | None = model
    for part in path:
        if part.isdigit():
            continue  # its place in a list of tables
        field = found.model_fields.get(part) if found else None
        found = next(_models_in(field.annotation), None) if field else None
    return found


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if _is_model(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint for the unknown *word*: the nearest of *known*, or all of them."""
    choices = sorted(known)
    near = suggestions.did_you_mean(word, choices)
    return near or (f"known here: {', '.join(choices)}" if choices else "")
