"""Every answer of the demo's GitHub is as GitHub's own description says."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator

from opsboard.demo.world.world import DemoWorld

REPO = "/repos/{owner}/{repo}"
RUN = f"{REPO}/actions/runs/{{run_id}}"
ENDPOINTS = (
    "/meta",
    "/rate_limit",
    "/user",
    "/users/{username}",
    "/orgs/{org}",
    "/orgs/{org}/repos",
    REPO,
    f"{REPO}/actions/workflows",
    f"{REPO}/actions/workflows/{{workflow_id}}",
    f"{REPO}/actions/workflows/{{workflow_id}}/runs",
    f"{REPO}/actions/runs",
    RUN,
    f"{RUN}/attempts/{{attempt_number}}",
    f"{RUN}/attempts/{{attempt_number}}/jobs",
    f"{RUN}/jobs",
    f"{RUN}/pending_deployments",
    f"{RUN}/approvals",
    f"{RUN}/artifacts",
    f"{REPO}/commits/{{ref}}",
    f"{REPO}/commits/{{ref}}/check-runs",
    f"{REPO}/commits/{{ref}}/status",
    f"{REPO}/pulls/{{pull_number}}",
    f"{REPO}/pulls/{{pull_number}}/reviews",
    f"{REPO}/compare/{{basehead}}",
    f"{REPO}/attestations/{{subject_digest}}",
    "/orgs/{org}/attestations/{subject_digest}",
    "/orgs/{org}/artifacts/{subject_digest}/metadata/storage-records",
    "/orgs/{org}/artifacts/{subject_digest}/metadata/deployment-records",
    f"{REPO}/contents/{{path}}",
    f"{REPO}/actions/jobs/{{job_id}}",
    f"{REPO}/check-runs/{{check_run_id}}/annotations",
    f"{REPO}/deployments",
    f"{REPO}/deployments/{{deployment_id}}",
    f"{REPO}/deployments/{{deployment_id}}/statuses",
    f"{REPO}/environments",
    f"{REPO}/environments/{{environment_name}}",
)
ORDERS = (
    ("post", f"{RUN}/rerun", 201),
    ("post", f"{RUN}/rerun-failed-jobs", 201),
    ("post", f"{REPO}/actions/jobs/{{job_id}}/rerun", 201),
    ("post", f"{RUN}/cancel", 202),
    ("post", f"{RUN}/pending_deployments", 200),
    ("post", f"{REPO}/actions/workflows/{{workflow_id}}/dispatches", 200),
    ("post", "/orgs/{org}/attestations/bulk-list", 200),
)


def nullable(node: Any) -> Any:
    """Return a schema with ``nullable`` said as JSON Schema says it."""
    if isinstance(node, list):
        return [nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    told = {key: nullable(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is not True:
        return told
    if isinstance(told.get("type"), str):
        told["type"] = [told["type"], "null"]
        if "enum" in told:
            told["enum"] = [*told["enum"], None]
        return told
    return {"anyOf": [told, {"type": "null"}]}


@pytest.fixture(scope="session")
def schemas(description: dict[str, Any]) -> Mapping[str, Any]:
    """Return the schema of the answer of each endpoint, and the components that they refer to."""
    found = {}
    for verb, endpoint, status in (*(("get", one, 200) for one in ENDPOINTS), *ORDERS):
        content = description["paths"][endpoint][verb]["responses"][str(status)]["content"]
        name = endpoint if verb == "get" else f"{verb} {endpoint}"
        found[name] = nullable(content["application/json"]["schema"])
    return {"components": nullable(description["components"]), "endpoints": found}


def problems(schemas: Mapping[str, Any], endpoint: str, body: Any) -> list[str]:
    """Return how *body* differs from the description of *endpoint*."""
    schema = {"allOf": [schemas["endpoints"][endpoint]], "components": schemas["components"]}
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in Draft4Validator(schema).iter_errors(body)
    ]


async def _get(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(f"/api/v3{path}")
    assert response.status_code == 200, (path, response.text)
    return response.json()


async def _things(client: httpx.AsyncClient) -> list[dict[str, str]]:
    """Return what to ask about: runs in each of the states that there are at the moment."""
    found = []
    for repo in await _get(client, "/orgs/harbourside/repos"):
        home = {"owner": "harbourside", "repo": repo["name"], "org": "harbourside"}
        listed = await _get(client, f"/repos/{repo['full_name']}/actions/runs?per_page=100")
        deployed = await _get(client, f"/repos/{repo['full_name']}/deployments")
        seen = set()
        for run in listed["workflow_runs"]:
            if (state := (run["status"], run["conclusion"])) in seen:
                continue
            seen.add(state)
            jobs = await _get(client, f"/repos/{repo['full_name']}/actions/runs/{run['id']}/jobs")
            found += [_thing(home, run, job, deployed) for job in jobs["jobs"]]
    return found


def _thing(
    home: dict[str, str], run: dict[str, Any], job: dict[str, Any], deployed: list[dict[str, Any]]
) -> dict[str, str]:
    return {
        **home,
        "username": run["actor"]["login"],
        "run_id": str(run["id"]),
        "ref": run["head_sha"],
        "basehead": f"{run['head_sha']}...main",
        "path": run["path"],
        "attempt_number": "1",
        "workflow_id": str(run["workflow_id"]),
        "job_id": str(job["id"]),
        "check_run_id": str(job["id"]),
        **({"pull_number": str(pulls[0]["number"])} if (pulls := run["pull_requests"]) else {}),
        **({"deployment_id": str(deployed[0]["id"])} if deployed else {}),
        **({"environment_name": deployed[0]["environment"]} if deployed else {}),
    }


async def test_the_checker_can_fail(schemas: Mapping[str, Any]) -> None:
    found = problems(schemas, f"{REPO}/deployments", [{"id": "seven"}])
    assert any("seven" in problem for problem in found)


def _digests(world: DemoWorld) -> dict[str, str]:
    """Return an image of each repository that builds one: its digest."""
    found = {}
    for name in world.images.repositories():
        image = next(world.images.pushed(name, world.now))
        found[image.facts.source.partition("/")[2]] = image.content.digest
    return found


async def test_every_answer(
    transport: httpx.ASGITransport, schemas: Mapping[str, Any], world: DemoWorld
) -> None:
    headers = {"Authorization": "Bearer x"}
    seen: set[str] = set()
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=headers
    ) as client:
        digests = _digests(world)
        for thing in await _things(client):
            thing |= {"subject_digest": digests.get(thing["repo"], f"sha256:{'0' * 64}")}
            for endpoint in ENDPOINTS:
                named = set(re.findall(r"{(\w+)}", endpoint))
                if not named <= thing.keys() or endpoint.format(**thing) in seen:
                    continue
                path = endpoint.format(**thing)
                seen.add(path)
                found = problems(schemas, endpoint, await _get(client, path))
                assert not found, (path, found[:5])
    assert len(seen) > 50


async def _run_that(client: httpx.AsyncClient, **wanted: str) -> dict[str, Any]:
    """Return the newest run of which all that is *wanted* holds."""
    for repo in await _get(client, "/orgs/harbourside/repos"):
        if repo["name"] == "mobile-app":
            continue
        listed = await _get(client, f"/repos/{repo['full_name']}/actions/runs?per_page=100")
        for run in listed["workflow_runs"]:
            if all(run[name] == value for name, value in wanted.items()):
                return dict(run)
    raise AssertionError(f"no run is {wanted}")


async def test_every_order(
    transport: httpx.ASGITransport, schemas: Mapping[str, Any], world: DemoWorld
) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        waiting = await _run_that(client, status="waiting")
        asked = {
            f"{RUN}/rerun": (await _run_that(client, conclusion="success", name="deploy"), {}),
            f"{RUN}/rerun-failed-jobs": (await _run_that(client, conclusion="failure"), {}),
            f"{REPO}/actions/jobs/{{job_id}}/rerun": (
                await _run_that(client, conclusion="success", name="ci"),
                {},
            ),
            f"{RUN}/pending_deployments": (waiting, await _approval(client, waiting)),
            f"{RUN}/cancel": (await _run_that(client, status="in_progress"), {}),
            f"{REPO}/actions/workflows/{{workflow_id}}/dispatches": (
                await _run_that(client, name="deploy"),
                {"ref": "main", "inputs": {"environment": "staging"}, "return_run_details": True},
            ),
            "/orgs/{org}/attestations/bulk-list": (
                waiting,
                {"subject_digests": list(_digests(world).values())},
            ),
        }
        for verb, endpoint, status in ORDERS:
            run, body = asked[endpoint]
            named = {"run_id": run["id"], "workflow_id": run["workflow_id"]}
            named |= {
                "org": "harbourside",
                "owner": "harbourside",
                "repo": run["repository"]["name"],
            }
            jobs = f"/repos/{run['repository']['full_name']}/actions/runs/{run['id']}/jobs"
            named["job_id"] = (await _get(client, jobs))["jobs"][0]["id"]
            answer = await client.post(f"/api/v3{endpoint.format(**named)}", json=body)
            assert answer.status_code == status, (endpoint, answer.text)
            assert not problems(schemas, f"{verb} {endpoint}", answer.json()), endpoint


async def _approval(client: httpx.AsyncClient, run: dict[str, Any]) -> dict[str, Any]:
    path = f"/repos/{run['repository']['full_name']}/actions/runs/{run['id']}/pending_deployments"
    numbers = [one["environment"]["id"] for one in await _get(client, path)]
    return {"environment_ids": numbers, "state": "approved", "comment": "Go"}
