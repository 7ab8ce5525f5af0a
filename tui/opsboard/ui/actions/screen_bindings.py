"""What acts on the world, and the keys of the screens on the way there.

The words of the actions are those of :attr:`opsboard.adapter.ActionSpec.id`. A key opens a plan,
never more; what plain keys there are has to come through tmux, so none has a modifier but Ctrl.
"""

from opsboard.ui.actions.ui_action import BindingScope, UiAction

_VERBS = (
    ("restart", "Restart", "Plan to restart its pods, one after the other."),
    ("scale", "Scale", "Plan to run more replicas of it, or fewer."),
    ("pause", "Pause", "Plan to hold its roll-out."),
    ("resume", "Resume", "Plan to let its roll-out go on."),
    ("run", "Run now", "Plan to run it now, beside its schedule."),
    ("suspend", "Suspend", "Plan to take it off its schedule."),
    ("unsuspend", "Unsuspend", "Plan to put it on its schedule again."),
    ("delete", "Delete", "Plan to delete it."),
    ("rerun", "Re-run", "Plan to run all of it again."),
    ("rerun-failed", "Re-run failed", "Plan to run again what failed of it."),
    ("cancel", "Cancel run", "Plan to stop it."),
    ("dispatch", "Dispatch", "Plan to start its workflow, with inputs."),
    ("approve", "Approve", "Plan to let a waiting deployment go on."),
    ("reject", "Reject", "Plan to turn a waiting deployment down."),
)  # fmt: skip

ACTS = (
    UiAction(
        "record.actions", "Actions", BindingScope.ACT,
        "Choose from all that can be done to it; for marked rows too.",
        keys=("x",), commands=("actions", "act"), rank=12,
    ),
    UiAction(
        "record.rollback", "Roll back", BindingScope.ACT,
        "Plan to bring back an earlier version, by default the last good one.",
        keys=("B", "b"), commands=("rollback", "undo"), rank=14, handler="act", argument="rollback",
    ),
    UiAction(
        "record.retrain", "Retrain", BindingScope.ACT, "Plan to train the model again.",
        keys=("T",), commands=("retrain",), rank=16, handler="act", argument="retrain",
    ),
    *(
        UiAction(
            f"record.{verb}", title, BindingScope.ACT, words,
            commands=(verb,), handler="act", argument=verb,
        )
        for verb, title, words in _VERBS
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
    UiAction("form.up", "Up", BindingScope.FORM, "To the choice or input before.", keys=("up",)),
    UiAction(
        "form.next", "Next input", BindingScope.FORM, "To the next input.", keys=("tab",), rank=4,
    ),
    UiAction(
        "form.previous", "Previous input", BindingScope.FORM,
        "To the input before.", keys=("shift+tab",),
    ),
)  # fmt: skip

CONFIRM = (
    UiAction(
        "confirm.yes", "Yes", BindingScope.CONFIRM, "Do what is asked about.", keys=("y",), rank=1,
    ),
    UiAction(
        "confirm.no", "No", BindingScope.CONFIRM, "Do nothing.", keys=("escape", "n", "q"), rank=2,
    ),
)  # fmt: skip
