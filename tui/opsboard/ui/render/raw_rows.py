"""How YAML and JSON are written on a page: keys set apart, what is sought marked."""

import re
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from opsboard.ui.render.layout import PageRow
from opsboard.ui.theme.styles import Styles

_KEY: Final = re.compile(r'^(\s*(?:- )*)("(?:[^"\\]|\\.)*"|[^\s:#"\'][^:]*)(:)(?= |$)')


def raw_rows(text: str, sought: str, styles: Styles) -> Sequence[PageRow]:
    """Return a row for each line of *text*."""
    return [
        PageRow(_drawn(line, sought, styles), selectable=True, copy_text=line, key=number)
        for number, line in enumerate(text.split("\n"))
    ]


def _drawn(line: str, sought: str, styles: Styles) -> Text:
    text = Text(f" {line}")
    if key := _KEY.match(line):
        text.stylize(styles.accent, key.start(2) + 1, key.end(2) + 1)
    if sought:
        for found in re.finditer(re.escape(sought), line, re.IGNORECASE):
            text.stylize(styles.roles["match"], found.start() + 1, found.end() + 1)
    return text
