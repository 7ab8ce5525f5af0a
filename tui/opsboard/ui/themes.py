"""Themes: TOML files, the built-in ones and the user's own, read and checked.

A theme names colours as ``#rrggbb``, as ``ansi_red`` for the terminal's own palette, or as
``ansi_default`` for the terminal's own foreground or background.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from opsboard.records import Status

_STRICT = ConfigDict(frozen=True, extra="forbid")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ANSI = re.compile(r"ansi_(default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white))")


def _check_color(color: str) -> str:
    if _HEX.fullmatch(color) or _ANSI.fullmatch(color):
        return color
    raise ValueError("must be #rrggbb, ansi_default or a name such as ansi_bright_red")


Color = Annotated[str, AfterValidator(_check_color)]
"""A colour as a theme file names it."""


class Ink(BaseModel):
    """How a piece of text is drawn. Colours that are left out are those around it."""

    model_config = _STRICT

    color: Color | None = None
    background: Color | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


class Colors(BaseModel):
    """The colours of surfaces, and of text without a role of its own."""

    model_config = _STRICT

    background: Color
    surface: Color = Field(description="Top line, hints line, prompt and boxes.")
    foreground: Color
    muted: Color = Field(description="Text of less weight: labels, ages, hints.")
    accent: Color = Field(description="Titles, keys, and the border of what has the focus.")
    border: Color


class Statuses(BaseModel):
    """How each status is drawn."""

    model_config = _STRICT

    ok: Ink
    running: Ink
    warning: Ink
    failed: Ink
    unknown: Ink


class Inks(BaseModel):
    """How text with a role is drawn."""

    model_config = _STRICT

    cursor: Ink
    cursor_away: Ink = Field(description="The cursor of a pane without the focus.")
    mark: Ink
    header: Ink
    match: Ink
    production: Ink = Field(description="The word for it in the top line. Not to be missed.")
    environment: Ink = Field(description="Any other environment.")


class Theme(BaseModel):
    """A theme, as its file tells it."""

    model_config = _STRICT

    title: str
    dark: bool
    colors: Colors
    status: Statuses
    ink: Inks

    @property
    def terminal(self) -> bool:
        """Whether it draws with the terminal's own palette."""
        return self.colors.background.startswith("ansi_")

    def ink_of(self, status: Status) -> Ink:
        """Return how *status* is drawn."""
        ink: Ink = getattr(self.status, status.value)
        return ink


@dataclass(frozen=True, slots=True)
class ThemeProblem:
    """A theme file that cannot be used, and why."""

    file: str
    cause: str

    def __str__(self) -> str:
        return f"theme {self.file} is not used: {self.cause}"


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes by name, and what is wrong with those left out."""

    themes: Mapping[str, Theme]
    problems: tuple[ThemeProblem, ...] = field(default=())


DEFAULT = "dark"
MONOCHROME = "monochrome"


def load_themes(own: Path | None) -> Themes:
    """Read the built-in themes and those in the folder *own*, which win over built-in ones."""
    themes: dict[str, Theme] = {}
    problems: list[ThemeProblem] = []
    for name, file in _files(own):
        try:
            themes[name] = Theme.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            problems.append(ThemeProblem(str(file), _cause(error)))
    return Themes(themes, tuple(problems))


def _files(own: Path | None) -> Iterator[tuple[str, Traversable]]:
    for folder in (files("opsboard_themes"), own):
        if folder is None or not folder.is_dir():
            continue
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".toml"):
                yield file.name.removesuffix(".toml"), file


def _cause(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"]))
        return f"{key}: {first['msg'].removeprefix('Value error, ').lower()}"
    if isinstance(error, OSError):
        return error.strerror or "it cannot be read"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return f"it is not TOML: {error}"
