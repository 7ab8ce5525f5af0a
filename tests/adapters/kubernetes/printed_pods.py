"""Pods in all states, and what ``kubectl get pods`` prints of them.

The columns are those that a true API server (1.35) has printed: ``test_printed.py`` asks one
again where there is one.
"""

from typing import Final

from tests.adapters.kubernetes.pod_states import (
    BAD,
    DARK,
    JOB,
    LATER,
    OK,
    READY,
    RUN,
    STARTED,
    TWO,
    WARN,
    PodCase,
    end,
    ended,
    is_,
    pod,
    up,
    waits,
)
from tests.adapters.kubernetes.printed_init_pods import INIT_PODS

_PODS: Final[dict[str, PodCase]] = {
    # on its way
    "new": PodCase(("0/1", "Pending", 0), RUN, pod("Pending")),
    "nowhere to run": PodCase(
        ("0/1", "Pending", 0),
        WARN,
        pod("Pending", on=[is_("PodScheduled", "False", reason="Unschedulable", message="0/3")]),
    ),
    "gated": PodCase(
        ("0/1", "SchedulingGated", 0),
        WARN,
        pod("Pending", on=[is_("PodScheduled", "False", reason="SchedulingGated")]),
    ),
    "creating": PodCase(
        ("0/1", "ContainerCreating", 0), RUN, pod("Pending", waits("ContainerCreating"), on=STARTED)
    ),
    "waits without a word": PodCase(("0/1", "Pending", 0), RUN, pod("Pending", waits())),
    "up, not ready": PodCase(
        ("0/1", "Running", 0), RUN, pod("Running", up(ready=False), on=STARTED)
    ),
    "a readiness gate is shut": PodCase(
        ("1/1", "Running", 0),
        RUN,
        pod(
            "Running", up(), on=[*STARTED, is_("ContainersReady"), is_("example.com/gate", "False")]
        ),
        spec={"readinessGates": [{"conditionType": "example.com/gate"}]},
    ),
    # up
    "up": PodCase(("1/1", "Running", 0), OK, pod("Running", up(), on=READY)),
    "two up": PodCase(("2/2", "Running", 0), OK, pod("Running", up(), up("log"), on=READY), TWO),
    "one of two up": PodCase(
        ("1/2", "Running", 0),
        RUN,
        pod("Running", up(), up("log", ready=False), on=STARTED),
        TWO,
    ),
    "restarted": PodCase(
        ("1/1", "Running", 3), OK, pod("Running", up(restarts=3, last=end()), on=READY)
    ),
    "both restarted": PodCase(
        ("2/2", "Running", 5),
        OK,
        pod(
            "Running", up(restarts=2, last=end(LATER)), up("log", restarts=3, last=end()), on=READY
        ),
        TWO,
    ),
    # in trouble
    "crashing": PodCase(
        ("0/1", "CrashLoopBackOff", 7),
        BAD,
        pod("Running", waits("CrashLoopBackOff", restarts=7, last=end()), on=STARTED),
    ),
    "has just crashed": PodCase(
        ("0/1", "Error", 1), BAD, pod("Running", ended(1, "Error", restarts=1), on=STARTED)
    ),
    "out of memory": PodCase(
        ("0/1", "OOMKilled", 2), BAD, pod("Running", ended(137, "OOMKilled", restarts=2))
    ),
    "no image": PodCase(
        ("0/1", "ImagePullBackOff", 0), BAD, pod("Pending", waits("ImagePullBackOff"), on=STARTED)
    ),
    "no config": PodCase(
        ("0/1", "CreateContainerConfigError", 0),
        BAD,
        pod("Pending", waits("CreateContainerConfigError")),
    ),
    "a word that nobody knows": PodCase(
        ("0/1", "Dreaming", 0), WARN, pod("Pending", waits("Dreaming"))
    ),
    "the first that waits is told": PodCase(
        ("0/2", "ContainerCreating", 0),
        BAD,
        pod("Pending", waits("ContainerCreating"), waits("ErrImagePull", "log")),
        TWO,
    ),
    "one crashes beside one that is up": PodCase(
        ("1/2", "CrashLoopBackOff", 4),
        BAD,
        pod("Running", up(), waits("CrashLoopBackOff", "log", restarts=4, last=end()), on=STARTED),
        TWO,
    ),
    "node lost": PodCase(
        ("1/1", "NodeLost", 0), BAD, pod("Running", up(), on=STARTED, reason="NodeLost")
    ),
    "phase unknown": PodCase(("1/1", "Unknown", 0), DARK, pod("Unknown", up(), on=STARTED)),
    # at the end
    "done": PodCase(
        ("0/1", "Completed", 0), OK, pod("Succeeded", ended(0, "Completed"), on=STARTED), **JOB
    ),
    "done without a reason": PodCase(
        ("0/1", "ExitCode:0", 0), OK, pod("Succeeded", ended(0)), **JOB
    ),
    "failed": PodCase(("0/1", "Error", 0), BAD, pod("Failed", ended(1, "Error")), **JOB),
    "failed without a reason": PodCase(
        ("0/1", "ExitCode:3", 0), BAD, pod("Failed", ended(3)), **JOB
    ),
    "killed by a signal": PodCase(
        ("0/1", "Signal:9", 0), BAD, pod("Failed", ended(137, signal=9)), **JOB
    ),
    "failed without a container": PodCase(("0/1", "Failed", 0), BAD, pod("Failed")),
    "evicted": PodCase(
        ("0/1", "Evicted", 0), BAD, pod("Failed", reason="Evicted", message="low on memory")
    ),
    "evicted, containers known": PodCase(
        ("0/1", "ContainerStatusUnknown", 0),
        BAD,
        pod("Failed", ended(137, "ContainerStatusUnknown"), reason="Evicted", message="low"),
    ),
    "node shut down": PodCase(
        ("0/1", "Terminated", 0), BAD, pod("Failed", reason="Terminated", message="node shutdown")
    ),
    "one of two is done": PodCase(
        ("1/2", "NotReady", 0),
        RUN,
        pod("Running", ended(0, "Completed"), up("log"), on=STARTED),
        TWO,
        **JOB,
    ),
    "one of two is done, the pod is ready": PodCase(
        ("1/2", "Running", 0),
        OK,
        pod("Running", ended(0, "Completed"), up("log"), on=READY),
        TWO,
        **JOB,
    ),
    "done, and one has failed": PodCase(
        ("0/2", "Error", 0),
        BAD,
        pod("Failed", ended(0, "Completed"), ended(2, "Error", "log")),
        TWO,
        **JOB,
    ),
    "one has failed, one is up": PodCase(
        ("1/2", "Error", 0),
        BAD,
        pod("Running", ended(2, "Error"), up("log"), on=STARTED),
        TWO,
        **JOB,
    ),
    # being deleted
    "ending": PodCase(("1/1", "Terminating", 0), RUN, pod("Running", up(), on=READY), deleted=True),
    "ending while it crashes": PodCase(
        ("0/1", "Terminating", 9),
        RUN,
        pod("Running", waits("CrashLoopBackOff", restarts=9, last=end()), on=STARTED),
        deleted=True,
    ),
    "ending before it began": PodCase(("0/1", "Terminating", 0), RUN, pod("Pending"), deleted=True),
    "ending on a lost node": PodCase(
        ("1/1", "Unknown", 0),
        DARK,
        pod("Running", up(), on=STARTED, reason="NodeLost"),
        deleted=True,
    ),
    "done, held by a finalizer": PodCase(
        ("0/1", "Completed", 0),
        OK,
        pod("Succeeded", ended(0, "Completed"), on=STARTED),
        deleted=True,
        **JOB,
    ),
    "failed, held by a finalizer": PodCase(
        ("0/1", "Error", 0), BAD, pod("Failed", ended(1, "Error")), deleted=True, **JOB
    ),
    "evicted, held by a finalizer": PodCase(
        ("0/1", "Evicted", 0), BAD, pod("Failed", reason="Evicted"), deleted=True
    ),
}

PODS: Final[dict[str, PodCase]] = {**_PODS, **INIT_PODS}
