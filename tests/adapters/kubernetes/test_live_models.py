"""Which model a workload serves while another one is rolled out: that of its pods."""

from typing import Any

import pytest

from opsboard.records import Deployment, Strength
from opsboard_adapters.kubernetes.parse.served_models import MODELS
from tests.adapters.kubernetes.test_pod_images import (
    NEW,
    OLD,
    A,
    B,
    container,
    parsed,
    pod,
    seen,
    workload,
)

KSERVE = "internal.serving.kserve.io/storage-initializer-sourceuri"
SERVER = {"name": "MLFLOW_TRACKING_URI", "value": "https://mlflow.example"}


def serving(version: int) -> dict[str, Any]:
    return container(env=[SERVER, {"name": "MODEL_URI", "value": f"models:/fraud/{version}"}])


def pod_of(version: int, name: str, template: str, **more: Any) -> dict[str, Any]:
    return pod(name, A, template=template, containers=[serving(version)], **more)


def models(record: Any) -> dict[str, Strength]:
    return {one.value: one.strength for one in record.inputs if one.type in MODELS}


ROLLING = {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2}
SURE, GUESS = Strength.LABEL, Strength.CANDIDATE
OLD_POD, NEW_POD = pod_of(5, "web-old", OLD), pod_of(6, "web-new", NEW)


@pytest.mark.parametrize(
    ("pods", "status", "expected"),
    [
        ([NEW_POD], {}, {"fraud/6": SURE}),
        ([OLD_POD, NEW_POD], ROLLING, {"fraud/5": SURE, "fraud/6": GUESS}),
        ([OLD_POD], {**ROLLING, "updatedReplicas": 0}, {"fraud/5": SURE, "fraud/6": GUESS}),
        # no pod is seen, and the roll-out is under way
        ([], ROLLING, {"fraud/6": GUESS}),
        ([], {}, {"fraud/6": SURE}),
        # the old ones serve the same: another variable was changed
        ([pod_of(6, "web-old", OLD), NEW_POD], ROLLING, {"fraud/6": SURE}),
        # or none at all, as far as is told
        ([pod("web-old", B, template=OLD), NEW_POD], ROLLING, {"fraud/6": GUESS}),
        ([pod_of(5, "web-old", OLD, phase="Failed"), NEW_POD], {}, {"fraud/6": SURE}),
    ],
)
def test_until_no_older_pod_is_left_theirs_is_what_is_served(
    pods: list[dict[str, Any]], status: dict[str, int], expected: dict[str, Strength]
) -> None:
    record = seen(workload(serving(6), status=status), *pods)
    assert models(record) == expected
    rules = {one.value: one.rule for one in record.inputs if one.type in MODELS}
    if expected.get("fraud/5"):
        assert rules["fraud/5"] == "env MODEL_URI of pods that are to be replaced"
        assert rules["fraud/6"] == "env MODEL_URI, being rolled out"


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_so_it_is_of_every_kind_of_workload(kind: str) -> None:
    pods = [
        pod_of(5, "web-0", OLD, kind=kind),
        pod_of(6, "web-1", NEW, kind=kind),
    ]
    assert models(seen(workload(serving(6)), *pods, kind=kind)) == {
        "fraud/5": SURE,
        "fraud/6": GUESS,
    }


def test_a_workload_without_models_is_left_alone() -> None:
    record = seen(workload(status=ROLLING), pod("a", B, template=OLD), pod("b", A))
    assert models(record) == {}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (pod_of(5, "a", NEW), {"fraud/5": SURE}),
        (pod("a", A, containers=[container(args=["--model-uri=models:/fraud/7"])]),
         {"fraud/7": SURE}),
        (pod("a", A, containers=[container(env=[{"name": "MODEL_NAME", "value": "fraud"},
                                                {"name": "MODEL_VERSION", "value": "8"}])]),
         {"fraud/8": SURE}),
        (pod("a", A, containers=[container(env=[{"name": "OTHER", "value": "models:/fraud/5"}])]),
         {}),
        (pod("a", A, containers=[container(env=[{"name": "MODEL_URI", "valueFrom":
                                                 {"secretKeyRef": {"name": "s", "key": "k"}}}])]),
         {}),
        (pod("a", A, containers=[container(env=None, args=None, command=None)]), {}),
    ],
)  # fmt: skip
def test_a_pod_says_what_it_serves_itself(
    item: dict[str, Any], expected: dict[str, Strength]
) -> None:
    assert models(parsed(item)) == expected


def test_a_pod_of_kserve_says_from_where_its_model_is() -> None:
    item = pod("a", A)
    item["metadata"]["annotations"] = {KSERVE: "models:/fraud/5"}
    assert models(parsed(item)) == {"fraud/5": SURE}
    record = seen(
        workload(spec={"template": {
            "metadata": {"annotations": {KSERVE: "models:/fraud/6"}},
            "spec": {"containers": [container()]},
        }}, status=ROLLING),
        {**item, "metadata": {**item["metadata"], **_owned_by(OLD)}},
        pod("b", A),
    )  # fmt: skip
    assert isinstance(record, Deployment)
    assert models(record) == {"fraud/5": SURE, "fraud/6": GUESS}


def _owned_by(name: str) -> dict[str, Any]:
    metadata = pod("x", A, template=name)["metadata"]
    return {key: metadata[key] for key in ("labels", "ownerReferences")}
