"""The top line: the program, the health of each source, the environment one is looking at."""

from rich.text import Text

from opsboard.text.escaping import escaped
from opsboard.ui.host import host_of
from opsboard.ui.looks import looks_of
from opsboard.ui.widgets.one_line import OneLine
from opsboard.ui.widgets.source_words import sources_text

_NAME = " opsboard "
_DEMO = " DEMO "
_NARROW = 48
_BADGES = 0.4
"""How much of the line may be taken by environments, before some are only counted."""
_LOUD = "production"


class TopLine(OneLine):
    """One line, never two. The environment is always there in full; the rest makes room.

    Of several environments as many are named as there is room for, production first, and the
    others are counted.
    """

    environments: tuple[str, ...] = ()

    def look_at(self, *environments: str) -> None:
        """Take in which environments one is looking at, or a plan touches."""
        told = sorted(set(environments) - {""}, key=lambda name: (name != _LOUD, name))
        if tuple(told) != self.environments:
            self.environments = tuple(told)
            self.redraw()

    def line(self, width: int) -> Text:
        """Return name, sources and environment, as *width* allows."""
        host, looks = host_of(self), looks_of(self)
        name = Text(_NAME if width >= _NARROW else " ", looks.accent)
        if host.demo:
            name.append(_DEMO, looks.demo)
        word = Text.assemble(self._read_only(width), self._badges(width))
        room = width - name.cell_len - word.cell_len - 2
        sources = sources_text(host.board.sources(), host.clock.now(), looks, room)
        gap = max(1, width - name.cell_len - 1 - sources.cell_len - word.cell_len)
        return Text.assemble(name, " " if name.cell_len > 1 else "", sources, " " * gap, word)

    def _read_only(self, width: int) -> Text:
        if not host_of(self).read_only:
            return Text()
        return Text("read-only " if width >= _NARROW else "RO ", looks_of(self).accent)

    def _badges(self, width: int) -> Text:
        looks, text = looks_of(self), Text()
        for at, environment in enumerate(self.environments):
            left = len(self.environments) - at
            badge = _badge(environment)
            if at and text.cell_len + len(badge) > width * _BADGES:
                return text.append(f" +{left} ", looks.muted)
            text.append(" " if at else "").append(badge, looks.environment(environment))
        return text


def _badge(environment: str) -> str:
    return f" {environment.upper() if environment == _LOUD else escaped(environment)} "
