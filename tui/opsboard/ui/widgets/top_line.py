"""The top line: the program, the health of each source, the environments and clusters on show."""

from collections.abc import Iterable, Sequence

from rich.style import Style
from rich.text import Text

from opsboard.records import Status
from opsboard.text.escaping import escaped
from opsboard.ui.forwards import forwards
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.layout import fit_text, truncate_text
from opsboard.ui.render.source_summary import source_summary
from opsboard.ui.theme.styles import PRODUCTION
from opsboard.ui.widgets.one_line_widget import OneLineWidget
from opsboard.views.scope import Scope, alerts_outside

_NAME = " opsboard "
_DEMO = " DEMO "
_NARROW = 48
_BADGES = 0.4
"""How much of the line may be taken by environments, before some are only counted."""
_CLUSTERS = 0.3
"""How much of the line the names of clusters may take."""
_SCOPE = 0.34
"""How much of the line the scope may take, before some of its names are only counted."""
_WAYS_FROM_THEN = (
    "   [ change before  ] change after  Esc now",
    "   [ before  ] after  Esc now",
    "   Esc now",
)
"""The keys that lead away from an earlier time, in as many words as there is room for."""


class TopLine(OneLineWidget):
    """One line, never two. The environment is always there in full; the rest makes room.

    For production, the whole line has its hue.

    Of several environments as many are named as there is room for, production first, and the
    others are counted.
    """

    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    def show_environments(self, *environments: str, clusters: Iterable[str] = ()) -> None:
        """Show *environments*: that of the record on show, or those that a plan touches.

        Behind them stand the *clusters* that those are in: production may be in several.
        """
        shown = sorted(set(environments) - {""}, key=lambda name: (name != PRODUCTION, name))
        named = sorted(set(clusters) - {"", *shown})
        if (tuple(shown), tuple(named)) != (self.environments, self.clusters):
            self.environments, self.clusters = tuple(shown), tuple(named)
            self.redraw()

    def on_mount(self) -> None:
        """Be drawn in inverse where what is shown is not of now."""
        self.set_class(self.context.as_of is not None, "-as-of")

    def ground(self, base: Style) -> tuple[Style, bool]:
        """Return the hue of production for the whole line while that is what keys are about.

        Where the hue is an inverse, all of the line is: other colours could not be read on it.
        """
        if self.context.as_of is not None or PRODUCTION not in self.environments:
            return base, False
        style = self.context.styles.production_line
        return base + style, bool(style.reverse)

    def line(self, width: int) -> Text:
        """Return name, sources and environment, as *width* allows."""
        context, styles = self.context, self.context.styles
        if context.as_of is not None:
            return self._as_of_line(width)
        name = Text(_NAME if width >= _NARROW else " ", styles.accent)
        if context.demo:
            name.append(_DEMO, styles.demo)
        words = (self._scope, self._forwards, self._read_only, self._badges, self._clusters)
        word = Text.assemble(*(part(width) for part in words))
        room = width - name.cell_len - word.cell_len - 2
        sources = source_summary(context.board.sources(), context.clock.now(), styles, room)
        gap = max(1, width - name.cell_len - 1 - sources.cell_len - word.cell_len)
        return Text.assemble(name, " " if name.cell_len > 1 else "", sources, " " * gap, word)

    def still_line(self, width: int, age: str, environments: Sequence[str]) -> Text:
        """Return the line of a frame that is kept for the next start: *age* says how old it is.

        How sources are now is not known then. The strictest of its *environments* is there.
        """
        styles = self.context.styles
        left = Text(_NAME if width >= _NARROW else " ", styles.accent)
        if self.context.demo:
            left.append(_DEMO, styles.demo)
        left.append(f" {age} old, from disk ", styles.roles["match"])
        words = [part(width) for part in (self._scope, self._read_only)]
        badges = Text(" ").join(Text(_badge(one), styles.environment(one)) for one in environments)
        right = Text.assemble(*words, badges)
        left.truncate(max(1, width - right.cell_len), overflow="crop", pad=True)
        return left.append_text(right)

    def _scope(self, width: int) -> Text:
        """Return the scope that panes are narrowed to, and the open alerts outside of it."""
        context, styles = self.context, self.context.styles
        text = Text()
        if not context.scope:
            return text
        text.append(_scope_words(context.scope, width), styles.roles["match"])
        if outside := alerts_outside(context.board, context.scope):
            worst = max((one.display_status for one in outside), key=lambda status: status.severity)
            glyph = styles.glyphs.status[worst]
            text.append(f" {glyph}{len(outside):,} outside", styles.statuses[worst])
        return text.append(" ")

    def _as_of_line(self, width: int) -> Text:
        """Return the time that the board is of, the keys that lead away from it, the environment.

        All of it is plain: the line is drawn in inverse, and means one thing.
        """
        left = Text(_DEMO if self.context.demo else "")
        left.append(f" AS OF {self.context.as_of_text}, READ-ONLY")
        words = [_scope_words(self.context.scope, width)] if self.context.scope else []
        right = Text(" ".join([*words, *map(_badge, self.environments)]))
        clusters = self._clusters(width).plain
        if left.cell_len + right.cell_len + len(clusters) <= width:
            right.append(clusters)
        room = width - left.cell_len - right.cell_len
        left.append(next((keys for keys in _WAYS_FROM_THEN if len(keys) < room), ""))
        truncate_text(left, max(1, width - right.cell_len), self.context.styles, pad=True)
        return left.append_text(right)

    def _forwards(self, width: int) -> Text:
        """Return how many ports of this machine lead into pods, for everybody on it."""
        if not (count := len(forwards(self.context.board))):
            return Text()
        word = "forward" if count == 1 else "forwards"
        text = f"{count} {word} " if width >= _NARROW else f"{count}F "
        return Text(text, self.context.styles.statuses[Status.WARNING])

    def _read_only(self, width: int) -> Text:
        if not self.context.read_only:
            return Text()
        return Text("read-only " if width >= _NARROW else "RO ", self.context.styles.accent)

    def _badges(self, width: int) -> Text:
        styles, text = self.context.styles, Text()
        for at, environment in enumerate(self.environments):
            left = len(self.environments) - at
            badge = _badge(environment)
            if at and text.cell_len + len(badge) > width * _BADGES:
                return text.append(f" +{left} ", styles.muted)
            text.append(" " if at else "").append(badge, styles.environment(environment))
        return text

    def _clusters(self, width: int) -> Text:
        """Return the clusters, unless the scope has named them already: the others are counted."""
        if not self.clusters or self.clusters == tuple(sorted(self.context.scope.clusters)):
            return Text()
        room, names = int(width * _CLUSTERS), [escaped(name) for name in self.clusters]
        for shown in range(len(names), 0, -1):
            told = _counted(names, shown)
            if len(told) <= room:
                return Text(f" {told} ", BOLD)
        more = f" +{len(names) - 1}" if len(names) > 1 else ""
        return Text(f" {fit_text(names[0], room - len(more), self.context.styles)}{more} ", BOLD)


def _badge(environment: str) -> str:
    return f" {environment.upper() if environment == PRODUCTION else escaped(environment)} "


def _scope_words(scope: Scope, width: int) -> str:
    """Return *scope* in at most a third of the line, the rest of its names counted."""
    parts = [(word, [escaped(name) for name in names]) for word, names in scope.parts if names]
    most = max((len(names) for _, names in parts), default=0)
    for shown in range(most, 0, -1):
        told = " ".join(f"{word} {_counted(names, shown)}" for word, names in parts)
        if len(told) <= width * _SCOPE:
            return f" {told} "
    return f" {told[: int(width * _SCOPE)]}… "


def _counted(names: Sequence[str], shown: int) -> str:
    more = len(names) - shown
    return ",".join(names[:shown]) + (f" +{more}" if more > 0 else "")
