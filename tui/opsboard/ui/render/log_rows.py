"""How a line of a log is drawn: where it is from, how severe it is, what it says."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from zlib import crc32

from rich.style import Style
from rich.text import Text

from opsboard.adapter import AnnotationLevel, LogAnnotation, LogLine
from opsboard.records import Status
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.log_buffer import omitted_text
from opsboard.views.filter_terms import Finder
from opsboard.views.log_levels import LogLevel, parse_content

_PALETTES: Final[Mapping[str, tuple[str, ...]]] = {
    "terminal": (
        "cyan", "bright_blue", "green", "bright_cyan", "bright_green",
    ),
    "dark": (
        "#6cb2f7", "#5cc8e0", "#5fd7c5", "#f2a0c9", "#a3be5c", "#8fa8ff", "#d8a47f", "#7fd18b",
    ),
    "light": (
        "#0b5cad", "#0a6a80", "#00756b", "#a8286f", "#4f6b00", "#3a4fc4", "#8a4b12", "#1a7431",
    ),
}  # fmt: skip
"""Up to eight hues for pods. None is red, which means failed, the yellow of a warning, or that of
production; nor the plain blue of terminals, which is too dark on black."""

HUES: Final = 8
LEVEL_WIDTH: Final = 6
_LEVELS: Final = {
    LogLevel.NONE: "", LogLevel.TRACE: "TRACE", LogLevel.DEBUG: "DEBUG", LogLevel.INFO: "INFO",
    LogLevel.WARN: "WARN", LogLevel.ERROR: "ERROR", LogLevel.FATAL: "FATAL",
}  # fmt: skip


def choose_hue(name: str, taken: Collection[int]) -> int:
    """Return which of the hues the pod called *name* has: by its name, so that it is the same each
    time, unless another that is shown has *taken* it while some are free."""
    own = crc32(name.encode()) % HUES
    order = [(own + step) % HUES for step in range(HUES)]
    return next((hue for hue in order if hue not in taken), own)


def pod_style(hue: int, styles: Styles) -> Style:
    """Return the colour of a pod; none where a theme has no hues."""
    theme = styles.theme
    if not theme.status.ok.color or theme.status.ok.color == "ansi_default":
        return styles.muted
    palette = _PALETTES["terminal" if theme.terminal else "dark" if theme.dark else "light"]
    return Style(color=palette[hue % len(palette)])


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Return what tells each of *names* from the others: the end of a pod's name, if it does."""
    full = list(names)
    ends = [re.split(r"[-.]", name)[-1] for name in full]
    counts = Counter(ends)
    return {
        name: end if counts[end] == 1 and end else name
        for name, end in zip(full, ends, strict=True)
    }


def pods_text(
    groups: Iterable[str], failed: Iterable[str], styles: Styles, what: str = "pods"
) -> str:
    """Return of how many pods, or of *what* else, a log is, and which of them fail; ``""`` for a
    single one."""
    known = [name for name in groups if name]
    names = short_names(known) if what == "pods" else {name: name for name in known}
    if len(names) < 2:
        return ""
    sign = styles.glyphs.status[Status.FAILED]
    failing = [f"{sign}{names[name]}" for name in failed if name in names]
    more = f" +{len(failing) - 2}" if len(failing) > 2 else ""
    return f"{len(names)} {what} {' '.join(failing[:2])}{more}".rstrip()


def level_style(level: LogLevel, styles: Styles) -> Style:
    """Return the colour of a level. Red is for what has failed alone."""
    if level >= LogLevel.ERROR:
        return styles.statuses[Status.FAILED]
    if level is LogLevel.WARN:
        return styles.statuses[Status.WARNING]
    return styles.muted if level in {LogLevel.TRACE, LogLevel.DEBUG} else Style.null()


def message_text(line: LogLine, level: LogLevel, styles: Styles, *, parsed: bool) -> Text:
    """Return what *line* says. A structured line is shown as level, message and fields if
    *parsed*, else as it was written."""
    own = level_style(level, styles)
    if line.annotation is not None:
        return _annotated(line, styles)
    more = omitted_text(line)
    content = parse_content(line.text) if parsed and not more else None
    if content is None or not content.structured:
        note = level is LogLevel.NONE and line.text[:1] == "(" and line.text[-1:] == ")"
        text = Text().append(line.text, styles.muted if note else own)
        return text.append(more, styles.muted) if more else text
    text = Text().append(f"{_LEVELS[level]:<{LEVEL_WIDTH}}", own)
    text.append(content.message, own if level >= LogLevel.WARN else "")
    for key, value in content.fields.items():
        text.append(f"  {key}={value}", styles.muted)
    return text


_ANNOTATIONS: Final = {
    AnnotationLevel.ERROR: Status.FAILED, AnnotationLevel.WARNING: Status.WARNING,
    AnnotationLevel.NOTICE: Status.OK,
}  # fmt: skip


def annotation_style(level: AnnotationLevel, styles: Styles) -> Style:
    """Return the colour of an annotation; a notice has none."""
    if level is AnnotationLevel.NOTICE:
        return styles.accent
    return styles.statuses[_ANNOTATIONS[level]]


def _annotated(line: LogLine, styles: Styles) -> Text:
    """Return an annotation: what it says, below its title, and where in the sources."""
    level, place, title = line.annotation or LogAnnotation(AnnotationLevel.NOTICE)
    text = Text().append(line.text, annotation_style(level, styles))
    if title:
        text.append(f"  {title}", "bold")
    if place:
        text.append(f"  {place}", styles.accent)
    return text.append(omitted_text(line), styles.muted)


INDENT: Final = 4
"""Columns by which a line stands further to the right, for each head that it is of."""


def head_text(line: LogLine, size: int, styles: Styles, *, folded: bool) -> Text:
    """Return the head of a fold of *size* lines: of a job or a step, or of a group that the log
    itself names."""
    sign = ("[+] " if size else "    ") if folded or not size else "[-] "
    text = Text().append(sign, styles.accent if size else styles.muted)
    if (status := line.status) is not None:
        text.append(f"{styles.glyphs.status[status]} ", styles.statuses[status])
    own = styles.statuses[Status.FAILED] if line.failed else Style.null()
    text.append(line.text, own + Style(bold=line.title))
    if folded and size:
        text.append(f"  {size:,} line{'s' * (size != 1)}", styles.muted)
    return text


def mark_hits(text: Text, marks: Iterable[Finder], style: Style) -> None:
    """Mark in *text* what *marks* find."""
    plain = text.plain
    for find in marks:
        for begin, end in find(plain):
            if end > begin:
                text.stylize(style, begin, end)
