"""Writing a first config file from what discovery found, with a comment on every key."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from opsboard.config.broken_source import BrokenSourceSettings
from opsboard.config.paths import ensure
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import Settings, UiSettings

_HEAD = """\
# opsboard's config. Every key with its meaning; what is commented out is the default.
# Check it with `opsboard doctor`; `opsboard config schema` prints its JSON Schema.
"""


def config_text(sources: Sequence[ResolvedSource]) -> str:
    """Return a config file as TOML that holds *sources*, with a comment on every key."""
    blocks = [_HEAD, *_keys(Settings(), skip={"ui"}), "", "[ui]", *_keys(UiSettings())]
    for source in sources:
        blocks += ["", *_source(source)]
    if not sources:
        blocks += ["", "# Nothing was found here. A source looks like this:", *_EXAMPLE]
    return "\n".join(blocks) + "\n"


_EXAMPLE = (
    "# [sources.github]",
    '# adapter = "github"',
    '# repositories = ["owner/name"]',
    '# token = { env = "GITHUB_TOKEN" }',
)


def write_new(path: Path, text: str) -> None:
    """Write *text* to *path*, mode 0600. Raises :exc:`FileExistsError` where there is a file."""
    ensure(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _source(source: ResolvedSource) -> Iterable[str]:
    header = f"[sources.{_key(source.name)}]"
    if isinstance(source.settings, BrokenSourceSettings):
        yield from _comment(f"{source.found_by}. {source.settings.hint}")
        yield f"# {header}"
        return
    yield from _comment(f"{source.adapter.title}, found through {source.found_by}.")
    yield header
    yield f"adapter = {_value(source.adapter.name)}"
    yield from _keys(source.settings)


def _keys(model: BaseModel, skip: Iterable[str] = ()) -> Iterable[str]:
    given = model.model_dump(mode="json", exclude_defaults=True)
    defaults = model.model_dump(mode="json")
    for name, field in type(model).model_fields.items():
        if name in skip:
            continue
        if field.description:
            yield from _comment(field.description)
        if name in given:
            yield f"{name} = {_value(given[name])}"
        else:
            yield f"# {name} = {_default(defaults.get(name), field)}"


def _default(value: object, field: FieldInfo) -> str:
    if value is None:
        return '"..."' if field.annotation in (str, str | None, Path, Path | None) else "..."
    return _value(value)


def _comment(text: str) -> Iterable[str]:
    return (f"# {line}" for line in text.splitlines())


def _key(name: str) -> str:
    return tomlkit.key(name).as_string()


def _value(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        inner = ", ".join(pairs)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    return str(tomlkit.item(value).as_string())
