"""Each setting wrong in turn: what is said is of the config, and not of what validates it."""

import math
import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import tomlkit
from pydantic import BaseModel

from opsboard.config import registry
from opsboard.config.load import load_config
from opsboard.config.problems import ConfigError
from opsboard.config.settings import Settings

WRONG: Final[tuple[object, ...]] = (
    -1, 10**30, 1.5, math.nan, True, "", "25:00", "x" * 300, "a\x1b[31mb", date(2026, 1, 1),
    time(9), [], [1], [""], {"x": 1}, [{"bogus": 1}],
)  # fmt: skip
PROGRAMMERS: Final = re.compile(
    r"(?i)\bshould\b|\binput\b|\btuple\b|\bdict|\bNone\b|\bvalidat|datetime|pydantic|\[\[\]\]|\x1b"
)
Keys = tuple[str, ...]


def _settings(model: type[BaseModel], under: Keys = ()) -> Iterator[Keys]:
    """Yield the path of each setting; ``[]`` is after the name of a list of tables."""
    for name, field in model.model_fields.items():
        yield (*under, name)
        if (inner := next(_models(field.annotation), None)) is not None:
            is_list = inner is not field.annotation
            yield from _settings(inner, (*under, name, "[]") if is_list else (*under, name))


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _document(path: Keys, value: object) -> Any:
    for part in reversed(path):
        value = [value] if part == "[]" else {part: value}
    return value


def _told(file: Path, document: Any) -> list[str]:
    file.write_text(tomlkit.dumps(document))
    try:
        return [str(problem) for problem in load_config(file).problems]
    except ConfigError as error:
        return [str(problem) for problem in error.problems]


def _refused(file: Path, paths: list[Keys], **source: str) -> list[str]:
    """Return what is told of *paths*, all wrong in turn, of the board or of a *source*."""
    told: list[str] = []
    for path in paths:
        for value in WRONG:
            document = _document(path, value)
            told += _told(file, {"sources": {"s": source | document}} if source else document)
    return told


def test_of_the_board(tmp_path: Path) -> None:
    told = _refused(tmp_path / "config.toml", list(_settings(Settings)))
    assert len(told) > 200
    assert [one for one in told if PROGRAMMERS.search(one)] == []


@pytest.mark.parametrize("name", registry.adapter_names())
def test_of_a_source(name: str, tmp_path: Path) -> None:
    paths = list(_settings(registry.load_adapter(name).settings))
    told = _refused(tmp_path / "config.toml", paths, adapter=name)
    assert len(told) > 50
    assert [one for one in told if PROGRAMMERS.search(one)] == []
