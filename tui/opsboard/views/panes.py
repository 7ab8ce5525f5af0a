"""The panes: which records, which columns, in which order."""

from collections.abc import Mapping
from typing import Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds import activities, alerts, builds, cluster, deployments, models
from opsboard.kinds.columns import Column
from opsboard.records import Kind


@frozen_unchecked
class PaneSpec(Frozen):
    """A pane. *number* is its key on the board, 0 for one that is opened by its name.

    *order* is the column it is sorted by at first. *search* names the record fields that a word
    typed after ``/`` is looked for in.
    """

    id: str
    title: str
    kind: Kind
    columns: tuple[Column, ...]
    order: str
    descending: bool
    search: tuple[str, ...]
    number: int = 0

    def column(self, name: str) -> Column | None:
        """Return the column called *name*, by id or title."""
        return next((column for column in self.columns if name in (column.id, column.title)), None)


_CLUSTER = ("name", "namespace", "cluster", "reason", "message", "environment")

PANES: Final = (
    PaneSpec(
        "builds", "Builds", Kind.BUILD, builds.COLUMNS, "age", True,
        ("repository", "workflow", "title", "branch", "actor", "state", "reason", "commit",
         "environment"),
        number=1,
    ),
    PaneSpec(
        "deployments", "Deployments", Kind.DEPLOYMENT, deployments.COLUMNS, "status", True,
        (*_CLUSTER, "workload", "revision", "commit"), number=2,
    ),
    PaneSpec(
        "models", "Models", Kind.MODEL, models.MODELS, "status", True,
        ("name", "reason", "message", "owner", "description", "environment"), number=3,
    ),
    PaneSpec(
        "alerts", "Alerts", Kind.ALERT, alerts.COLUMNS, "status", True,
        ("name", "reason", "message", "environment", "source", "state"), number=4,
    ),
    PaneSpec(
        "pods", "Pods", Kind.POD, cluster.PODS, "status", True, (*_CLUSTER, "node", "owner")
    ),
    PaneSpec("jobs", "Jobs", Kind.JOB, cluster.JOBS, "age", True, (*_CLUSTER, "owner")),
    PaneSpec(
        "cronjobs", "Cron jobs", Kind.CRON_JOB, cluster.CRON_JOBS, "status", True,
        (*_CLUSTER, "schedule"),
    ),
    PaneSpec("events", "Events", Kind.EVENT, cluster.EVENTS, "seen", True, (*_CLUSTER, "about")),
    PaneSpec(
        "versions", "Versions", Kind.MODEL_VERSION, models.VERSIONS, "age", True,
        ("model", "version", "stage", "author", "commit", "dataset", "reason"),
    ),
    PaneSpec(
        "drift", "Drift", Kind.DRIFT, models.DRIFT, "status", True,
        ("model", "metric", "version", "method", "feature", "reason", "message", "environment"),
    ),
    PaneSpec(
        "activity", "Activity", Kind.ACTIVITY, activities.COLUMNS, "age", True,
        ("action", "target", "state", "actor", "cause", "before", "after", "message",
         "environment"),
    ),
)  # fmt: skip

BY_ID: Final[Mapping[str, PaneSpec]] = {pane.id: pane for pane in PANES}
NUMBERED: Final = tuple(pane for pane in PANES if pane.number)
