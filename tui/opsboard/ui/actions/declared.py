"""Every action there is. This list, with what acts on the world in :mod:`.declared_acts`, is the
only place that names keys and commands.
"""

from opsboard.ui.actions.action import Action, Place
from opsboard.ui.actions.declared_acts import ACTS, CONFIRM, FORM, PLAN
from opsboard.ui.actions.registry import Registry
from opsboard.views.panes import PANES

_APP = (
    Action(
        "app.help", "Help", Place.APP, "Show the keys and commands of where you are.",
        keys=("question_mark", "f1"), commands=("help",), rank=90,
    ),
    Action(
        "app.command", "Command", Place.APP, "Type a command; Tab completes it.",
        keys=("colon",), rank=80,
    ),
    Action(
        "app.palette", "Palette", Place.APP, "Search everything that can be done.",
        keys=("ctrl+p",), handler="palette",
    ),
    Action(
        "app.refresh", "Refresh", Place.APP, "Ask the sources again now: all, or the one named.",
        keys=("r", "ctrl+r"), commands=("refresh",), takes="source", rank=60,
    ),
    Action(
        "app.sources", "Sources", Place.APP, "Show the health, scopes and budgets of every source.",
        keys=("i",), commands=("sources", "source", "health"),
    ),
    Action(
        "app.theme", "Theme", Place.APP, "Switch the theme; without a name, to the next one.",
        commands=("theme", "skin"), takes="theme",
    ),
    Action(
        "app.ascii", "ASCII", Place.APP, "Draw with ASCII characters only, or no longer.",
        commands=("ascii",),
    ),
    Action(
        "app.redraw", "Redraw", Place.APP,
        "Draw the whole screen anew, where something else wrote over it.",
        keys=("ctrl+l",), commands=("redraw",),
    ),
    Action(
        "app.quit", "Quit", Place.APP, "Leave the program.",
        keys=("ctrl+c", "ctrl+q"), commands=("quit", "q", "exit"),
    ),
)  # fmt: skip

_SCREEN = (
    Action(
        "screen.back", "Back", Place.SCREEN, "Go back to where you came from.",
        keys=("escape", "q"), commands=("back",), rank=10,
    ),
)  # fmt: skip

_BOARD = (
    Action(
        "board.zoom", "Zoom", Place.BOARD, "Show the pane in focus alone, or all panes again.",
        keys=("z",), commands=("zoom",), rank=40,
    ),
    Action(
        "board.overview", "Overview", Place.BOARD, "Show the four panes side by side.",
        keys=("0",), commands=("overview", "board"),
    ),
    Action(
        "board.next", "Next pane", Place.BOARD, "Go to the next pane.", keys=("tab",),
    ),
    Action(
        "board.previous", "Previous pane", Place.BOARD, "Go to the previous pane.",
        keys=("shift+tab",),
    ),
    Action(
        "board.back", "Back", Place.BOARD,
        "Drop the filter, then the marks, then the zoom: one at each press.", keys=("escape",),
    ),
    Action(
        "board.quit", "Quit", Place.BOARD, "Leave the program.", keys=("q",), rank=99,
    ),
)  # fmt: skip

_PANE = (
    Action(
        "pane.filter", "Filter", Place.PANE,
        "Show only rows that match: text, /regex/, !not, field:value.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    Action(
        "pane.sort", "Sort by", Place.PANE, "Sort by the column that is named.",
        commands=("sort",), takes="column",
    ),
    Action(
        "pane.sort_left", "Sort left", Place.PANE, "Sort by the column to the left.",
        keys=("less_than_sign",),
    ),
    Action(
        "pane.sort_right", "Sort right", Place.PANE, "Sort by the column to the right.",
        keys=("greater_than_sign",), rank=50,
    ),
    Action(
        "pane.reverse", "Reverse", Place.PANE, "Sort the other way round.",
        keys=("R",), commands=("reverse",),
    ),
    Action(
        "pane.mark", "Mark", Place.PANE, "Mark the row, or no longer.", keys=("space",), rank=55,
    ),
    Action(
        "pane.mark_all", "Mark all", Place.PANE, "Mark every row that is shown.", keys=("M",),
    ),
    Action(
        "pane.unmark", "Unmark", Place.PANE, "Take all marks away.", keys=("U",),
        commands=("unmark",),
    ),
)  # fmt: skip

_RECORD = (
    Action(
        "record.open", "Open", Place.RECORD, "See the record from near.",
        keys=("enter", "d"), commands=("describe", "detail"), rank=5,
    ),
    Action(
        "record.log", "Log", Place.RECORD, "Read its log.",
        keys=("L",), commands=("log", "logs"), rank=30,
    ),
    Action(
        "record.raw", "YAML", Place.RECORD, "See it as the server tells it, as YAML or JSON.",
        keys=("y",), commands=("raw", "yaml", "json"), rank=32,
    ),
    Action(
        "record.browser", "Browse", Place.RECORD,
        "Open its page in a browser, or tell the address.",
        keys=("o",), commands=("browse",), rank=34,
    ),
    Action(
        "record.copy", "Copy", Place.RECORD, "Copy its name, address or a cell to the clipboard.",
        keys=("c",), commands=("copy",), rank=36,
    ),
    Action(
        "record.acknowledge", "Acknowledge", Place.RECORD,
        "Say that the alert is known, or take that back; for marked rows too.",
        keys=("a",), commands=("acknowledge", "ack"), rank=70,
    ),
    Action(
        "record.snooze", "Snooze", Place.RECORD,
        "Silence the alert for a while; for marked rows too.",
        keys=("s",), commands=("snooze",), takes="duration", rank=72,
    ),
    Action(
        "record.take_up", "Take up", Place.RECORD,
        "Look what became of an act, and follow it.",
        keys=("K",), commands=("take-up",),
    ),
)  # fmt: skip

_MOVE = (
    Action("move.up", "Up", Place.MOVE, "One row up.", keys=("up", "k")),
    Action("move.down", "Down", Place.MOVE, "One row down.", keys=("down", "j")),
    Action("move.left", "Left", Place.MOVE, "To the left.", keys=("left", "h")),
    Action("move.right", "Right", Place.MOVE, "To the right.", keys=("right", "l")),
    Action(
        "move.page_up", "Page up", Place.MOVE, "One page up.",
        keys=("pageup", "ctrl+b", "ctrl+u"),
    ),
    Action(
        "move.page_down", "Page down", Place.MOVE, "One page on.",
        keys=("pagedown", "ctrl+f", "ctrl+d"),
    ),
    Action("move.top", "First", Place.MOVE, "To the first row.", keys=("home", "g")),
    Action("move.bottom", "Last", Place.MOVE, "To the last row.", keys=("end", "G")),
)  # fmt: skip

_DETAIL = (
    Action(
        "detail.next", "Next section", Place.DETAIL, "Go to the next section.", keys=("tab",),
        rank=40,
    ),
    Action(
        "detail.previous", "Previous section", Place.DETAIL, "Go to the previous section.",
        keys=("shift+tab",),
    ),
)  # fmt: skip

_LOG = (
    Action(
        "log.filter", "Filter", Place.LOG, "Show only lines that match: text, /regex/, !not.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    Action(
        "log.follow", "Follow", Place.LOG, "Stay at the end as lines arrive, or no longer.",
        keys=("f",), commands=("follow",), rank=30,
    ),
    Action(
        "log.pause", "Pause", Place.LOG, "Hold the screen still; lines are kept meanwhile.",
        keys=("space",), commands=("pause",), rank=32,
    ),
    Action(
        "log.next_error", "Next error", Place.LOG, "Go to the next line that is an error.",
        keys=("n",), rank=24,
    ),
    Action(
        "log.previous_error", "Previous error", Place.LOG, "Go to the error before this line.",
        keys=("N",),
    ),
    Action("log.wrap", "Wrap", Place.LOG, "Break long lines, or no longer.", keys=("w",), rank=34),
    Action(
        "log.times", "Times", Place.LOG, "Show when each line was written, or no longer.",
        keys=("t",), rank=36,
    ),
    Action(
        "log.parts", "Parts", Place.LOG, "Show which container or step a line is from.",
        keys=("p",),
    ),
    Action("log.copy", "Copy", Place.LOG, "Copy the line under the cursor.", keys=("c",)),
    Action(
        "log.save", "Save", Place.LOG, "Write the log to a file.",
        keys=("S",), commands=("save",), takes="file", rank=50,
    ),
)  # fmt: skip

_RAW = (
    Action(
        "raw.format", "YAML/JSON", Place.RAW, "Show it as JSON, or as YAML again.",
        keys=("f", "y"), rank=20,
    ),
    Action(
        "raw.search", "Search", Place.RAW, "Find text in it.", keys=("slash",),
        commands=("search",), takes="text", rank=30,
    ),
    Action("raw.next", "Next", Place.RAW, "To the next place found.", keys=("n",), rank=32),
    Action("raw.previous", "Previous", Place.RAW, "To the previous place found.", keys=("N",)),
    Action("raw.copy", "Copy", Place.RAW, "Copy all of it to the clipboard.", keys=("c",), rank=40),
)  # fmt: skip

_PROMPT = (
    Action("prompt.accept", "Accept", Place.PROMPT, "Take what is typed.", keys=("enter",), rank=1),
    Action("prompt.close", "Cancel", Place.PROMPT, "Leave the prompt.", keys=("escape",), rank=2),
    Action("prompt.complete", "Complete", Place.PROMPT, "Complete it.", keys=("tab",), rank=3),
    Action("prompt.older", "Older", Place.PROMPT, "What was typed before.", keys=("up",)),
    Action("prompt.newer", "Newer", Place.PROMPT, "What was typed after.", keys=("down",)),
)  # fmt: skip

_CHOICE = (
    Action("choice.take", "Take", Place.CHOICE, "Take what the cursor is on.", keys=("enter",)),
    Action("choice.close", "Cancel", Place.CHOICE, "Choose nothing.", keys=("escape", "q")),
)  # fmt: skip


_ALIASES = {
    "builds": ("build", "b", "ci", "runs"),
    "deployments": ("deployment", "deploy", "dp"),
    "models": ("model", "m"),
    "alerts": ("alert", "al"),
    "pods": ("pod", "po"),
    "jobs": ("job",),
    "cronjobs": ("cronjob", "cj"),
    "events": ("event", "ev"),
    "versions": ("version",),
    "activity": ("activities", "acts"),
}

_PANES = tuple(
    Action(
        f"pane.{pane.id}", pane.title, Place.APP, f"Go to {pane.title.lower()}.",
        keys=(str(pane.number),) if pane.number else (),
        commands=(pane.id, *_ALIASES.get(pane.id, ())),
        handler="show_pane", argument=pane.id,
    )
    for pane in PANES
)  # fmt: skip

ACTIONS = Registry(
    (
        *_MOVE,
        *_RECORD,
        *ACTS,
        *_PANE,
        *_BOARD,
        *_DETAIL,
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
    )
)
"""The registry of the program."""
