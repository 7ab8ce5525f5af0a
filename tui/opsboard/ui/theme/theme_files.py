"""Themes: TOML files, the built-in ones and the user's own, read and checked.

A theme names colours as ``#rrggbb``, as ``ansi_red`` for the terminal's own palette, or as
``ansi_default`` for the terminal's own foreground or background.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import opsboard_themes
from opsboard.frozen import Frozen, frozen, frozen_unchecked
from opsboard.records import Status
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.theme.toml_table import Color, ThemeFileError, TomlTable


@frozen
class ThemeStyle(TomlTable):
    """How a piece of text is drawn. Colours that are left out are those around it."""

    color: Color | None = None
    background: Color | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


@frozen
class ThemeColors(TomlTable):
    """The colours of surfaces, and of text without a role of its own.

    *background* is the ground that shows where nothing is; *surface* is what panes, pages and boxes
    stand on, *surface_raised* what their titles, the top line and the hints do (by default the
    same). *muted* is text of less weight: labels, ages, hints; *accent* is for titles, keys, and
    the border of what has the focus.
    """

    background: Color
    surface: Color
    foreground: Color
    muted: Color
    accent: Color
    border: Color
    surface_raised: Color = ""

    @property
    def raised(self) -> Color:
        """The colour of *surface_raised*, or what is in its place."""
        return self.surface_raised or self.surface


@frozen
class StatusStyles(TomlTable):
    """How each status is drawn."""

    ok: ThemeStyle
    running: ThemeStyle
    warning: ThemeStyle
    failed: ThemeStyle
    unknown: ThemeStyle


@frozen
class RoleStyles(TomlTable):
    """How text with a role is drawn.

    *cursor_away* is the cursor of a pane without the focus. *production* is the word for it in the
    top line, which is not to be missed; its colour is that of production everywhere, and of nothing
    else. *production_line* is the whole top line then, by default the same. *environment* is the
    word for any other environment. *title_focused* is the title of the pane that has the focus,
    by default bold in the accent's colour.
    """

    cursor: ThemeStyle
    cursor_away: ThemeStyle
    mark: ThemeStyle
    header: ThemeStyle
    match: ThemeStyle
    production: ThemeStyle
    environment: ThemeStyle
    production_line: ThemeStyle | None = None
    title_focused: ThemeStyle | None = None


@frozen
class Theme(TomlTable):
    """A theme, as its file defines it."""

    title: str
    dark: bool
    colors: ThemeColors
    status: StatusStyles
    ink: RoleStyles

    @property
    def terminal(self) -> bool:
        """Whether it draws with the terminal's own palette."""
        return self.colors.background.startswith("ansi_")

    def status_style(self, status: Status) -> ThemeStyle:
        """Return how *status* is drawn."""
        ink: ThemeStyle = getattr(self.status, status.value)
        return ink


@frozen_unchecked
class ThemeProblem(Frozen):
    """A theme file that cannot be used, and why."""

    file: str
    cause: str

    def __str__(self) -> str:
        return f"theme {self.file} is not used: {self.cause}"


@frozen_unchecked
class ThemeSet(Frozen):
    """The themes by name, and what is wrong with those left out."""

    themes: Mapping[str, Theme]
    problems: tuple[ThemeProblem, ...] = ()


DEFAULT = "dark"
MONOCHROME = "monochrome"
SIXTEEN_COLORS = "terminal"

_BUILT_IN: Final = Path(opsboard_themes.__path__[0])
"""Style sheets are read beside the code too; importlib.resources takes as long as the theme."""


@cache
def built_in_theme(name: str) -> Theme:
    """Return the built-in theme called *name*, which is read once. Raises :exc:`OSError`."""
    return _read(_BUILT_IN / f"{name}.toml")


def load_theme(name: str, own: Path | None) -> Theme | None:
    """Return the theme called *name* where it can be read, without reading any other."""
    for folder in (own, _BUILT_IN):
        file = folder / f"{name}.toml" if folder is not None else None
        if file is not None and file.is_file():
            try:
                return built_in_theme(name) if folder is _BUILT_IN else _read(file)
            except (OSError, ValueError):
                return None
    return None


def load_themes(own: Path | None) -> ThemeSet:
    """Read the built-in themes and those in the folder *own*, which win over built-in ones."""
    themes: dict[str, Theme] = {}
    problems: list[ThemeProblem] = []
    for name, file in _files(own):
        try:
            themes[name] = _read(file)
        except (OSError, ValueError) as error:
            problems.append(ThemeProblem(str(file), _cause(error)))
    return ThemeSet(themes, tuple(problems))


def theme_names(own: Path | None) -> list[str]:
    """Return the names of all themes, sorted, without reading any: some may be wrong."""
    return sorted({name for name, _ in _files(own)})


def unknown_theme(name: str, known: Iterable[str]) -> str:
    """Return that there is no theme *name*, and which of the *known* ones may be meant."""
    return f"there is no theme {name!a}; {did_you_mean_or_list(name, known)}"


def theme_problem(name: str, own: Path | None) -> str:
    """Return why the theme *name* cannot be drawn with, or ``""``."""
    if name not in (names := theme_names(own)):
        return unknown_theme(name, names)
    if load_theme(name, own) is not None:
        return ""
    return next((str(one) for one in load_themes(own).problems if Path(one.file).stem == name), "")


def _read(file: Path) -> Theme:
    return Theme.read(tomllib.loads(read_text(file)))


def _files(own: Path | None) -> Iterator[tuple[str, Path]]:
    for folder in (_BUILT_IN, own):
        if folder is None or not folder.is_dir():
            continue
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".toml"):
                yield file.name.removesuffix(".toml"), file


def _cause(error: Exception) -> str:
    if isinstance(error, ThemeFileError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or "it cannot be read"
    if isinstance(error, NotTextError):
        return f"it {error}; {ENCODING_HINT}"
    return f"it is not TOML: {error}"
