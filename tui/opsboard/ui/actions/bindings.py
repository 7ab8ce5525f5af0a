"""Every action there is. This list, with what acts on the world in :mod:`.screen_bindings`, is the
only place that names keys and commands; the words of an adapter's own actions come from it.
"""

from collections.abc import Iterator
from itertools import chain

from opsboard.adapter.action_spec import LOADED_ACTIONS
from opsboard.ui.actions.registry import UiActionRegistry
from opsboard.ui.actions.screen_bindings import ACTS, CONFIRM, FORM, PLAN
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.views.panes import panes

_APP = (
    UiAction(
        "app.help", "Help", BindingScope.APP, "Show the keys and commands of where you are.",
        keys=("question_mark", "f1"), commands=("help",), rank=90,
    ),
    UiAction(
        "app.command", "Command", BindingScope.APP, "Type a command; Tab completes it.",
        keys=("colon",), rank=80,
    ),
    UiAction(
        "app.palette", "Palette", BindingScope.APP, "Search all actions and commands.",
        keys=("ctrl+p",), handler="palette",
    ),
    UiAction(
        "app.refresh", "Refresh", BindingScope.APP,
        "Ask the sources again now: all, or the one named.",
        keys=("r", "ctrl+r"), commands=("refresh",), takes="source", rank=60,
    ),
    UiAction(
        "app.sources", "Sources", BindingScope.APP,
        "Show the health, scopes and budgets of every source.",
        keys=("i",), commands=("sources", "source", "health"),
    ),
    UiAction(
        "app.timeline", "Time line", BindingScope.APP,
        "Show what changed of everything; a filter may follow.",
        commands=("timeline", "tl"), takes="filter",
    ),
    UiAction(
        "app.at", "At a time", BindingScope.APP,
        "Show the board as it was: 14:02, -2h; without a time, as it is now.",
        commands=("at",), takes="time",
    ),
    UiAction(
        "app.where", "Where", BindingScope.APP,
        "Show where a commit is: built, in which images, live since when.",
        commands=("where",), takes="sha",
    ),
    UiAction(
        "app.handover", "Hand-over", BindingScope.APP,
        "Show a page to paste for who comes next: of the last 8 hours, or since a time.",
        commands=("handover",), takes="since",
    ),
    UiAction(
        "app.theme", "Theme", BindingScope.APP,
        "Switch the theme; without a name, to the next one.",
        commands=("theme", "skin"), takes="theme",
    ),
    UiAction(
        "app.ascii", "ASCII", BindingScope.APP, "Draw with ASCII characters only, on or off.",
        commands=("ascii",),
    ),
    UiAction(
        "app.redraw", "Redraw", BindingScope.APP,
        "Draw the whole screen again, after something else wrote over it.",
        keys=("ctrl+l",), commands=("redraw",),
    ),
    UiAction(
        "app.quit", "Quit", BindingScope.APP, "Leave the program.",
        keys=("ctrl+c", "ctrl+q"), commands=("quit", "q", "exit"),
    ),
)  # fmt: skip

_SCREEN = (
    UiAction(
        "screen.back", "Back", BindingScope.SCREEN, "Go back to where you came from.",
        keys=("escape", "q"), commands=("back",), rank=10,
    ),
)  # fmt: skip

_BOARD = (
    UiAction(
        "board.zoom", "Zoom", BindingScope.BOARD,
        "Show the pane in focus alone, or all panes again.",
        keys=("z",), commands=("zoom",), rank=40,
    ),
    UiAction(
        "board.overview", "Overview", BindingScope.BOARD, "Show the numbered panes together.",
        keys=("0",), commands=("overview", "board"),
    ),
    UiAction(
        "board.earlier", "Change before", BindingScope.BOARD,
        "Show the board as it was before the last change, read-only; again, one change further.",
        keys=("left_square_bracket",),
    ),
    UiAction(
        "board.later", "Change after", BindingScope.BOARD,
        "Step to the change after, up to now.",
        keys=("right_square_bracket",),
    ),
    UiAction(
        "board.next", "Next pane", BindingScope.BOARD, "Go to the next pane.", keys=("tab",),
    ),
    UiAction(
        "board.previous", "Previous pane", BindingScope.BOARD, "Go to the previous pane.",
        keys=("shift+tab",),
    ),
    UiAction(
        "board.back", "Back", BindingScope.BOARD,
        "Drop the filter, then the marks, then the zoom: one at each press.", keys=("escape",),
    ),
    UiAction(
        "board.quit", "Quit", BindingScope.BOARD, "Leave the program.", keys=("q",), rank=99,
    ),
)  # fmt: skip

_PANE = (
    UiAction(
        "pane.filter", "Filter", BindingScope.PANE,
        "Show only rows that match: text, /regex/, !not, field:value.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    UiAction(
        "pane.sort", "Sort by", BindingScope.PANE, "Sort by the column that is named.",
        commands=("sort",), takes="column",
    ),
    UiAction(
        "pane.sort_left", "Sort left", BindingScope.PANE, "Sort by the column to the left.",
        keys=("less_than_sign",),
    ),
    UiAction(
        "pane.sort_right", "Sort right", BindingScope.PANE, "Sort by the column to the right.",
        keys=("greater_than_sign",), rank=50,
    ),
    UiAction(
        "pane.reverse", "Reverse", BindingScope.PANE, "Sort the other way round.",
        keys=("R",), commands=("reverse",),
    ),
    UiAction(
        "pane.mark", "Mark", BindingScope.PANE,
        "Mark the row, or remove its mark.", keys=("space",), rank=55,
    ),
    UiAction(
        "pane.mark_all", "Mark all", BindingScope.PANE,
        "Mark every row that is shown.", keys=("M",),
    ),
    UiAction(
        "pane.unmark", "Unmark", BindingScope.PANE, "Remove all marks.", keys=("U",),
        commands=("unmark",),
    ),
)  # fmt: skip

_RECORD = (
    UiAction(
        "record.open", "Open", BindingScope.RECORD, "Open its detail.",
        keys=("enter", "d"), commands=("describe", "detail"), rank=5,
    ),
    UiAction(
        "record.log", "Log", BindingScope.RECORD, "Read its log.",
        keys=("L",), commands=("log", "logs"), rank=30,
    ),
    UiAction(
        "record.raw", "YAML", BindingScope.RECORD,
        "Show it as the server returns it, as YAML or JSON.",
        keys=("y",), commands=("raw", "yaml", "json"), rank=32,
    ),
    UiAction(
        "record.browser", "Browse", BindingScope.RECORD,
        "Open its web page in a browser, or copy the address.",
        keys=("o",), commands=("browse",), rank=34,
    ),
    UiAction(
        "record.copy", "Copy", BindingScope.RECORD,
        "Copy its name, address or a cell to the clipboard.",
        keys=("c",), commands=("copy",), rank=36,
    ),
    UiAction(
        "record.lineage", "Chain", BindingScope.RECORD,
        "Show what it is made of, and what is made of it, each edge with its rule.",
        keys=("g",), commands=("chain", "lineage"), rank=22,
    ),
    UiAction(
        "record.timeline", "Time line", BindingScope.RECORD,
        "Show what happened to it, and to what it is joined to.",
        keys=("t",), rank=24,
    ),
    UiAction(
        "record.before_red", "What changed", BindingScope.RECORD,
        "Show what changed before it went red, the likeliest first.",
        keys=("w",), commands=("changed",), rank=26,
    ),
    UiAction(
        "record.acknowledge", "Acknowledge", BindingScope.RECORD,
        "Acknowledge the alert, or undo that; for marked rows too.",
        keys=("a",), commands=("acknowledge", "ack"), rank=70,
    ),
    UiAction(
        "record.snooze", "Snooze", BindingScope.RECORD,
        "Snooze the alert for a while; for marked rows too.",
        keys=("s",), commands=("snooze",), takes="duration", rank=72,
    ),
    UiAction(
        "record.take_up", "Take up", BindingScope.RECORD,
        "Find out what became of an action, and follow it.",
        keys=("K",), commands=("take-up",),
    ),
)  # fmt: skip

_MOVE = (
    UiAction("move.up", "Up", BindingScope.MOVE, "One row up.", keys=("up", "k")),
    UiAction("move.down", "Down", BindingScope.MOVE, "One row down.", keys=("down", "j")),
    UiAction("move.left", "Left", BindingScope.MOVE, "To the left.", keys=("left", "h")),
    UiAction("move.right", "Right", BindingScope.MOVE, "To the right.", keys=("right", "l")),
    UiAction(
        "move.page_up", "Page up", BindingScope.MOVE, "One page up.",
        keys=("pageup", "ctrl+b", "ctrl+u"),
    ),
    UiAction(
        "move.page_down", "Page down", BindingScope.MOVE, "One page down.",
        keys=("pagedown", "ctrl+f", "ctrl+d"),
    ),
    UiAction("move.top", "First", BindingScope.MOVE, "To the first row.", keys=("home",)),
    UiAction("move.bottom", "Last", BindingScope.MOVE, "To the last row.", keys=("end", "G")),
)  # fmt: skip

_DETAIL = (
    UiAction(
        "detail.next", "Next section", BindingScope.DETAIL,
        "Go to the next section.", keys=("tab",),
        rank=40,
    ),
    UiAction(
        "detail.previous", "Previous section", BindingScope.DETAIL, "Go to the previous section.",
        keys=("shift+tab",),
    ),
)  # fmt: skip

_TIMELINE = (
    UiAction(
        "timeline.filter", "Filter", BindingScope.TIMELINE,
        "Show only what matches: text, /regex/, !not, kind:deploy, who:name.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    UiAction(
        "timeline.zoom_in", "Shorter", BindingScope.TIMELINE, "Show a shorter stretch of time.",
        keys=("plus",), rank=40,
    ),
    UiAction(
        "timeline.zoom_out", "Longer", BindingScope.TIMELINE, "Show a longer stretch of time.",
        keys=("minus",), rank=42,
    ),
    UiAction(
        "timeline.everything", "Everything", BindingScope.TIMELINE,
        "Show what is of less weight too: progress on the way.", keys=("e",), rank=44,
    ),
)  # fmt: skip

_BEFORE_RED = (
    UiAction(
        "before_red.undo", "Take back", BindingScope.BEFORE_RED,
        "Plan what would take this change back.", keys=("u",), rank=13,
    ),
)  # fmt: skip

_REPORT = (
    UiAction(
        "report.copy", "Copy", BindingScope.REPORT,
        "Copy the whole page to the clipboard.", keys=("c",), rank=10,
    ),
)  # fmt: skip

_LOG = (
    UiAction(
        "log.filter", "Filter", BindingScope.LOG,
        "Show only lines that match: text, /regex/, !not.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    UiAction(
        "log.follow", "Follow", BindingScope.LOG, "Follow the end as lines arrive, on or off.",
        keys=("f",), commands=("follow",), rank=30,
    ),
    UiAction(
        "log.pause", "Pause", BindingScope.LOG, "Pause the display; lines are kept meanwhile.",
        keys=("space",), commands=("pause",), rank=32,
    ),
    UiAction(
        "log.next_error", "Next error", BindingScope.LOG, "Go to the next line that is an error.",
        keys=("n",), rank=24,
    ),
    UiAction(
        "log.previous_error", "Previous error", BindingScope.LOG,
        "Go to the error before this line.",
        keys=("N",),
    ),
    UiAction(
        "log.wrap", "Wrap", BindingScope.LOG,
        "Wrap long lines, or cut them off.", keys=("w",), rank=34,
    ),
    UiAction(
        "log.times", "Times", BindingScope.LOG, "Show or hide the time of each line.",
        keys=("t",), rank=36,
    ),
    UiAction(
        "log.parts", "Parts", BindingScope.LOG, "Show which container or step a line is from.",
        keys=("p",),
    ),
    UiAction("log.top", "First", BindingScope.LOG, "To the first line.", keys=("g",)),
    UiAction("log.copy", "Copy", BindingScope.LOG, "Copy the line under the cursor.", keys=("c",)),
    UiAction(
        "log.save", "Save", BindingScope.LOG, "Write the log to a file.",
        keys=("S",), commands=("save",), takes="file", rank=50,
    ),
)  # fmt: skip

_RAW = (
    UiAction(
        "raw.format", "YAML/JSON", BindingScope.RAW, "Show it as JSON, or as YAML again.",
        keys=("f", "y"), rank=20,
    ),
    UiAction(
        "raw.search", "Search", BindingScope.RAW, "Find text in it.", keys=("slash",),
        commands=("search",), takes="text", rank=30,
    ),
    UiAction(
        "raw.next", "Next", BindingScope.RAW, "To the next match.", keys=("n",), rank=32,
    ),
    UiAction(
        "raw.previous", "Previous", BindingScope.RAW, "To the previous match.", keys=("N",),
    ),
    UiAction("raw.top", "First", BindingScope.RAW, "To the first line.", keys=("g",)),
    UiAction(
        "raw.copy", "Copy", BindingScope.RAW,
        "Copy all of it to the clipboard.", keys=("c",), rank=40,
    ),
)  # fmt: skip

_PROMPT = (
    UiAction(
        "prompt.accept", "Accept", BindingScope.PROMPT,
        "Accept what is typed.", keys=("enter",), rank=1,
    ),
    UiAction(
        "prompt.close", "Cancel", BindingScope.PROMPT,
        "Leave the prompt.", keys=("escape",), rank=2,
    ),
    UiAction(
        "prompt.complete", "Complete", BindingScope.PROMPT, "Complete it.", keys=("tab",), rank=3,
    ),
    UiAction("prompt.older", "Older", BindingScope.PROMPT, "To the previous entry.", keys=("up",)),
    UiAction("prompt.newer", "Newer", BindingScope.PROMPT, "To the next entry.", keys=("down",)),
)  # fmt: skip

_CHOICE = (
    UiAction(
        "choice.take", "Take", BindingScope.CHOICE, "Choose the line of the cursor.",
        keys=("enter",),
    ),
    UiAction(
        "choice.close", "Cancel", BindingScope.CHOICE, "Choose nothing.", keys=("escape", "q"),
    ),
)  # fmt: skip


def _pane_actions() -> Iterator[UiAction]:
    """Yield an action for each table; those of an adapter's kinds join when it is loaded."""
    for pane in panes():
        yield UiAction(
            f"pane.{pane.id}", pane.title, BindingScope.APP, f"Go to {pane.title.lower()}.",
            keys=(str(pane.number),) if pane.number else (),
            commands=(pane.id, *pane.aliases),
            handler="show_pane", argument=pane.id,
        )  # fmt: skip


def _adapter_actions() -> Iterator[UiAction]:
    """Yield a command for each action of the adapters that are loaded, unless its word is taken."""
    for spec in chain.from_iterable(tuple(LOADED_ACTIONS.values())):
        yield UiAction(
            f"record.{spec.id}", spec.title, BindingScope.ACT, spec.help,
            commands=(spec.id,), handler="act", argument=spec.id,
        )  # fmt: skip


def _later_actions() -> Iterator[UiAction]:
    yield from _pane_actions()
    yield from _adapter_actions()


_PANES = tuple(_pane_actions())

ACTIONS = UiActionRegistry(
    (
        *_MOVE,
        *_RECORD,
        *ACTS,
        *_PANE,
        *_BOARD,
        *_DETAIL,
        *_TIMELINE,
        *_BEFORE_RED,
        *_REPORT,
        *_LOG,
        *_RAW,
        *PLAN,
        *FORM,
        *CONFIRM,
        *_PROMPT,
        *_CHOICE,
        *_SCREEN,
        *_PANES,
        *_APP,
    ),
    later=_later_actions,
)
"""The registry of the program."""
