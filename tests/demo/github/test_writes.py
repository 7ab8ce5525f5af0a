"""What is ordered of the demo's GitHub really happens, and is refused as GitHub refuses it."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import yaml
from starlette.applications import Starlette

from opsboard.demo.app import build_app
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from tests.demo.github.conftest import NOW, Clock

HOME = "/repos/harbourside"


@pytest.fixture
def moved(clock: Clock) -> tuple[DemoWorld, Starlette]:
    world, controllers = create_world(7, NOW)
    clock.run(600)
    world.advance(clock())
    return world, build_app(world, controllers, clock)


@pytest.fixture
async def client(moved: tuple[DemoWorld, Starlette]) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=moved[1])
    base = "http://127.0.0.1/api/v3"
    async with httpx.AsyncClient(transport=transport, base_url=base) as made:
        yield made


async def _get(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


async def _newest(client: httpx.AsyncClient, repository: str, **wanted: str) -> dict[str, Any]:
    listed = await _get(client, f"{HOME}/{repository}/actions/runs?per_page=100")
    return next(
        dict(run)
        for run in listed["workflow_runs"]
        if all(run[name] == value for name, value in wanted.items())
    )


async def _order(client: httpx.AsyncClient, path: str, body: object = None) -> tuple[int, Any]:
    answer = await client.post(path, json=body)
    return answer.status_code, answer.json() if answer.content else {}


def _path(repository: str, run: dict[str, Any]) -> str:
    return f"{HOME}/{repository}/actions/runs/{run['id']}"


async def test_a_rerun_is_another_attempt(client: httpx.AsyncClient, clock: Clock) -> None:
    run = await _newest(client, "storefront", conclusion="failure", name="ci")
    path = _path("storefront", run)
    status, _ = await _order(client, f"{path}/rerun")
    assert status == 201
    again = await _get(client, path)
    assert (again["run_attempt"], again["status"], again["conclusion"]) == (2, "queued", None)
    assert again["triggering_actor"]["login"] == "dalia"
    assert again["created_at"] == run["created_at"]
    assert await _order(client, f"{path}/rerun") == (
        403,
        {"message": "This workflow is already running", "documentation_url": "", "status": "403"},
    )
    first = await _get(client, f"{path}/attempts/1")
    assert (first["run_attempt"], first["conclusion"]) == (1, "failure")
    old = {job["id"] for job in (await _get(client, f"{path}/attempts/1/jobs"))["jobs"]}
    new = {job["id"] for job in (await _get(client, f"{path}/jobs"))["jobs"]}
    assert not old & new
    clock.run(600)
    assert (await _get(client, path))["status"] == "completed"


async def test_only_the_failed_jobs(client: httpx.AsyncClient) -> None:
    run = await _newest(client, "storefront", conclusion="failure", name="ci")
    path = _path("storefront", run)
    before = {job["name"]: job for job in (await _get(client, f"{path}/jobs"))["jobs"]}
    assert (await _order(client, f"{path}/rerun-failed-jobs"))[0] == 201
    after = {job["name"]: job for job in (await _get(client, f"{path}/jobs"))["jobs"]}
    for name, job in before.items():
        assert (after[name]["id"] == job["id"]) is (job["conclusion"] == "success")
    fine = await _newest(client, "storefront", conclusion="success")
    assert (await _order(client, f"{_path('storefront', fine)}/rerun-failed-jobs"))[0] == 403


async def test_one_job_and_what_comes_after_it(client: httpx.AsyncClient) -> None:
    run = await _newest(client, "checkout", conclusion="failure", name="deploy")
    path = _path("checkout", run)
    before = (await _get(client, f"{path}/jobs"))["jobs"]
    job = next(one for one in before if one["conclusion"] == "failure")
    place = before.index(job)
    status, _ = await _order(client, f"{HOME}/checkout/actions/jobs/{job['id']}/rerun")
    assert status == 201
    again = await _get(client, path)
    assert (again["run_attempt"], again["conclusion"]) == (2, None)
    after = (await _get(client, f"{path}/jobs"))["jobs"]
    assert [one["id"] for one in after[:place]] == [one["id"] for one in before[:place]]
    assert not {one["id"] for one in after[place:]} & {one["id"] for one in before}
    new = after[place]["id"]
    status, told = await _order(client, f"{HOME}/checkout/actions/jobs/{new}/rerun")
    assert (status, told["message"]) == (403, "This workflow is already running")


async def test_cancelled(client: httpx.AsyncClient, clock: Clock) -> None:
    run = await _newest(client, "storefront", conclusion="success", name="ci")
    path = _path("storefront", run)
    await _order(client, f"{path}/rerun")
    clock.run(40)
    assert (await _order(client, f"{path}/cancel"))[0] == 202
    clock.run(5)
    ended = await _get(client, path)
    assert (ended["status"], ended["conclusion"]) == ("completed", "cancelled")
    jobs = (await _get(client, f"{path}/jobs"))["jobs"]
    assert {job["status"] for job in jobs} == {"completed"}
    assert "cancelled" in {job["conclusion"] for job in jobs}
    assert (await _order(client, f"{path}/cancel"))[0] == 409


async def _waiting(client: httpx.AsyncClient, clock: Clock) -> tuple[str, dict[str, Any]]:
    """Begin a deployment to production, and return its run when it waits."""
    flow = f"{HOME}/catalog/actions/workflows/deploy.yml/dispatches"
    body = {"ref": "main", "inputs": {"environment": "production"}, "return_run_details": True}
    _, told = await _order(client, flow, body)
    path = f"{HOME}/catalog/actions/runs/{told['workflow_run_id']}"
    run = await _get(client, path)
    assert run["status"] == "waiting"
    return path, run


@pytest.mark.parametrize(("state", "end"), [("approved", "success"), ("rejected", "failure")])
async def test_reviewed(client: httpx.AsyncClient, clock: Clock, state: str, end: str) -> None:
    path, _ = await _waiting(client, clock)
    (pending,) = await _get(client, f"{path}/pending_deployments")
    body = {
        "environment_ids": [pending["environment"]["id"]],
        "state": state,
        "comment": "I looked",
    }
    status, deployed = await _order(client, f"{path}/pending_deployments", body)
    assert status == 200
    assert [one["environment"] for one in deployed] == ["production"]
    clock.run(4)
    assert (await _get(client, path))["status"] == (
        "in_progress" if state == "approved" else "completed"
    )
    (said,) = await _get(client, f"{path}/approvals")
    assert (said["state"], said["comment"], said["user"]["login"]) == (state, "I looked", "dalia")
    assert (await _order(client, f"{path}/pending_deployments", body))[0] == 422
    clock.run(200)
    assert (await _get(client, path))["conclusion"] == end


async def test_an_older_run_brings_its_image_back(
    client: httpx.AsyncClient, clock: Clock, moved: tuple[DemoWorld, Starlette]
) -> None:
    """Also to a workload that is stuck in a bad roll-out."""
    workload = moved[0].clusters["production-eu"].workload("shop", "checkout")
    assert workload is not None
    stuck = workload.wanted_revision.image
    run = await _newest(client, "checkout", name="deploy", conclusion="success")
    path = _path("checkout", run)
    await _order(client, f"{path}/rerun")
    for _ in range(40):
        clock.run(15)
        run = await _get(client, path)
        if run["status"] == "completed":
            break  # before others of the company deploy too
    assert run["conclusion"] == "success"
    assert workload.wanted_revision.image != stuck
    assert workload.wanted_revision.image.endswith(run["head_sha"][:7])
    listed = await _get(client, f"{HOME}/checkout/deployments?environment=production")
    begun = [one for one in listed if one["sha"] == run["head_sha"]]
    assert max(one["created_at"] for one in begun) >= run["run_started_at"]


async def test_a_training_is_a_new_version(
    client: httpx.AsyncClient, clock: Clock, moved: tuple[DemoWorld, Starlette]
) -> None:
    model = moved[0].models["fraud-detector"]
    flow = f"{HOME}/ml-models/actions/workflows/train.yml/dispatches"
    body = {"ref": "main", "inputs": {"model": "fraud-detector", "opsboard_plan": "p7"}}
    assert await _order(client, flow, body) == (204, {})
    run = await _newest(client, "ml-models", event="workflow_dispatch")
    assert run["display_title"] == "Train fraud-detector p7"
    before = [one.number for one in model.versions]
    for _ in range(30):
        clock.run(5)
        run = await _get(client, _path("ml-models", run))
    assert run["conclusion"] == "success"
    assert any(one.trained_on_new_data for one in model.versions if one.number not in before)


async def test_a_training_that_is_cancelled_is_none(
    client: httpx.AsyncClient, clock: Clock, moved: tuple[DemoWorld, Starlette]
) -> None:
    flow = f"{HOME}/ml-models/actions/workflows/train.yml/dispatches"
    body = {"ref": "main", "inputs": {"model": "image-tagger"}, "return_run_details": True}
    _, told = await _order(client, flow, body)
    path = f"{HOME}/ml-models/actions/runs/{told['workflow_run_id']}"
    clock.run(50)
    assert (await _get(client, path))["status"] == "in_progress"
    await _order(client, f"{path}/cancel")
    for _ in range(30):
        clock.run(5)
        await _get(client, path)
    assert not any(one.trained_on_new_data for one in moved[0].models["image-tagger"].versions)


@pytest.mark.parametrize(
    ("flow", "body", "status", "message"),
    [
        ("ci.yml", {"ref": "main"}, 422, "Workflow does not have 'workflow_dispatch' trigger"),
        ("deploy.yml", {"ref": "gone"}, 422, "No ref found for: gone"),
        ("deploy.yml", {"ref": "main", "inputs": {"a": "b"}}, 422, "Unexpected inputs"),
        (
            "deploy.yml",
            {"ref": "main", "inputs": {"environment": ""}},
            422,
            "Required input 'environment' not provided",
        ),
        (
            "deploy.yml",
            {"ref": "main", "inputs": {"log_level": "loud"}},
            422,
            "not in the list of allowed values",
        ),
        ("none.yml", {"ref": "main"}, 404, "Not Found"),
    ],
)
async def test_a_dispatch_that_is_refused(
    client: httpx.AsyncClient, flow: str, body: object, status: int, message: str
) -> None:
    got, told = await _order(client, f"{HOME}/catalog/actions/workflows/{flow}/dispatches", body)
    assert got == status
    assert message in told["message"]


async def test_who_may_only_read(client: httpx.AsyncClient) -> None:
    home = await _get(client, f"{HOME}/mobile-app")
    assert home["permissions"]["push"] is False
    run = await _newest(client, "mobile-app", status="completed")
    status, told = await _order(client, f"{_path('mobile-app', run)}/rerun")
    assert (status, told["message"]) == (403, "Must have admin rights to Repository.")


async def test_a_month_is_too_long_ago(
    client: httpx.AsyncClient, moved: tuple[DemoWorld, Starlette]
) -> None:
    run = await _newest(client, "platform", status="completed")
    held = next(one for one in moved[0].repositories["platform"].runs if one.id == run["id"])
    held.created_at -= timedelta(days=31)
    status, told = await _order(client, f"{_path('platform', run)}/rerun")
    assert status == 403
    assert "over a month ago" in told["message"]


async def test_the_file_of_a_workflow(client: httpx.AsyncClient) -> None:
    path = f"{HOME}/ml-models/contents/.github/workflows/train.yml"
    file = await _get(client, f"{path}?ref=main")
    read = yaml.safe_load(base64.b64decode(file["content"]))
    inputs = read[True]["workflow_dispatch"]["inputs"]  # what YAML 1.1 reads "on" as
    assert inputs["model"]["type"] == "choice"
    assert "fraud-detector" in inputs["model"]["options"]
    assert inputs["epochs"]["default"] == 12
    assert (await client.get(f"{path}?ref=nowhere")).status_code == 404


async def test_every_workflow_is_good_yaml(
    client: httpx.AsyncClient, moved: tuple[DemoWorld, Starlette]
) -> None:
    for repository in moved[0].repositories.values():
        for flow in repository.workflows:
            path = f"{HOME}/{repository.name}/contents/.github/workflows/{flow.spec.file}"
            text = base64.b64decode((await _get(client, path))["content"]).decode()
            read = yaml.safe_load(text)
            names = {job["name"] for job in read["jobs"].values()}
            assert names == {job.name for stage in flow.spec.stages for job in stage}
