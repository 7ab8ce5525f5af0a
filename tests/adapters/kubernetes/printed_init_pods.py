"""Pods with init containers and native sidecars, and what ``kubectl get pods`` prints of them.

The columns are those that a true API server (1.35) has printed: ``test_printed.py`` asks one
again where there is one.
"""

from typing import Final

from tests.adapters.kubernetes.pod_states import (
    BAD,
    JOB,
    LATER,
    OK,
    READY,
    RUN,
    STARTED,
    STARTING,
    PodCase,
    end,
    ended,
    pod,
    up,
    waits,
)

INIT_PODS: Final[dict[str, PodCase]] = {
    "first of two": PodCase(
        ("0/1", "Init:0/2", 0),
        RUN,
        pod(
            "Pending",
            waits("PodInitializing"),
            init=(up("a", ready=False), waits("PodInitializing", "b")),
            on=STARTING,
        ),
        init=("a", "b"),
    ),
    "second of two": PodCase(
        ("0/1", "Init:1/2", 2),
        RUN,
        pod(
            "Pending",
            waits("PodInitializing"),
            init=(
                ended(0, "Completed", "a", restarts=2, last=end()),
                waits("PodInitializing", "b"),
            ),
            on=STARTING,
        ),
        init=("a", "b"),
    ),
    "init waits without a word": PodCase(
        ("0/1", "Init:0/1", 0), RUN, pod("Pending", init=(waits(name="a"),)), init=("a",)
    ),
    "init done, app to come": PodCase(
        ("0/1", "PodInitializing", 0),
        RUN,
        pod("Pending", waits("PodInitializing"), init=(ended(0, "Completed", "a"),), on=STARTED),
        init=("a",),
    ),
    "init failed": PodCase(
        ("0/1", "Init:Error", 1),
        BAD,
        pod("Pending", waits("PodInitializing"), init=(ended(1, "Error", "a", restarts=1),)),
        init=("a",),
    ),
    "init failed without a reason": PodCase(
        ("0/1", "Init:ExitCode:3", 0),
        BAD,
        pod("Pending", init=(ended(3, name="a"),), on=STARTING),
        init=("a",),
    ),
    "init killed by a signal": PodCase(
        ("0/1", "Init:Signal:9", 0),
        BAD,
        pod("Pending", init=(ended(137, name="a", signal=9),), on=STARTING),
        init=("a",),
    ),
    "init crashing": PodCase(
        ("0/1", "Init:CrashLoopBackOff", 5),
        BAD,
        pod(
            "Pending",
            waits("PodInitializing"),
            init=(waits("CrashLoopBackOff", "a", restarts=5, last=end()),),
            on=STARTING,
        ),
        init=("a",),
    ),
    "init without an image": PodCase(
        ("0/1", "Init:ErrImagePull", 0),
        BAD,
        pod("Pending", init=(waits("ErrImagePull", "a"),), on=STARTING),
        init=("a",),
    ),
    "restarts of init are forgotten": PodCase(
        ("1/1", "Running", 1),
        OK,
        pod(
            "Running",
            up(restarts=1, last=end()),
            init=(ended(0, "Completed", "a", restarts=4, last=end(LATER)),),
            on=READY,
        ),
        init=("a",),
    ),
    "init died after its pod failed": PodCase(
        ("0/1", "Init:OOMKilled", 0),
        BAD,
        pod("Failed", waits("PodInitializing"), init=(ended(137, "OOMKilled", "a"),), on=STARTING),
        init=("a",),
        **JOB,
    ),
    # native sidecars
    "sidecar up": PodCase(
        ("2/2", "Running", 4),
        OK,
        pod("Running", up(restarts=1), init=(up("side", restarts=3),), on=READY),
        init=("side",),
    ),
    "sidecar not ready": PodCase(
        ("1/2", "Running", 0),
        RUN,
        pod("Running", up(), init=(up("side", ready=False),), on=STARTED),
        init=("side",),
    ),
    "sidecar up, app to come": PodCase(
        ("1/2", "PodInitializing", 0),
        RUN,
        pod("Pending", waits("PodInitializing"), init=(up("side"),), on=STARTED),
        init=("side",),
    ),
    "sidecar starting": PodCase(
        ("0/2", "Init:0/1", 0),
        RUN,
        pod(
            "Pending",
            waits("PodInitializing"),
            init=(up("side", ready=False, started=False),),
            on=STARTING,
        ),
        init=("side",),
    ),
    "sidecar up, init at work": PodCase(
        ("1/2", "Init:1/2", 1),
        RUN,
        pod("Pending", init=(up("side", restarts=1), up("a", ready=False)), on=STARTING),
        init=("side", "a"),
    ),
    "sidecar crashing, never up": PodCase(
        ("0/2", "Init:CrashLoopBackOff", 3),
        BAD,
        pod(
            "Pending",
            waits("PodInitializing"),
            init=(waits("CrashLoopBackOff", "side", restarts=3, last=end()),),
            on=STARTING,
        ),
        init=("side",),
    ),
    "sidecar crashing beside the app": PodCase(
        ("1/2", "Init:CrashLoopBackOff", 6),
        BAD,
        pod(
            "Running",
            up(),
            init=(waits("CrashLoopBackOff", "side", restarts=6, last=end()),),
            on=STARTED,
        ),
        init=("side",),
    ),
    "sidecar killed at the end": PodCase(
        ("0/2", "Completed", 0),
        OK,
        pod(
            "Succeeded",
            ended(0, "Completed"),
            init=(ended(137, "Error", "side"),),
            on=STARTED,
        ),
        init=("side",),
        **JOB,
    ),
    "sidecar killed at the end of a failure": PodCase(
        ("0/2", "Error", 0),
        BAD,
        pod("Failed", ended(3, "Error"), init=(ended(137, "Error", "side"),), on=STARTED),
        init=("side",),
        **JOB,
    ),
    "app done, sidecar to follow": PodCase(
        ("1/2", "Completed", 0),
        RUN,
        pod("Running", ended(0, "Completed"), init=(up("side"),), on=STARTED),
        init=("side",),
        **JOB,
    ),
    "app done, sidecar killed": PodCase(
        ("0/2", "Completed", 0),
        RUN,
        pod("Running", ended(0, "Completed"), init=(ended(143, "Error", "side"),), on=STARTED),
        init=("side",),
        **JOB,
    ),
    "two sidecars, the second waits": PodCase(
        ("1/3", "Init:1/2", 2),
        RUN,
        pod(
            "Pending",
            init=(up("side", restarts=2, last=end()), waits("PodInitializing", "side2")),
            on=STARTING,
        ),
        init=("side", "side2"),
    ),
}
