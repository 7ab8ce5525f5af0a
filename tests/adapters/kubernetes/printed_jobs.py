"""Jobs in all states, and what ``kubectl get jobs`` prints of them. See ``printed_pods.py``."""

from dataclasses import dataclass, field
from typing import Any, Final

from opsboard.records import Status
from tests.adapters.kubernetes.pod_states import AT, BAD, DARK, LATER, OK, RUN, WARN, Object, is_


@dataclass(frozen=True)
class JobCase:
    """A Job, its STATUS and COMPLETIONS, and our verdict and reason."""

    printed: tuple[str, str]
    verdict: Status
    reason: str
    status: Object
    spec: Object = field(default_factory=dict)
    deleted: bool = False

    def object(self, name: str) -> Object:
        """Return the Job as it is made; nobody but the test sees to it."""
        container = {"name": "app", "image": "registry.example/app:1"}
        template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
        return {
            "metadata": {"name": name, "finalizers": ["opsboard.dev/test"]},
            "spec": {"template": template, "managedBy": "opsboard.dev/test", **self.spec},
        }

    def seen(self, name: str) -> Object:
        """Return the Job as the server would show it."""
        made = self.object(name)
        made["metadata"] |= {"namespace": "shop"}
        if not {"completions", "parallelism"} & set(self.spec):
            made["spec"] |= {"completions": 1, "parallelism": 1}
        if self.deleted:
            made["metadata"]["deletionTimestamp"] = LATER
        return made | {"status": self.status}


def job(*conditions: Object, **more: Any) -> Object:
    told: Object = {"startTime": AT, **more}
    return told | ({"conditions": list(conditions)} if conditions else {})


MET: Final = is_("SuccessCriteriaMet", reason="CompletionsReached")
DONE: Final = is_("Complete", reason="CompletionsReached", message="Reached expected number")
TARGET: Final = is_("FailureTarget", reason="PodFailurePolicy", message="exit 42")
LIMIT: Final = is_("FailureTarget", reason="BackoffLimitExceeded", message="too often")
FAILED: Final = is_("Failed", reason="BackoffLimitExceeded", message="too often")
LATE: Final = is_("Failed", reason="DeadlineExceeded", message="too long")
LATE_TARGET: Final = is_("FailureTarget", reason="DeadlineExceeded", message="too long")
HELD: Final = is_("Suspended", reason="JobSuspended")
FREE: Final = is_("Suspended", "False", reason="JobResumed")
QUEUE: Final = {"parallelism": 3}

JOBS: Final[dict[str, JobCase]] = {
    "new": JobCase(("Running", "0/1"), RUN, "Running", {}),
    "at work": JobCase(("Running", "0/1"), RUN, "Running", job(active=1)),
    "at work again": JobCase(("Running", "0/1"), WARN, "Retrying", job(active=1, failed=2)),
    "an index to be tried again": JobCase(
        ("Running", "2/5"),
        WARN,
        "Retrying",
        job(active=2, succeeded=2, failed=1, uncountedTerminatedPods={}),
        {"completions": 5, "completionMode": "Indexed", "backoffLimitPerIndex": 1},
    ),
    "an index that has failed": JobCase(
        ("Running", "2/5"),
        WARN,
        "FailedIndexes",
        job(active=2, succeeded=2, failed=2, failedIndexes="1", uncountedTerminatedPods={}),
        {"completions": 5, "completionMode": "Indexed", "backoffLimitPerIndex": 1},
    ),
    "two of five": JobCase(
        ("Running", "2/5"), RUN, "Running", job(active=1, succeeded=2), {"completions": 5}
    ),
    "none of none": JobCase(
        ("Complete", "0/0"), OK, "Complete", job(MET, DONE, completionTime=AT), {"completions": 0}
    ),
    "a queue": JobCase(("Running", "0/1 of 3"), RUN, "Running", job(active=3), QUEUE),
    "a queue that is nearly empty": JobCase(
        ("Running", "2/1 of 3"), RUN, "Running", job(active=1, succeeded=2), QUEUE
    ),
    "a queue of one": JobCase(
        ("Running", "0/1"), RUN, "Running", job(active=1), {"parallelism": 1}
    ),
    "complete": JobCase(
        ("Complete", "1/1"), OK, "Complete", job(MET, DONE, succeeded=1, completionTime=LATER)
    ),
    "complete after failures": JobCase(
        ("Complete", "1/1"),
        OK,
        "Complete",
        job(MET, DONE, succeeded=1, failed=2, completionTime=LATER),
    ),
    "failed": JobCase(("Failed", "0/1"), BAD, "BackoffLimitExceeded", job(LIMIT, FAILED, failed=7)),
    "late": JobCase(("Failed", "0/1"), BAD, "DeadlineExceeded", job(LATE_TARGET, LATE, failed=1)),
    "failing": JobCase(
        ("FailureTarget", "0/1"),
        BAD,
        "PodFailurePolicy",
        job(TARGET, failed=1, active=1, terminating=1),
    ),
    "not failing after all": JobCase(
        ("Running", "0/1"),
        RUN,
        "Running",
        job(is_("FailureTarget", "False"), active=1),
    ),
    "succeeding": JobCase(
        ("SuccessCriteriaMet", "1/1"),
        OK,
        "SuccessCriteriaMet",
        job(MET, succeeded=1, terminating=1),
    ),
    "suspended": JobCase(
        ("Suspended", "0/1"), DARK, "Suspended", {"conditions": [HELD]}, {"suspend": True}
    ),
    "to be suspended": JobCase(("Running", "0/1"), DARK, "Suspended", {}, {"suspend": True}),
    "resumed": JobCase(("Running", "0/1"), RUN, "Running", job(FREE, active=1)),
    "suspended, and failing": JobCase(
        ("Suspended", "0/1"), DARK, "Suspended", {"conditions": [HELD, TARGET]}, {"suspend": True}
    ),
    "being deleted": JobCase(
        ("Terminating", "0/1"), RUN, "Terminating", job(active=1), deleted=True
    ),
    "being deleted while it fails": JobCase(
        ("Terminating", "0/1"), RUN, "Terminating", job(TARGET, active=1, failed=1), deleted=True
    ),
    "complete, held by a finalizer": JobCase(
        ("Complete", "1/1"),
        OK,
        "Complete",
        job(MET, DONE, succeeded=1, completionTime=LATER),
        deleted=True,
    ),
}
