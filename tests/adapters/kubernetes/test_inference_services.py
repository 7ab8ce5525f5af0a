"""InferenceServices of KServe: the model that they serve, where the cluster has them."""

from typing import Any

import pytest

from opsboard.adapter import Request, SourceError
from opsboard.records import Deployment, Kind, Ref, Status, Strength
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.parse.inference_services import (
    V1beta1InferenceService,
    parse_inference_service,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import to_struct
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, page, status, text
from tests.adapters.kubernetes.test_pod_images import HERE
from tests.adapters.kubernetes.workload_setup import source_of, until

GROUP = "/apis/serving.kserve.io/v1beta1"
LIST = f"{GROUP}/inferenceservices"
DISCOVERY = '{"resources": [{"name": "inferenceservices", "kind": "InferenceService"}]}'
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
RUN = "0123456789abcdef" * 2


READY = [{"type": "Ready", "status": "True"}]


def service(predictor: Any, **state: Any) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "ml"}
    return {
        "metadata": {"name": "fraud", "namespace": "ml", "labels": labels},
        "spec": {"predictor": predictor},
        "status": state,
    }


def parsed(predictor: Any, **state: Any) -> Deployment:
    item = to_struct(service(predictor, **state), V1beta1InferenceService)
    return parse_inference_service(HERE, item)


def models(record: Deployment) -> list[tuple[str, str, Strength]]:
    return [(one.type, one.value, one.strength) for one in record.inputs]


@pytest.mark.parametrize(
    ("predictor", "expected"),
    [
        ({"model": {"storageUri": "models:/fraud/5"}}, ("model-version", "fraud/5")),
        ({"sklearn": {"storageUri": f"s3://b/1/{RUN}/artifacts/model"}}, ("run", RUN)),
        ({"triton": {"storageUri": f"runs:/{RUN}/model"}}, ("run", RUN)),
        (
            {"containers": [{"env": [{"name": "STORAGE_URI", "value": "models:/a/1"}]}]},
            ("model-version", "a/1"),
        ),
    ],
)  # fmt: skip
def test_the_storage_uri_names_the_model(predictor: Any, expected: tuple[str, str]) -> None:
    ((kind, value, strength),) = models(parsed(predictor, conditions=READY))
    assert ((kind, value), strength) == (expected, Strength.LABEL)


@pytest.mark.parametrize(
    "predictor",
    [{}, {"model": {}}, {"model": {"storageUri": "s3://bucket/fraud"}}, {"model": None},
     {"model": {"storageUri": 5}}, {"containers": "odd"}, {"pvc": {"storageUri": "pvc://x/y"}}],
)  # fmt: skip
def test_what_names_no_model_states_none(predictor: Any) -> None:
    assert models(parsed(predictor)) == []


def test_a_canary_says_how_the_traffic_is_split() -> None:
    traffic = [
        {"revisionName": "fraud-predictor-00002", "percent": 10, "latestRevision": True},
        {"revisionName": "fraud-predictor-00001", "percent": 90},
    ]
    predictor = {"canaryTrafficPercent": 10, "model": {"storageUri": "models:/fraud/6"}}
    record = parsed(
        predictor,
        conditions=[{"type": "Ready", "status": "True"}],
        components={
            "predictor": {"latestReadyRevision": "fraud-predictor-00002", "traffic": traffic}
        },
    )
    assert record.message == "traffic: 00002 10 %, 00001 90 %"
    assert (record.status, record.revision) == (Status.OK, "00002")
    assert record.inputs[0].rule == "KServe predictor.model.storageUri, 10 % of the traffic"


def _revisions(created: str, ready: str, *shares: int) -> dict[str, Any]:
    """Return a status with these revisions; the newest gets the first share of the traffic."""
    names = [ready, "old"]
    traffic = [
        {"revisionName": name, "percent": share, "latestRevision": name == ready}
        for name, share in zip(names, shares, strict=False)
    ]
    predictor = {"latestCreatedRevision": created, "latestReadyRevision": ready, "traffic": traffic}
    return {"components": {"predictor": predictor}, "conditions": READY}


@pytest.mark.parametrize(
    ("state", "canary", "strength", "note"),
    [
        (_revisions("2", "2", 100), None, Strength.LABEL, ""),
        (_revisions("2", "2", 10, 90), 10, Strength.LABEL, ", 10 % of the traffic"),
        (_revisions("2", "2", 30, 70), 10, Strength.LABEL, ", 30 % of the traffic"),
        (_revisions("2", "2"), 10, Strength.LABEL, ", 10 % of the traffic"),
        (_revisions("2", "2", 0, 100), 0, Strength.CANDIDATE, ", 0 % of the traffic"),
        (_revisions("2", "1", 100), None, Strength.CANDIDATE, ", not ready yet"),
        (_revisions("2", "1", 100), 10, Strength.CANDIDATE, ", not ready yet"),
        (_revisions("1", ""), None, Strength.CANDIDATE, ", not ready yet"),
        ({}, None, Strength.CANDIDATE, ", not ready yet"),
        ({"conditions": READY}, None, Strength.LABEL, ""),
        ({"conditions": [{"type": "Ready", "status": "False"}]}, None, Strength.CANDIDATE,
         ", not ready yet"),
    ],
)  # fmt: skip
def test_the_model_of_the_spec_is_a_candidate_until_its_revision_serves(
    state: dict[str, Any], canary: int | None, strength: Strength, note: str
) -> None:
    predictor = {"model": {"storageUri": "models:/fraud/6"}}
    if canary is not None:
        predictor["canaryTrafficPercent"] = canary  # type: ignore[assignment]
    (claim,) = parsed(predictor, **state).inputs
    assert (claim.value, claim.strength) == ("fraud/6", strength)
    assert claim.rule == f"KServe predictor.model.storageUri{note}"


def test_a_spec_that_was_not_observed_yet_serves_nothing_yet() -> None:
    body = service({"model": {"storageUri": "models:/fraud/6"}}, **_revisions("2", "2", 100))
    body["metadata"]["generation"] = 3
    body["status"]["observedGeneration"] = 2
    record = parse_inference_service(HERE, to_struct(body, V1beta1InferenceService))
    assert record.inputs[0].strength is Strength.CANDIDATE


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([], (Status.RUNNING, "Progressing")),
        ([{"type": "Ready", "status": "Unknown"}], (Status.RUNNING, "Progressing")),
        (
            [{"type": "Ready", "status": "False", "reason": "RevisionFailed", "message": "no"}],
            (Status.FAILED, "RevisionFailed"),
        ),
        (
            [
                {"type": "PredictorReady", "status": "False", "reason": "PredictorFailed"},
                {"type": "Ready", "status": "False"},
            ],
            (Status.FAILED, "PredictorFailed"),
        ),
    ],
)
def test_it_is_as_ready_as_its_conditions_say(conditions: Any, said: tuple[Status, str]) -> None:
    record = parsed({}, conditions=conditions)
    assert (record.status, record.reason) == said


REF = Ref("clusters", Kind.DEPLOYMENT, "test/ml/InferenceService/fraud")


async def test_it_is_watched_where_the_cluster_has_it(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[f"list {GROUP}"] = [text(DISCOVERY)]
    cluster.script[f"list {LIST}"] = [page(service({"model": {"storageUri": "models:/fraud/5"}}))]
    async with (
        Kubernetes.connect(settings, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: REF in recorder.records)
        with pytest.raises(SourceError, match="not changed from here"):
            await source.plan(Request(action="restart", ref=REF))


@pytest.mark.parametrize("code", [404, 403])
async def test_where_it_is_not_installed_nothing_is_said_of_it(
    cluster: ScriptedCluster, settings: KubernetesSettings, code: int
) -> None:
    cluster.script[f"list {GROUP}"] = [status(code)]
    async with (
        Kubernetes.connect(settings, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: bool(cluster.asked[f"list {GROUP}"]) and _all(recorder))
        assert recorder.troubles == []
    assert not cluster.asked[f"list {LIST}"]


def _all(recorder: Recorder) -> bool:
    return len(recorder.complete) >= 9


async def test_a_true_server_with_the_resource_shows_it(scene: Scene) -> None:
    if not scene.real:
        pytest.skip("the demo has no KServe")
    ground = scene.ground
    await _install(ground.client)
    path = f"{GROUP}/namespaces/{ground.namespace}/inferenceservices"
    body = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        **service({"model": {"storageUri": "models:/fraud/5"}}),
    }
    body["metadata"] = {"name": "fraud"}
    answer = await ground.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    ref = Ref(
        "clusters",
        Kind.DEPLOYMENT,
        f"{ground.cluster}/{ground.namespace}/InferenceService/fraud",
    )
    try:
        async with source_of(ground) as source, recording(source) as recorder:
            await recorder.until(lambda: ref in recorder.records)
            assert (await source.detail(ref)).record.inputs[0].value == "fraud/5"
    finally:
        await ground.client.delete(f"{DEFINITIONS}/inferenceservices.serving.kserve.io")


async def _install(client: Any) -> None:
    """Install a definition of KServe's resource that takes anything."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1beta1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    names = {"plural": "inferenceservices", "singular": "inferenceservice"}
    definition = {
        "metadata": {"name": "inferenceservices.serving.kserve.io"},
        "spec": {
            "group": "serving.kserve.io",
            "scope": "Namespaced",
            "names": {**names, "kind": "InferenceService", "listKind": "InferenceServiceList"},
            "versions": [version],
        },
    }
    answer = await client.post(DEFINITIONS, json=definition)
    assert answer.status_code in {201, 409}, answer.text

    async def look() -> int:
        return int((await client.get(f"{GROUP}/inferenceservices")).status_code)

    await until(look, lambda seen: seen == 200)
