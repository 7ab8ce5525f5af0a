"""What runs in a cluster: pods, jobs, events, and the objects that configure them."""

from opsboard.frozen import UtcDatetime, frozen
from opsboard.records.base import Kind, Record
from opsboard.text.sanitize import Text


@frozen
class Pod(Record):
    """A Kubernetes pod. *owner* is ``Kind/name`` of the controller that made it.

    *ready*, *containers*, *restarts* and *reason* are what ``kubectl get pods`` prints;
    *restarted_at* is when a container of it last came to its end. *cpu* (cores) and *memory*
    (bytes) are what it uses, as the cluster measured it last; ``None`` where nobody says it, and
    for a request or limit that it has not.
    """

    kind: Kind = Kind.POD
    cluster: Text
    namespace: Text
    owner: Text = ""
    node: Text = ""
    phase: Text = ""
    ready: int = 0
    containers: int = 0
    restarts: int = 0
    restarted_at: UtcDatetime | None = None
    cpu: float | None = None
    cpu_request: float | None = None
    cpu_limit: float | None = None
    memory: float | None = None
    memory_request: float | None = None
    memory_limit: float | None = None


@frozen
class Job(Record):
    """A Kubernetes Job. *owner* is ``CronJob/name`` where one made it.

    *state* is the STATUS that ``kubectl get jobs`` prints. *workers* is how many pods share the
    work of a Job without a fixed number of completions (any one of them may end it), else 0.
    """

    kind: Kind = Kind.JOB
    cluster: Text
    namespace: Text
    owner: Text = ""
    state: Text = ""
    completions: int = 1
    workers: int = 0
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    started_at: UtcDatetime | None = None
    finished_at: UtcDatetime | None = None


@frozen
class CronJob(Record):
    """A Kubernetes CronJob. *schedule* is in cron syntax, *time_zone* empty for the server's."""

    kind: Kind = Kind.CRON_JOB
    cluster: Text
    namespace: Text
    schedule: Text
    time_zone: Text = ""
    suspended: bool = False
    active: int = 0
    last_run_at: UtcDatetime | None = None
    last_success_at: UtcDatetime | None = None


@frozen
class ConfigObject(Record):
    """A Kubernetes ConfigMap or Secret: never its values.

    *object* is which of the two. *keys* are the names of its entries, *version* changes whenever a
    value does, *changed_at* is when one did last, and *manager* is the program that did it
    (``A or B`` where both have changed something in that second). *owners* has for each entry the
    programs that set it. *hashes* has a keyed hash of the value of each entry, where the source is
    configured to read them: equal ones are of equal values.
    """

    kind: Kind = Kind.CONFIG
    cluster: Text
    namespace: Text
    object: Text
    keys: tuple[Text, ...] = ()
    version: Text = ""
    changed_at: UtcDatetime | None = None
    manager: Text = ""
    owners: tuple[tuple[Text, Text], ...] = ()
    hashes: tuple[tuple[Text, Text], ...] = ()


@frozen
class Event(Record):
    """A Kubernetes event. *about* is ``Kind/name`` of the object it speaks of."""

    kind: Kind = Kind.EVENT
    cluster: Text
    namespace: Text
    about: Text
    count: int = 1
