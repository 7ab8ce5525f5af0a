"""The actions as menus show them, and when one makes no sense. Imports nothing heavy."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opsboard.adapter import ActionSpec
from opsboard.adapter.action_spec import DEBUG, EDIT, EXEC, FORWARD, RETRAIN
from opsboard.records import CronJob, Deployment, Kind, Pod, Record

_WORKLOADS: Final = frozenset({Kind.DEPLOYMENT})
_CRON_JOBS: Final = frozenset({Kind.CRON_JOB})
_INSIDE: Final = frozenset({Kind.POD, Kind.DEPLOYMENT})


# --- why an action makes no sense for a record: a sentence, or "" --------------------------------


_CHANGED_HERE: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def _while_paused(record: Record, _: Any) -> str:
    if isinstance(record, Deployment) and record.workload not in _CHANGED_HERE:
        return f"a {record.workload} is not changed from here"
    paused = isinstance(record, Deployment) and record.paused
    return "it is paused: resume it first" if paused else ""


def _without_replicas(record: Record, _: Any) -> str:
    if not isinstance(record, Deployment):
        return ""
    if record.workload not in _CHANGED_HERE:
        return f"the replicas of a {record.workload} are not set from here"
    return "a DaemonSet has one pod on each node" if record.workload == "DaemonSet" else ""


def _not_pausable(record: Record, _: Any) -> str:
    if not isinstance(record, Deployment) or record.workload != "Deployment":
        return "only a Deployment can be paused"
    return "it is paused already" if record.paused else ""


def _not_paused(record: Record, _: Any) -> str:
    paused = isinstance(record, Deployment) and record.paused
    return "" if paused else "it is not paused"


def _suspended(record: Record, _: Any) -> str:
    suspended = isinstance(record, CronJob) and record.suspended
    return "it is suspended already" if suspended else ""


def _not_suspended(record: Record, _: Any) -> str:
    suspended = isinstance(record, CronJob) and record.suspended
    return "" if suspended else "it is not suspended"


def _terminating(record: Record, _: Any) -> str:
    terminating = isinstance(record, Pod) and record.reason == "Terminating"
    return "it is ending already" if terminating else ""


def _nothing_runs(record: Record, _: Any) -> str:
    return _none_of(record, frozenset({"", "Running"}))


def _nothing_to_debug(record: Record, _: Any) -> str:
    return _none_of(record, frozenset({"", "Running", "Pending"}))


def _none_of(record: Record, phases: frozenset[str]) -> str:
    if isinstance(record, Pod):
        return "" if record.phase in phases else f"nothing runs in it: {record.phase}"
    if isinstance(record, Deployment) and record.workload not in _CHANGED_HERE:
        return f"the pods of a {record.workload} are not known by it: go to one of them"
    return ""


def _not_edited(record: Record, _: Any) -> str:
    if isinstance(record, Deployment) and record.workload not in _CHANGED_HERE:
        return f"a {record.workload} is not changed from here"
    return ""


# --- the actions ---------------------------------------------------------------------------------

ROLLBACK: Final = ActionSpec(
    "rollback",
    "Roll back",
    "Go back to an earlier revision: by default the last one that was healthy.",
    _WORKLOADS,
    disabled_reason=_while_paused,
)
RESTART: Final = ActionSpec(
    "restart",
    "Restart",
    "Replace all pods by new ones, one after the other.",
    _WORKLOADS,
    disabled_reason=_while_paused,
)
SCALE: Final = ActionSpec(
    "scale",
    "Scale",
    "Set the number of replicas.",
    _WORKLOADS,
    needs_input=True,
    disabled_reason=_without_replicas,
)
PAUSE: Final = ActionSpec(
    "pause",
    "Pause",
    "Roll out no changes until it is resumed.",
    _WORKLOADS,
    disabled_reason=_not_pausable,
)
RESUME: Final = ActionSpec(
    "resume",
    "Resume",
    "Roll out changes again.",
    _WORKLOADS,
    disabled_reason=_not_paused,
)
RUN: Final = ActionSpec("run", "Run now", "Start one Job of it now.", _CRON_JOBS, disruptive=False)
SUSPEND: Final = ActionSpec(
    "suspend",
    "Suspend",
    "Stop its schedule.",
    _CRON_JOBS,
    disabled_reason=_suspended,
)
UNSUSPEND: Final = ActionSpec(
    "unsuspend",
    "Unsuspend",
    "Start its schedule again.",
    _CRON_JOBS,
    disabled_reason=_not_suspended,
)
DELETE: Final = ActionSpec(
    "delete",
    "Delete pod",
    "Delete this pod; its controller creates a new one.",
    frozenset({Kind.POD}),
    disabled_reason=_terminating,
)

EXEC_SPEC: Final = ActionSpec(
    EXEC,
    "Shell",
    "Open a shell in a container, or run a command there, by kubectl exec.",
    _INSIDE,
    disruptive=False,
    single=True,
    disabled_reason=_nothing_runs,
)

FORWARD_SPEC: Final = ActionSpec(
    FORWARD,
    "Forward a port",
    "Forward a port of this machine to a pod, by kubectl port-forward.",
    _INSIDE,
    disruptive=False,
    needs_input=True,
    single=True,
    disabled_reason=_nothing_runs,
)

EDIT_SPEC: Final = ActionSpec(
    EDIT,
    "Edit",
    "Edit it as YAML in your editor; what you have changed becomes a plan.",
    _INSIDE,
    needs_input=True,
    single=True,
    disabled_reason=_not_edited,
)

DEBUG_SPEC: Final = ActionSpec(
    DEBUG,
    "Debug container",
    "Open a shell in a new container beside those of the pod, by kubectl debug.",
    _INSIDE,
    needs_input=True,
    single=True,
    disabled_reason=_nothing_to_debug,
)

ACTION_SPECS: Final = (
    ROLLBACK,
    RESTART,
    SCALE,
    PAUSE,
    RESUME,
    RUN,
    SUSPEND,
    UNSUSPEND,
    DELETE,
    EXEC_SPEC,
    FORWARD_SPEC,
    EDIT_SPEC,
    DEBUG_SPEC,
)

RETRAIN_SPEC: Final = ActionSpec(
    RETRAIN,
    "Retrain",
    "Run the job that trains the model.",
    frozenset({Kind.MODEL}),
    needs_input=True,
)
"""Offered for models of other sources, for which a :class:`JobRecipe` names this one."""


class JobRecipe(BaseModel):
    """How a model is trained in a cluster, from ``[[retrain]]`` or the tags of the model.

    The Job is made from the template of a CronJob, or is a copy of a Job kept for that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster: str = Field("", description="The context; may be left out where there is only one.")
    namespace: str = Field(description="The namespace of the CronJob or Job.")
    cronjob: str = Field("", description="The CronJob whose job template is run.")
    job: str = Field("", description="The Job that is copied; it may be a suspended one.")
    container: str = Field("", description="The container that trains; by default the first.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "JobRecipe":
        if bool(self.cronjob) is bool(self.job):
            raise ValueError("name either a cronjob or a job")
        return self
