"""The actions as menus show them, and when one makes no sense. Imports nothing heavy."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opsboard.adapter import ActionSpec
from opsboard.adapter.action_spec import RETRAIN
from opsboard.records import CronJob, Deployment, Kind, Pod, Record

_WORKLOADS: Final = frozenset({Kind.DEPLOYMENT})
_CRON_JOBS: Final = frozenset({Kind.CRON_JOB})


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

ACTION_SPECS: Final = (ROLLBACK, RESTART, SCALE, PAUSE, RESUME, RUN, SUSPEND, UNSUSPEND, DELETE)

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
