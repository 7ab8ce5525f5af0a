"""Theme files: that they can be read, in both senses."""

from collections.abc import Iterator
from colorsys import rgb_to_hls
from dataclasses import replace
from pathlib import Path

import pytest
from textual.color import Color
from textual.filter import dim_color

from opsboard.records import Status
from opsboard.ui.render.log_rows import HUES, pod_style
from opsboard.ui.theme.glyphs import (
    ASCII,
    CONSOLE,
    UNICODE,
    Glyphs,
    choose_glyphs,
    has_few_colors,
    is_utf8_locale,
)
from opsboard.ui.theme.styles import Styles, default_styles
from opsboard.ui.theme.theme_files import Theme, ThemeStyle, load_themes

BUILT_IN = load_themes(None).themes
RGB = [name for name, theme in BUILT_IN.items() if not theme.terminal]

VGA = {
    "ansi_green": "#00aa00", "ansi_cyan": "#00aaaa", "ansi_yellow": "#aa5500",
    "ansi_red": "#aa0000", "ansi_blue": "#0000aa",
    "ansi_bright_red": "#ff5555", "ansi_bright_blue": "#5555ff",
}  # fmt: skip
XTERM = {
    "ansi_green": "#00cd00", "ansi_cyan": "#00cdcd", "ansi_yellow": "#cdcd00",
    "ansi_red": "#cd0000", "ansi_blue": "#0000ee",
    "ansi_bright_red": "#ff0000", "ansi_bright_blue": "#5c5cff",
}  # fmt: skip


def _contrast(front: str, back: str) -> float:
    """Return the contrast ratio of WCAG 2: 1 to 21."""
    lighter, darker = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(part / 255) for part in Color.parse(color).rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _pairs(theme: Theme) -> Iterator[tuple[str, str, str]]:
    colors = theme.colors
    inks = {**dict(theme.status), **dict(theme.ink)}
    for name, ink in inks.items():
        if ink is None:
            continue
        assert isinstance(ink, ThemeStyle)
        yield name, ink.color or colors.foreground, ink.background or colors.background
    line = theme.ink.production_line
    production = line.background if line and line.background else colors.surface
    away = theme.ink.cursor_away.background or colors.surface
    for surface in (colors.background, colors.surface, colors.raised, production, away):
        for word in ("foreground", "muted", "accent"):
            yield word, getattr(colors, word), surface
        for status in Status:
            yield f"{status} on {surface}", theme.status_style(status).color or "", surface
        yield f"production on {surface}", theme.ink.production.color or "", surface


def test_the_six_themes_are_there_and_sound() -> None:
    loaded = load_themes(None)
    assert loaded.problems == ()
    assert set(loaded.themes) == {
        "dark", "light", "contrast", "colorblind", "monochrome", "terminal",
    }  # fmt: skip


@pytest.mark.parametrize("name", RGB)
def test_all_text_can_be_read(name: str) -> None:
    least = 7.0 if name == "contrast" else 4.5
    weak = [
        (word, round(_contrast(front, back), 2))
        for word, front, back in _pairs(BUILT_IN[name])
        if _contrast(front, back) < least
    ]
    assert weak == []


@pytest.mark.parametrize("name", RGB)
def test_lines_and_scrollbars_and_what_recedes_can_be_made_out(name: str) -> None:
    """WCAG 2.1, 1.4.11: 3 for what is no text, and here for text that does not matter now."""
    colors = BUILT_IN[name].colors
    weak = [
        (word, surface, round(_contrast(front, surface), 2))
        for surface in (colors.background, colors.surface, colors.raised)
        for word, front in (("border", colors.border), ("faint", _dimmed(colors.muted, surface)))
        if _contrast(front, surface) < 3
    ]
    assert weak == []


def _dimmed(front: str, back: str) -> str:
    """Return what Textual draws for a dim *front*."""
    ground, ink = Color.parse(back).rich_color, Color.parse(front).rich_color
    return dim_color(ground, ink).name


@pytest.mark.parametrize("name", [name for name in RGB if name != "contrast"])
def test_what_is_wrong_and_what_is_of_production_is_seen_under_the_cursor_too(name: str) -> None:
    styles = Styles(BUILT_IN[name], UNICODE)
    cursor = styles.roles["cursor"].bgcolor
    assert cursor is not None
    shown = [Status.OK, Status.RUNNING, Status.WARNING, Status.FAILED]
    for style in (*(styles.statuses[status] for status in shown), styles.production):
        assert style.color in styles.cursor_hues
        assert _contrast(str(style.color.name if style.color else ""), cursor.name) >= 4.5


def test_under_a_cursor_on_which_a_hue_cannot_be_read_it_gives_way() -> None:
    contrast = Styles(BUILT_IN["contrast"], UNICODE)
    assert contrast.cursor_hues == {contrast.roles["match"].bgcolor}
    assert Styles(BUILT_IN["monochrome"], UNICODE).cursor_hues == ()
    pale = replace(BUILT_IN["dark"].ink.cursor, background="#7f8c99")
    ink = replace(BUILT_IN["dark"].ink, cursor=pale)
    dark = Styles(replace(BUILT_IN["dark"], ink=ink), UNICODE)
    assert dark.cursor_hues == {dark.roles["match"].bgcolor}


@pytest.mark.parametrize("palette", [VGA, XTERM])
def test_titles_and_failures_can_be_read_in_the_sixteen_colours_of_terminals(
    palette: dict[str, str],
) -> None:
    """On a black ground, as consoles have it: their plain blue and red are too dark for text."""
    theme = BUILT_IN["terminal"]
    told: dict[str, str | None] = {
        status.value: theme.status_style(status).color for status in Status
    }
    told |= {"accent": theme.colors.accent, "environment": theme.ink.environment.color}
    weak = [
        (word, round(_contrast(palette[color], "#000000"), 2))
        for word, color in told.items()
        if color is not None and _contrast(palette[color], "#000000") < 3.5
    ]
    assert weak == []
    title = theme.ink.title_focused
    assert title is not None
    assert _contrast(palette[title.color or ""], "#000000") >= 3.5


def test_the_contrast_is_computed_as_wcag_says() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_two_statuses_look_the_same(name: str) -> None:
    theme = BUILT_IN[name]
    assert len({theme.status_style(status) for status in Status}) == len(Status)


@pytest.mark.parametrize("name", BUILT_IN)
def test_production_is_reversed_in_every_theme(name: str) -> None:
    ink = BUILT_IN[name].ink.production
    assert ink.reverse
    assert ink.bold


def _hue(color: str) -> float:
    return rgb_to_hls(*(part / 255 for part in Color.parse(color).rgb))[0] * 360


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "monochrome"])
def test_production_has_a_hue_that_nothing_else_has(name: str) -> None:
    theme = BUILT_IN[name]
    own = theme.ink.production.color
    others = {status: theme.status_style(status).color for status in Status}
    assert own is not None
    assert own not in {*others.values(), theme.colors.accent, theme.ink.mark.color}
    if name in RGB:
        red = others[Status.FAILED]
        assert red is not None
        apart = abs(_hue(own) - _hue(red)) % 360
        assert min(apart, 360 - apart) > 40
    assert "red" not in own


def test_a_theme_of_the_user_from_before_needs_no_new_key(tmp_path: Path) -> None:
    source = Path(str(__import__("opsboard_themes").__path__[0]), "dark.toml").read_text()
    new = ("surface_raised", "production_line", "title_focused")
    kept = [line for line in source.splitlines() if not line.startswith(new)]
    (tmp_path / "mine.toml").write_text("\n".join(kept))
    loaded = load_themes(tmp_path)
    assert loaded.problems == ()
    styles = Styles(loaded.themes["mine"], UNICODE)
    assert styles.production_line == styles.roles["production"]
    assert styles.title_focused == styles.accent
    assert styles.theme.colors.raised == styles.theme.colors.surface


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "monochrome"])
def test_no_pod_in_a_log_has_the_hue_of_production(name: str) -> None:
    styles = Styles(BUILT_IN[name], UNICODE)
    own = styles.theme.ink.production.color
    assert own is not None
    for number in range(HUES):
        color = pod_style(number, styles).color
        assert color is not None
        if styles.theme.terminal:
            assert "magenta" not in color.name
            continue
        apart = abs(_hue(color.name) - _hue(own)) % 360
        assert min(apart, 360 - apart) > 25, color.name
        assert _contrast(color.name, styles.theme.colors.surface) >= 4.5


def test_monochrome_has_no_colour_at_all() -> None:
    styles = Styles(BUILT_IN["monochrome"], UNICODE)
    all_styles = [*styles.statuses.values(), *styles.roles.values(), styles.accent, styles.muted]
    named = {style.color.name for style in all_styles if style.color}
    assert named <= {"default"}


def test_the_users_theme_joins_and_wins(tmp_path: Path) -> None:
    source = Path(str(__import__("opsboard_themes").__path__[0]), "light.toml").read_text()
    (tmp_path / "mine.toml").write_text(source)
    (tmp_path / "dark.toml").write_text(source)
    loaded = load_themes(tmp_path)
    assert loaded.themes["mine"] == loaded.themes["dark"] == BUILT_IN["light"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("title = ", "not TOML"),
        ('title = "x"\ndark = true\n', "colors: this key is missing"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_a_bad_theme_is_left_out_with_its_cause(tmp_path: Path, text: str, cause: str) -> None:
    (tmp_path / "bad.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    loaded = load_themes(tmp_path)
    assert "bad" not in loaded.themes
    assert cause in str(loaded.problems[0])
    assert "bad.toml" in str(loaded.problems[0])


def test_a_bad_colour_is_named(tmp_path: Path) -> None:
    source = Path(str(__import__("opsboard_themes").__path__[0]), "dark.toml").read_text()
    (tmp_path / "bad.toml").write_text(source.replace("#8a96a3", "greyish", 1))
    assert "colors.muted: must be #rrggbb" in str(load_themes(tmp_path).problems[0])


def test_each_glyph_set_tells_every_status_apart() -> None:
    for glyphs in (UNICODE, CONSOLE, ASCII):
        assert len(set(glyphs.status.values())) == len(Status)
        assert all(len(glyph) == 1 for glyph in glyphs.status.values())
    assert all(glyph.isascii() for glyph in (*ASCII.status.values(), ASCII.bar, ASCII.sparks))


@pytest.mark.parametrize(
    ("env", "utf8"),
    [
        ({}, True),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_CTYPE": "de_DE.ISO-8859-1"}, False),
    ],
)
def test_the_locale_decides_about_glyphs(env: dict[str, str], utf8: bool) -> None:
    assert is_utf8_locale(env) is utf8
    assert choose_glyphs(None, env) is (UNICODE if utf8 else ASCII)


@pytest.mark.parametrize(
    ("term", "chosen"),
    [
        ("xterm-256color", UNICODE), ("tmux-256color", UNICODE), ("screen", UNICODE), ("", UNICODE),
        ("linux", CONSOLE), ("linux-16color", CONSOLE), ("vt100", ASCII), ("vt220", ASCII),
        ("ansi", ASCII),
    ],
)  # fmt: skip
def test_the_terminal_has_glyphs_that_its_font_has(term: str, chosen: Glyphs) -> None:
    env = {"LANG": "en_US.UTF-8", "TERM": term}
    assert choose_glyphs(None, env) is chosen
    assert choose_glyphs(None, {**env, "LANG": "C"}) is ASCII
    assert choose_glyphs(False, env) is UNICODE
    drawn = chosen.in_these_glyphs("▁▂▃▄▅▆▇█ → ≥3h ≠")
    codec = "utf-8" if chosen is UNICODE else "cp437" if chosen is CONSOLE else "ascii"
    held = [value for _, value in chosen.__dict__.items() if isinstance(value, str)]
    for text in (*held, *chosen.status.values(), drawn):
        for char in text:
            assert char in "►▲↑↓→♦○" or char.encode(codec)  # the first 32 are no controls there


@pytest.mark.parametrize(
    ("glyphs", "drawn"),
    [
        (UNICODE, "→ fa2dec5  d0bf2e8 → 758896b  champion→6"),
        (CONSOLE, "→ fa2dec5  d0bf2e8 → 758896b  champion→6"),
        (ASCII, "> fa2dec5  d0bf2e8 > 758896b  champion=6"),
    ],
)
def test_a_change_of_version_never_reads_as_that_both_are_the_same(
    glyphs: Glyphs, drawn: str
) -> None:
    assert glyphs.in_these_glyphs("→ fa2dec5  d0bf2e8 → 758896b  champion→6") == drawn


@pytest.mark.parametrize(
    ("env", "few"),
    [
        ({"TERM": "linux"}, True), ({"TERM": "vt220"}, True), ({"TERM": "screen"}, True),
        ({"TERM": "xterm-256color"}, False), ({"TERM": "screen-256color"}, False),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, False), ({}, False),
    ],
)  # fmt: skip
def test_with_sixteen_colours_the_terminals_own_are_used(env: dict[str, str], few: bool) -> None:
    assert has_few_colors(env) is few


def test_what_is_asked_for_beats_the_locale() -> None:
    assert choose_glyphs(True, {"LANG": "C.UTF-8"}) is ASCII
    assert choose_glyphs(False, {"LC_ALL": "C"}) is UNICODE


def test_there_are_looks_without_an_app() -> None:
    assert default_styles().glyphs is UNICODE
