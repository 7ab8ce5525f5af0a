"""What changes a cluster of the demo through its API, over real HTTP."""

from typing import Any

import httpx
import pytest

from tests.demo.kubernetes.cluster_client import DEPLOYMENTS, ClusterClock, get, names

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"


async def _patch(api: httpx.AsyncClient, path: str, body: Any, kind: str, **params: str) -> Any:
    answer = await api.patch(path, json=body, params=params, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("namespace", "plural", "name"),
    [("payments", "statefulsets", "ledger"), ("platform", "daemonsets", "log-agent")],
)
async def test_a_controller_revision_is_a_patch_that_brings_its_template_back(
    api: httpx.AsyncClient, clock: ClusterClock, namespace: str, plural: str, name: str
) -> None:
    root = f"apis/apps/v1/namespaces/{namespace}"
    kept = await get(
        api, f"{root}/controllerrevisions", labelSelector=f"app.kubernetes.io/name={name}"
    )
    first, *_, newest = sorted(kept["items"], key=lambda item: int(item["revision"]))
    await _patch(api, f"{root}/{plural}/{name}", first["data"], STRATEGIC_PATCH)
    clock.forward(300)
    after = await get(api, f"{root}/{plural}/{name}")
    wanted = first["data"]["spec"]["template"]["spec"]
    assert after["spec"]["template"]["spec"] == wanted
    same = await get(api, f"{root}/controllerrevisions/{first['metadata']['name']}")
    assert same["revision"] == newest["revision"] + 1
    label = {"labelSelector": f"app.kubernetes.io/name={name}"}
    pods = await get(api, f"api/v1/namespaces/{namespace}/pods", **label)
    images = {pod["spec"]["containers"][0]["image"] for pod in pods["items"]}
    assert images == {wanted["containers"][0]["image"]}


async def test_a_template_is_kept_as_it_was_patched(
    api: httpx.AsyncClient, clock: ClusterClock
) -> None:
    env = [{"name": "LOG_LEVEL", "value": "debug"}, {"name": "CACHE", "value": "off"}]
    container = {"name": "cart", "env": env}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await _patch(api, f"{DEPLOYMENTS}/cart", body, STRATEGIC_PATCH)
    clock.forward(120)
    after = await get(api, f"{DEPLOYMENTS}/cart")
    assert after["spec"]["template"]["spec"]["containers"][0]["env"] == env
    assert after["status"]["updatedReplicas"] == after["spec"]["replicas"]


async def test_a_scale_is_patched(api: httpx.AsyncClient, clock: ClusterClock) -> None:
    path = f"{DEPLOYMENTS}/cart/scale"
    body = {"spec": {"replicas": 5}}
    dry = await _patch(api, path, body, MERGE_PATCH, dryRun="All")
    assert dry["spec"]["replicas"] == 5
    assert (await get(api, path))["spec"]["replicas"] == 3
    await _patch(api, path, body, MERGE_PATCH, fieldManager="somebody")
    clock.forward(60)
    scale = await get(api, path)
    assert (scale["spec"]["replicas"], scale["status"]["replicas"]) == (5, 5)
    *_, field = (await get(api, f"{DEPLOYMENTS}/cart"))["metadata"]["managedFields"]
    assert (field["manager"], field["subresource"]) == ("somebody", "scale")


async def test_an_autoscaler_brings_the_number_back(
    api: httpx.AsyncClient, clock: ClusterClock
) -> None:
    hpas = await get(api, "apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers")
    (hpa,) = hpas["items"]
    name, most = hpa["spec"]["scaleTargetRef"]["name"], hpa["spec"]["maxReplicas"]
    path = f"{DEPLOYMENTS}/{name}/scale"
    await _patch(api, path, {"spec": {"replicas": most + 4}}, MERGE_PATCH)
    assert (await get(api, path))["spec"]["replicas"] == most + 4
    clock.forward(60)
    assert (await get(api, path))["spec"]["replicas"] == most


async def test_a_budget_counts_who_is_healthy(api: httpx.AsyncClient) -> None:
    budgets = await get(api, "apis/policy/v1/namespaces/payments/poddisruptionbudgets")
    (payments,) = [one for one in budgets["items"] if one["metadata"]["name"] == "payments"]
    assert payments["status"]["disruptionsAllowed"] == 1
    assert payments["status"]["currentHealthy"] == payments["status"]["expectedPods"]


JOB = {
    "metadata": {"name": "once", "labels": {"a": "b"}},
    "spec": {
        "template": {
            "metadata": {"labels": {"c": "d"}},
            "spec": {
                "containers": [
                    {
                        "name": "train",
                        "image": "example:1",
                        "env": [
                            {"name": "MODEL_NAME", "value": "churn-predictor"},
                            {"name": "epochs", "value": "7"},
                        ],
                    }
                ]
            },
        }
    },
}


async def test_a_job_is_made_once_and_trains_its_model(
    api: httpx.AsyncClient, url: str, clock: ClusterClock
) -> None:
    jobs = "apis/batch/v1/namespaces/ml/jobs"
    assert (await api.post(jobs, json=JOB, params={"dryRun": "All"})).status_code == 201
    assert "once" not in names(await get(api, jobs))
    assert (await api.post(jobs, json=JOB)).status_code == 201
    again = await api.post(jobs, json=JOB)
    assert (again.status_code, again.json()["message"]) == (
        409,
        'jobs.batch "once" already exists',
    )
    model = f"{url.partition('/clusters')[0]}/mlflow/api/2.0/mlflow/registered-models/get"
    before = (await api.get(model, params={"name": "churn-predictor"})).json()
    clock.forward(90)
    job = await get(api, f"{jobs}/once")
    assert job["status"]["succeeded"] == 1
    assert job["spec"]["template"]["metadata"]["labels"]["c"] == "d"
    after = (await api.get(model, params={"name": "churn-predictor"})).json()
    assert _newest(after) == _newest(before) + 1


def _newest(body: Any) -> int:
    return max(int(one["version"]) for one in body["registered_model"]["latest_versions"])


async def test_a_suspended_cron_job_does_not_run(
    api: httpx.AsyncClient, clock: ClusterClock
) -> None:
    path = "apis/batch/v1/namespaces/ml/cronjobs/feature-refresh"
    made = await _patch(api, path, {"spec": {"suspend": True}}, MERGE_PATCH)
    assert made["metadata"]["generation"] == 2
    before = await get(api, path)
    clock.forward(1_800)
    assert (await get(api, path))["status"]["lastScheduleTime"] == before["status"][
        "lastScheduleTime"
    ]
    await _patch(api, path, {"spec": {"suspend": False}}, MERGE_PATCH)
    clock.forward(600)
    assert (await get(api, path))["status"]["lastScheduleTime"] != before["status"][
        "lastScheduleTime"
    ]


async def test_a_pod_ends_when_it_is_deleted(api: httpx.AsyncClient, clock: ClusterClock) -> None:
    path = "api/v1/namespaces/shop/pods"
    pod = next(name for name in names(await get(api, path)) if name.startswith("cart-"))
    wrong = {"preconditions": {"uid": "another"}}
    answer = await api.request("DELETE", f"{path}/{pod}", json=wrong)
    assert answer.status_code == 409
    dry = await api.request("DELETE", f"{path}/{pod}", json={"dryRun": ["All"]})
    assert dry.status_code == 200
    clock.forward(30)
    assert pod in names(await get(api, path))
    assert (await api.delete(f"{path}/{pod}")).status_code == 200
    clock.forward(60)
    seen = names(await get(api, path))
    assert pod not in seen
    assert len([name for name in seen if name.startswith("cart-")]) == 3


async def test_who_is_impersonated_may_only_read(api: httpx.AsyncClient) -> None:
    who = {"Impersonate-User": "viewer"}
    review = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    for verb, allowed in (("list", True), ("patch", False), ("create", False)):
        body = {"spec": {"resourceAttributes": {"verb": verb, "resource": "deployments"}}}
        answer = await api.post(review, json=body, headers=who)
        assert answer.json()["status"]["allowed"] is allowed
    asked = (("PATCH", f"{DEPLOYMENTS}/cart"), ("DELETE", "api/v1/namespaces/shop/pods/x"))
    for method, path in asked:
        answer = await api.request(method, path, json={}, headers=who)
        assert answer.status_code == 403
        assert 'User "viewer" cannot' in answer.json()["message"]
