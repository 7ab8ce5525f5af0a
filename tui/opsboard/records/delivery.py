"""Runs of CI with their jobs, and roll-outs."""

from opsboard.frozen import UtcDatetime, frozen
from opsboard.records.base import Kind, Record
from opsboard.text.sanitize import Text


@frozen
class Build(Record):
    """A run of a CI workflow, at its latest attempt.

    *state* is the server's own word, for instance ``queued``, ``waiting``, ``in_progress``,
    ``success``, ``failure``, ``cancelled``: a free string, since servers add new ones.
    *default_branch* is that of the repository; empty where it is not known, and for a run of a
    fork, whose branch of the same name is another one.
    """

    kind: Kind = Kind.BUILD
    repository: Text
    workflow: Text
    number: int
    attempt: int = 1
    state: Text
    branch: Text = ""
    default_branch: Text = ""
    commit: Text = ""
    title: Text = ""
    event: Text = ""
    actor: Text = ""
    started_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None


@frozen
class BuildJob(Record):
    """A job of a :class:`Build`: what has a log. *build* is the id of its build."""

    kind: Kind = Kind.BUILD_JOB
    build: Text
    repository: Text
    state: Text
    runner: Text = ""
    started_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None


@frozen
class Deployment(Record):
    """The state of a roll-out: of a Kubernetes workload, or of a CI server's deployment.

    *workload* is ``Deployment``, ``StatefulSet``, ``DaemonSet``, or the CI server's own word.
    *cluster* is the cluster or, for a CI server, the repository. Replica counts are zero where
    the notion does not apply. *revision* is what a rollback would name. *actor* is who began it.
    *deployed_at* is when what serves now was rolled out: that of the last success, where a later
    roll-out waits or has failed; neither the age of the workload nor, after a rollback, that of
    the revision. *app*, *part_of* and *instance* are what its labels say
    (``app.kubernetes.io/name``, ``.../part-of``, ``.../instance``); *labels* are those and further
    ones that say what it belongs to, as pairs.
    """

    kind: Kind = Kind.DEPLOYMENT
    workload: Text
    cluster: Text = ""
    namespace: Text = ""
    revision: Text = ""
    images: tuple[Text, ...] = ()
    commit: Text = ""
    actor: Text = ""
    deployed_at: UtcDatetime | None = None
    app: Text = ""
    part_of: Text = ""
    instance: Text = ""
    labels: tuple[tuple[Text, Text], ...] = ()
    desired: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    paused: bool = False
