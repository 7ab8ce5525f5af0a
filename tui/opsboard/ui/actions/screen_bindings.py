"""The keys of the screens beyond the board: pages, logs, and those on the way to an act."""

from opsboard.ui.actions.ui_action import BindingScope, UiAction

STEPPED = (
    UiAction(
        "time.earlier", "Change before", BindingScope.STEPPED,
        "On a board as of a time: the same page at the change before.",
        keys=("left_square_bracket",),
    ),
    UiAction(
        "time.later", "Change after", BindingScope.STEPPED,
        "On a board as of a time: the same page at the change after.",
        keys=("right_square_bracket",),
    ),
)  # fmt: skip

DETAIL = (
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

TIMELINE = (
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

BEFORE_RED = (
    UiAction(
        "before_red.undo", "Take back", BindingScope.BEFORE_RED,
        "Plan what would take this change back.", keys=("u",), rank=11,
    ),
)  # fmt: skip

DELIVERY = (
    UiAction(
        "delivery.shorter", "Shorter", BindingScope.DELIVERY,
        "Show the figures of fewer days: 7, 30 or 90.", keys=("plus",), rank=40,
    ),
    UiAction(
        "delivery.longer", "Longer", BindingScope.DELIVERY,
        "Show the figures of more days: 7, 30 or 90.", keys=("minus",), rank=42,
    ),
)  # fmt: skip

REPORT = (
    UiAction(
        "report.copy", "Copy", BindingScope.REPORT,
        "Copy the whole page to the clipboard.", keys=("c",), rank=10,
    ),
)  # fmt: skip

LOG = (
    UiAction(
        "log.filter", "Filter", BindingScope.LOG,
        "Show only lines that match: text, /regex/, !not, level>=warn, pod:name.",
        keys=("slash",), commands=("filter",), takes="filter", rank=20,
    ),
    UiAction(
        "log.search", "Search", BindingScope.LOG, "Look for text, and hide nothing.",
        commands=("search",), takes="text",
    ),
    UiAction(
        "log.next_hit", "Next hit", BindingScope.LOG,
        "Go to the next line that the filter has found.", keys=("n",), rank=22,
    ),
    UiAction(
        "log.previous_hit", "Previous hit", BindingScope.LOG, "Go to the hit before.", keys=("N",),
    ),
    UiAction(
        "log.next_error", "Next error", BindingScope.LOG, "Go to the next line that is an error.",
        keys=("e",), rank=24,
    ),
    UiAction(
        "log.previous_error", "Previous error", BindingScope.LOG,
        "Go to the error before this line.",
        keys=("E",),
    ),
    UiAction(
        "log.fold", "Fold", BindingScope.LOG,
        "Open the fold under the cursor, or fold the step or group that its line is of; Right and "
        "Left do so, too.",
        keys=("enter",), rank=14,
    ),
    UiAction(
        "log.fold_all", "Fold all", BindingScope.LOG,
        "Open all steps and groups, or fold again those that are well.", keys=("z",), rank=16,
    ),
    UiAction(
        "log.annotations", "Annotations", BindingScope.LOG,
        "List the annotations of a build, to go to one.",
        keys=("a",), commands=("annotations",), rank=17,
    ),
    UiAction(
        "log.whole", "All jobs", BindingScope.LOG,
        "Read the log of all jobs of a build, or again that of one.",
        keys=("A",), commands=("whole",), rank=18,
    ),
    UiAction(
        "log.hide", "Hide others", BindingScope.LOG,
        "Hide the lines that do not match, or show them among the hits.", keys=("F",),
    ),
    UiAction(
        "log.context", "Context", BindingScope.LOG,
        "Show 3 lines around each hit, then 10, then none.", keys=("C",),
    ),
    UiAction(
        "log.containers", "Container", BindingScope.LOG,
        "Pick containers, or steps of a build; Space marks several.",
        keys=("c",), commands=("containers",), rank=26,
    ),
    UiAction(
        "log.pods", "Pod", BindingScope.LOG,
        "Pick pods, or jobs of a build; Space marks several.", keys=("p",), rank=27,
    ),
    UiAction(
        "log.previous", "Previous", BindingScope.LOG,
        "Read the instances before the present ones, or these again.", keys=("P",),
        commands=("previous",),
    ),
    UiAction(
        "log.init", "Init", BindingScope.LOG, "Read init containers too, or no longer.",
        keys=("I",), commands=("init",),
    ),
    UiAction(
        "log.since", "Since", BindingScope.LOG,
        "Read from a time on: 15m, 14:02; nothing for the last lines.",
        keys=("S",), commands=("since",), takes="time", rank=52,
    ),
    UiAction(
        "log.follow", "Follow", BindingScope.LOG, "Follow the end as lines arrive, on or off.",
        keys=("f",), commands=("follow",), rank=30,
    ),
    UiAction(
        "log.pause", "Pause", BindingScope.LOG,
        "Pause the display; some lines are kept meanwhile, and then the source waits.",
        keys=("space",), commands=("pause",), rank=32,
    ),
    UiAction(
        "log.wrap", "Wrap", BindingScope.LOG,
        "Wrap long lines, or cut them off.", keys=("w",), rank=34,
    ),
    UiAction(
        "log.times", "Times", BindingScope.LOG, "Show or hide the time of each line.",
        keys=("t", "T"), rank=36,
    ),
    UiAction(
        "log.parts", "Names", BindingScope.LOG,
        "Show or hide which pod, container or step a line is from.", keys=("o",),
    ),
    UiAction(
        "log.parsed", "Parsed", BindingScope.LOG,
        "Show JSON and logfmt as level, message and fields, or as they were written.",
        keys=("J",),
    ),
    UiAction("log.top", "First", BindingScope.LOG, "To the first line.", keys=("g",)),
    UiAction("log.copy", "Copy", BindingScope.LOG, "Copy the line under the cursor.", keys=("y",)),
    UiAction(
        "log.save", "Save", BindingScope.LOG,
        "Write the log to a file, or what the filter shows of it.",
        keys=("s",), commands=("save",), takes="file", rank=50,
    ),
)  # fmt: skip

RAW = (
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

PLAN = (
    UiAction(
        "plan.carry_out", "Carry out", BindingScope.PLAN,
        "Go on to what the policy asks for: a confirmation, or name and reason.",
        keys=("enter",), rank=1,
    ),
    UiAction(
        "plan.edit", "Edit", BindingScope.PLAN, "Change its inputs, and plan again.",
        keys=("e",), commands=("edit",), rank=3,
    ),
    UiAction(
        "plan.on_failure", "If one fails", BindingScope.PLAN,
        "Of several: stop at the first that fails, or go on with the others.",
        keys=("f",), rank=4,
    ),
    UiAction(
        "plan.copy", "Copy", BindingScope.PLAN,
        "Copy the line under the cursor.", keys=("c",), rank=20,
    ),
)  # fmt: skip

FORM = (
    UiAction(
        "form.accept", "Next", BindingScope.FORM, "Go on to the next input; at the last one, plan.",
        keys=("enter",), rank=1,
    ),
    UiAction(
        "form.submit", "Plan", BindingScope.FORM,
        "Plan with what is filled in.", keys=("ctrl+s",), rank=2,
    ),
    UiAction(
        "form.toggle", "Toggle", BindingScope.FORM,
        "Switch between yes and no.", keys=("space",), rank=3,
    ),
    UiAction(
        "form.down", "Down", BindingScope.FORM, "To the next choice or input.", keys=("down",),
    ),
    UiAction("form.up", "Up", BindingScope.FORM, "To the previous choice or input.", keys=("up",)),
    UiAction(
        "form.next", "Next input", BindingScope.FORM, "To the next input.", keys=("tab",), rank=4,
    ),
    UiAction(
        "form.previous", "Previous input", BindingScope.FORM,
        "To the previous input.", keys=("shift+tab",),
    ),
)  # fmt: skip

CONFIRM = (
    UiAction(
        "confirm.yes", "Yes", BindingScope.CONFIRM, "Confirm: do it.", keys=("y",), rank=1,
    ),
    UiAction(
        "confirm.no", "No", BindingScope.CONFIRM, "Do nothing.", keys=("escape", "n", "q"), rank=2,
    ),
)  # fmt: skip
