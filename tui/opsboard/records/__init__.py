"""What things are: the records that every adapter yields and every pane shows.

A record is frozen. A change in the world is a new record with the same :class:`Ref`. Times are
aware datetimes in UTC. Strings that come from outside are cleaned while the record is built
(see :mod:`opsboard.text.sanitize`).

The words follow the field: a *run* of CI is a :class:`Build`; the roll-out of a workload is a
:class:`Deployment`; Kubernetes counts *revisions*, a model registry counts *versions*.
"""

from typing import TypeAlias

from opsboard.records.activities import Activity, ActivityState
from opsboard.records.alerts import Alert, AlertState
from opsboard.records.builds import Build, BuildJob
from opsboard.records.cluster import CronJob, Deployment, Event, Job, Pod
from opsboard.records.models import Alias, Drift, Metric, Model, ModelVersion
from opsboard.records.record import Record
from opsboard.records.words import JSON, Kind, Ref, Status, newest

AnyRecord: TypeAlias = (
    Build
    | BuildJob
    | Deployment
    | Pod
    | Job
    | CronJob
    | Event
    | Model
    | ModelVersion
    | Drift
    | Alert
    | Activity
)

__all__ = [
    "JSON",
    "Activity",
    "ActivityState",
    "Alert",
    "AlertState",
    "Alias",
    "AnyRecord",
    "Build",
    "BuildJob",
    "CronJob",
    "Deployment",
    "Drift",
    "Event",
    "Job",
    "Kind",
    "Metric",
    "Model",
    "ModelVersion",
    "Pod",
    "Record",
    "Ref",
    "Status",
    "newest",
]
