"""The keys of the board and its panes, and those that move in any list."""

from opsboard.ui.actions.ui_action import BindingScope, UiAction

BOARD = (
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

PANE = (
    UiAction(
        "pane.filter", "Filter", BindingScope.PANE,
        "Show only rows that match: text, /regex/, !not, field:value.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    UiAction(
        "pane.only_wrong", "Only wrong", BindingScope.PANE,
        "Show only what is wrong, in every pane, or all again.",
        keys=("exclamation_mark",), commands=("wrong",), rank=23,
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

MOVE = (
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
