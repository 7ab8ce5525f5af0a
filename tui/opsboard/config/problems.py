"""Problems of a config file: where, what, and how to fix it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    message = str(item["msg"]).removeprefix("Value error, ")
    return ConfigFault(path, message[:1].lower() + message[1:], "")


def _known_keys(model: type[BaseModel], path: tuple[str, ...]) -> Iterable[str]:
    for part in path:
        field = model.model_fields.get(part)
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        model = inner
    return model.model_fields


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint for the unknown *word*: the nearest of *known*, or all of them."""
    choices = sorted(known)
    near = suggestions.did_you_mean(word, choices)
    return near or (f"known here: {', '.join(choices)}" if choices else "")
