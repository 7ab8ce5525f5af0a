"""What one does with a record, on every screen that shows one: look into it, or act on the world.

The words of the acts are those of :attr:`opsboard.adapter.ActionSpec.id`. A key opens a plan, never
more; what plain keys there are has to come through tmux, so none has a modifier but Ctrl.
"""

from typing import Final

from opsboard.ui.actions.ui_action import BindingScope, UiAction

RECORD = (
    UiAction(
        "record.open", "Open", BindingScope.RECORD, "Open its detail.",
        keys=("enter",), commands=("detail",), rank=5,
    ),
    UiAction(
        "record.describe", "Describe", BindingScope.RECORD,
        "Describe it in one text: by kubectl describe where that is there, else by its fields.",
        keys=("d",), commands=("describe",), rank=38,
    ),
    UiAction(
        "record.tree", "Owners", BindingScope.RECORD,
        "Show what owns it and what it owns, down to pods and events.",
        keys=("O",), commands=("tree", "owners"), rank=39,
    ),
    UiAction(
        "record.log", "Log", BindingScope.RECORD, "Read its log.",
        keys=("L",), commands=("log", "logs"), rank=13,
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
        keys=("g",), commands=("chain", "lineage"), rank=15,
    ),
    UiAction(
        "record.pull_request", "Pull request", BindingScope.RECORD,
        "Open the pull request that it is of, or came by: reviews, checks, whether it can merge.",
        keys=("P",), commands=("pr", "pull-request"), rank=35,
    ),
    UiAction(
        "record.timeline", "Time line", BindingScope.RECORD,
        "Show what happened to it, and to what it is joined to.",
        keys=("t",), rank=16,
    ),
    UiAction(
        "record.before_red", "What changed", BindingScope.RECORD,
        "Show what changed before it went red, the likeliest first.",
        keys=("w",), commands=("changed",), rank=14,
    ),
    UiAction(
        "record.compare", "Compare", BindingScope.RECORD,
        "Compare the marked versions or runs; one alone with the version that serves.",
        keys=("v",), commands=("compare",), rank=19,
    ),
    UiAction(
        "record.acknowledge", "Acknowledge", BindingScope.RECORD,
        "Acknowledge the alert, or undo that; for marked rows too.",
        keys=("a",), commands=("acknowledge", "ack"), takes="reason", rank=11,
    ),
    UiAction(
        "record.snooze", "Snooze", BindingScope.RECORD,
        "Snooze the alert for a while; for marked rows too.",
        keys=("s",), commands=("snooze",), takes="duration", rank=19,
    ),
    UiAction(
        "record.take_up", "Take up", BindingScope.RECORD,
        "Find out what became of an action, and follow it.",
        keys=("K",), commands=("take-up",),
    ),
    UiAction(
        "record.take_back", "Take back", BindingScope.RECORD,
        "Plan what would take back an action that was done from here.",
        keys=("Z",), commands=("take-back",),
    ),
)  # fmt: skip

_VERBS = (
    ("promote", "Promote", "Plan to let a newer version of a model serve."),
    ("tag", "Edit a tag", "Plan to set a tag of it, or to take it away."),
    ("description", "Describe it", "Plan to write its description."),
    ("restart", "Restart", "Plan to restart its pods, one after the other."),
    ("scale", "Scale", "Plan to run more replicas of it, or fewer."),
    ("pause", "Pause", "Plan to pause its roll-out."),
    ("resume", "Resume", "Plan to resume its roll-out."),
    ("run", "Run now", "Plan to run it now, outside its schedule."),
    ("suspend", "Suspend", "Plan to suspend its schedule."),
    ("unsuspend", "Unsuspend", "Plan to resume its schedule."),
    ("delete", "Delete", "Plan to delete it."),
    ("debug", "Debug container", "Plan a shell in a new container beside those of the pod."),
    ("edit", "Edit", "Edit it as YAML in your editor, and plan what you have changed."),
    ("forward", "Forward a port", "Plan to forward a port of this machine to a pod of it."),
    ("rerun", "Re-run", "Plan to re-run all of its jobs."),
    ("rerun-failed", "Re-run failed", "Plan to re-run its failed jobs."),
    ("cancel", "Cancel run", "Plan to stop it."),
    ("dispatch", "Dispatch", "Plan to start its workflow, with inputs."),
    ("approve", "Approve", "Plan to approve a waiting deployment."),
    ("reject", "Reject", "Plan to reject a waiting deployment."),
)  # fmt: skip

_ALSO: Final = {"forward": ("port-forward",)}
"""What the tools before have called it."""

ACTS = (
    UiAction(
        "record.actions", "Actions", BindingScope.ACT,
        "Choose from all its actions; for marked rows too.",
        keys=("x",), commands=("actions", "act"), rank=18,
    ),
    UiAction(
        "record.rollback", "Roll back", BindingScope.ACT,
        "Plan to bring back an earlier version, by default the last good one.",
        keys=("B", "b"), commands=("rollback", "undo"), rank=12, handler="act", argument="rollback",
    ),
    UiAction(
        "record.retrain", "Retrain", BindingScope.ACT, "Plan to train the model again.",
        keys=("T",), commands=("retrain",), rank=17, handler="act", argument="retrain",
    ),
    UiAction(
        "record.exec", "Shell", BindingScope.ACT,
        "Plan to open a shell in a container of it, or to run a command there.",
        keys=("X",), commands=("exec", "shell"), rank=31, handler="act", argument="exec",
    ),
    *(
        UiAction(
            f"record.{verb}", title, BindingScope.ACT, words,
            commands=(verb, *_ALSO.get(verb, ())), handler="act", argument=verb,
        )
        for verb, title, words in _VERBS
    ),
)  # fmt: skip
