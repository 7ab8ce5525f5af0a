"""The offers, and when they make no sense. Imports nothing heavy: menus are made of this.

How a model is trained in a cluster, as ``[[retrain]]`` or the tags of the model tell it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opsboard.adapter import ActionSpec
from opsboard.adapter.action_spec import RETRAIN
from opsboard.records import CronJob, Deployment, Kind, Pod, Record

_WORKLOADS: Final = frozenset({Kind.DEPLOYMENT})
_CRON_JOBS: Final = frozenset({Kind.CRON_JOB})

ROLLBACK: Final = ActionSpec(
    "rollback",
    "Roll back",
    "Go back to an earlier revision: by default the last one that was healthy.",
    _WORKLOADS,
)
RESTART: Final = ActionSpec(
    "restart", "Restart", "Replace all pods, one after the other, by new ones.", _WORKLOADS
)
SCALE: Final = ActionSpec(
    "scale", "Scale", "Set the number of replicas.", _WORKLOADS, needs_input=True
)
PAUSE: Final = ActionSpec("pause", "Pause", "Let nothing new be rolled out for now.", _WORKLOADS)
RESUME: Final = ActionSpec("resume", "Resume", "Roll out again what is changed.", _WORKLOADS)
RUN: Final = ActionSpec(
    "run", "Run now", "Make one job of it, out of turn.", _CRON_JOBS, disruptive=False
)
SUSPEND: Final = ActionSpec("suspend", "Suspend", "Run it by the clock no more.", _CRON_JOBS)
UNSUSPEND: Final = ActionSpec("unsuspend", "Unsuspend", "Run it by the clock again.", _CRON_JOBS)
DELETE: Final = ActionSpec(
    "delete", "Delete pod", "End this pod; its controller makes another.", frozenset({Kind.POD})
)

OFFERS: Final = (ROLLBACK, RESTART, SCALE, PAUSE, RESUME, RUN, SUSPEND, UNSUSPEND, DELETE)


def disabled_reason(offer: ActionSpec, record: Record) -> str:
    """Return why *offer* makes no sense for *record* now, or ``""``."""
    told = _WHY_NOT.get(offer.id)
    return told(record) if told is not None else ""


def _not_while_paused(record: Record) -> str:
    paused = isinstance(record, Deployment) and record.paused
    return "it is paused: resume it first" if paused else ""


def _not_by_number(record: Record) -> str:
    by_node = isinstance(record, Deployment) and record.workload == "DaemonSet"
    return "a DaemonSet has one pod on each node" if by_node else ""


def _not_pausable(record: Record) -> str:
    if not isinstance(record, Deployment) or record.workload != "Deployment":
        return "only a Deployment can be paused"
    return "it is paused already" if record.paused else ""


def _not_resumable(record: Record) -> str:
    paused = isinstance(record, Deployment) and record.paused
    return "" if paused else "it is not paused"


def _not_suspendable(record: Record) -> str:
    suspended = isinstance(record, CronJob) and record.suspended
    return "it is suspended already" if suspended else ""


def _not_suspended(record: Record) -> str:
    suspended = isinstance(record, CronJob) and record.suspended
    return "" if suspended else "it is not suspended"


def _ending(record: Record) -> str:
    ending = isinstance(record, Pod) and record.reason == "Terminating"
    return "it is ending already" if ending else ""


_WHY_NOT: Final[Mapping[str, Callable[[Record], str]]] = {
    ROLLBACK.id: _not_while_paused,
    RESTART.id: _not_while_paused,
    SCALE.id: _not_by_number,
    PAUSE.id: _not_pausable,
    RESUME.id: _not_resumable,
    SUSPEND.id: _not_suspendable,
    UNSUSPEND.id: _not_suspended,
    DELETE.id: _ending,
}


OFFER: Final = ActionSpec(
    RETRAIN,
    "Retrain",
    "Run the job that trains the model.",
    frozenset({Kind.MODEL}),
    needs_input=True,
)


class JobRecipe(BaseModel):
    """A Job that trains: one of a CronJob's, or a copy of a Job that is kept as a template."""

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
