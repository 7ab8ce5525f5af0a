"""What things are: the records that every adapter yields and every pane shows.

A record is frozen. A change in the world is a new record with the same :class:`Ref`. Times are
aware datetimes in UTC. Strings that come from outside are cleaned while the record is built
(see :mod:`opsboard.text.sanitize`).

The words follow the field: a *run* of CI is a :class:`Build`; the roll-out of a workload is a
:class:`Deployment`; Kubernetes counts *revisions*, a model registry counts *versions*.

An adapter that shows something else makes a class of its own, of the same parts::

    @frozen
    class Backup(Record):
        kind: Kind = Kind("backup")
        database: Text
        size: int = 0
        finished_at: UtcDatetime | None = None
"""

from typing import TypeAlias

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records.base import JSON, Kind, Record, Ref, Status, newest
from opsboard.records.board import Activity, ActivityState, Alert, AlertState
from opsboard.records.claims import Claim, Identity, Strength, stated
from opsboard.records.cluster import ConfigObject, CronJob, Event, Job, Pod
from opsboard.records.commits import (
    Artifact,
    Commit,
    CommitComparison,
    ComparisonState,
    PullRequest,
    PullRequestState,
    Repository,
)
from opsboard.records.delivery import Build, BuildJob, Deployment
from opsboard.records.images import Image, Label
from opsboard.records.listed import ListedObject, listed_key, listed_ref, row_of
from opsboard.records.models import Alias, Drift, Metric, Model, ModelVersion
from opsboard.records.service import (
    Agreement,
    DeploymentWitness,
    EnvironmentState,
    MainBuild,
    Service,
    ServiceTarget,
)
from opsboard.text.sanitize import Prose, Text

AnyRecord: TypeAlias = (
    Build
    | BuildJob
    | Deployment
    | Pod
    | Job
    | ConfigObject
    | CronJob
    | Event
    | Model
    | ModelVersion
    | Drift
    | Image
    | Alert
    | Activity
    | Commit
    | PullRequest
    | CommitComparison
    | Repository
    | Artifact
    | Service
    | ListedObject
)
"""A record of one of the board's own kinds."""

__all__ = [
    "JSON",
    "Activity",
    "ActivityState",
    "Agreement",
    "Alert",
    "AlertState",
    "Alias",
    "AnyRecord",
    "Artifact",
    "Build",
    "BuildJob",
    "Claim",
    "Commit",
    "CommitComparison",
    "ComparisonState",
    "ConfigObject",
    "CronJob",
    "Deployment",
    "DeploymentWitness",
    "Drift",
    "EnvironmentState",
    "Event",
    "Frozen",
    "Identity",
    "Image",
    "Job",
    "Kind",
    "Label",
    "ListedObject",
    "MainBuild",
    "Metric",
    "Model",
    "ModelVersion",
    "Pod",
    "Prose",
    "PullRequest",
    "PullRequestState",
    "Record",
    "Ref",
    "Repository",
    "Service",
    "ServiceTarget",
    "Status",
    "Strength",
    "Text",
    "UtcDatetime",
    "frozen",
    "listed_key",
    "listed_ref",
    "newest",
    "row_of",
    "stated",
]
