"""What acts on the world, and the keys of the screens on the way there.

The words of the actions are those of :attr:`opsboard.adapter.ActionSpec.id`. A key opens a plan,
never more; what plain keys there are has to come through tmux, so none has a modifier but Ctrl.
"""

from opsboard.ui.actions.ui_action import BindingScope, UiAction

_VERBS = (
    ("restart", "Restart", "Plan to restart its pods, one after the other."),
    ("scale", "Scale", "Plan to run more replicas of it, or fewer."),
    ("pause", "Pause", "Plan to pause its roll-out."),
    ("resume", "Resume", "Plan to resume its roll-out."),
    ("run", "Run now", "Plan to run it now, outside its schedule."),
    ("suspend", "Suspend", "Plan to suspend its schedule."),
    ("unsuspend", "Unsuspend", "Plan to resume its schedule."),
    ("delete", "Delete", "Plan to delete it."),
    ("rerun", "Re-run", "Plan to re-run all of its jobs."),
    ("rerun-failed", "Re-run failed", "Plan to re-run its failed jobs."),
    ("cancel", "Cancel run", "Plan to stop it."),
    ("dispatch", "Dispatch", "Plan to start its workflow, with inputs."),
    ("approve", "Approve", "Plan to approve a waiting deployment."),
    ("reject", "Reject", "Plan to reject a waiting deployment."),
)  # fmt: skip

ACTS = (
    UiAction(
        "record.actions", "Actions", BindingScope.ACT,
        "Choose from all its actions; for marked rows too.",
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
