"""The top line: the program, the health of each source, the environment one is looking at."""

from rich.text import Text

from opsboard.ui.host import host_of
from opsboard.ui.looks import looks_of
from opsboard.ui.widgets.one_line import OneLine
from opsboard.ui.widgets.source_words import sources_text

_NAME = " opsboard "
_NARROW = 48


class TopLine(OneLine):
    """One line, never two. The environment is always there in full; the rest makes room."""

    environment = ""

    def look_at(self, environment: str) -> None:
        """Take in which environment one is looking at."""
        if environment != self.environment:
            self.environment = environment
            self.redraw()

    def line(self, width: int) -> Text:
        """Return name, sources and environment, as *width* allows."""
        host, looks = host_of(self), looks_of(self)
        name = Text(_NAME if width >= _NARROW else " ", looks.accent)
        word = Text.assemble(self._read_only(width), self._environment())
        room = width - name.cell_len - word.cell_len - 2
        sources = sources_text(host.board.sources(), host.clock.now(), looks, room)
        gap = max(1, width - name.cell_len - 1 - sources.cell_len - word.cell_len)
        return Text.assemble(name, " " if name.cell_len > 1 else "", sources, " " * gap, word)

    def _read_only(self, width: int) -> Text:
        if not host_of(self).read_only:
            return Text()
        return Text("read-only " if width >= _NARROW else "RO ", looks_of(self).accent)

    def _environment(self) -> Text:
        if not self.environment:
            return Text()
        word = self.environment.upper() if self.environment == "production" else self.environment
        return Text(f" {word} ", looks_of(self).environment(self.environment))
