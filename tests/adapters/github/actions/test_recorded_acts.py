"""Acts as the real GitHub has answered them, recorded over the years."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import (
    RETRAIN,
    Forbidden,
    Misconfigured,
    Permission,
    Plan,
    Request,
    SourceError,
)
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from tests.adapters.github.support import connected, context
from tests.adapters.github.test_recorded import DATA, Replay

REPOSITORY = "PyGithub/PyGithub"
MODEL = Ref("mlflow", Kind.MODEL, "ranker")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded exchanges in {DATA}")


def _runs(*names: str) -> Replay:
    """Return what was recorded, and nothing of what was not asked for then."""
    replay = Replay("WorkflowRun.setUp", *names)
    for path in [path for path in replay.answers if "/actions/runs/" in path]:
        replay.answers.setdefault(f"{path}/jobs", _json({"total_count": 0, "jobs": []}))
    replay.answers.setdefault(f"/repos/{REPOSITORY}/deployments", _json([]))
    for workflow in (1903133, 110005609):
        path = f"/repos/{REPOSITORY}/actions/workflows/{workflow}/runs"
        replay.answers[path] = _json({"total_count": 0, "workflow_runs": []})
    return replay


def _json(body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


async def _act(replay: Replay, tmp_path: Path, request: Request, at: datetime) -> tuple[Plan, Any]:
    """Plan *request* and carry it out; return the plan, and the receipt or the error."""
    ctx = context(tmp_path)
    ctx.time = at
    async with connected(replay, ctx) as source:
        plan = await source.plan(request)
        assert not replay.posted
        try:
            return plan, await source.execute(plan, issue_permit(plan))
        except SourceError as error:
            return plan, error


@pytest.mark.parametrize(
    ("name", "number", "action", "before"),
    [
        ("WorkflowRun.test_rerun", 3910280793, "rerun", "attempt 1, failure"),
        (
            "WorkflowRun.test_rerun_with_successful_run",
            3881497935, "rerun", "attempt 1, success",
        ),
        ("WorkflowRun.test_cancel", 3911660493, "cancel", "in_progress"),
    ],
)  # fmt: skip
async def test_no_rights(name: str, number: int, action: str, before: str, tmp_path: Path) -> None:
    replay = _runs(name)
    request = Request(action=action, ref=Ref("github", Kind.BUILD, f"{REPOSITORY}/{number}"))
    at = datetime(2023, 1, 13, 14, tzinfo=UTC)
    plan, error = await _act(replay, tmp_path, request, at)
    assert plan.before == before
    assert isinstance(error, Forbidden)
    assert "Must have admin rights to Repository" in error.message
    assert "role Write" in error.hint
    assert [one.url.path.rpartition("/")[2] for one in replay.posted] == [action]


async def test_failed_jobs_are_run_again(tmp_path: Path) -> None:
    replay = _runs("WorkflowRun.test_rerun_failed_jobs")
    ref = Ref("github", Kind.BUILD, f"{REPOSITORY}/3881497935")
    jobs = [{"id": 1, "name": "test", "status": "completed", "conclusion": "failure"}]
    path = f"/repos/{REPOSITORY}/actions/runs/3881497935/jobs"
    replay.answers[path] = _json({"total_count": 1, "jobs": jobs})
    request = Request(action="rerun-failed", ref=ref)
    at = datetime(2024, 7, 30, 22, tzinfo=UTC)
    plan, receipt = await _act(replay, tmp_path, request, at)
    assert not [why for why in plan.blockers if "permitted" not in why]
    assert receipt.produced == ref
    assert len(replay.posted) == 1


def _workflow(name: str, repository: str, file: str, text: str) -> Replay:
    replay = Replay(name)
    home = f"/repos/{repository}"
    content = base64.b64encode(text.encode()).decode()
    replay.answers[f"{home}/contents/.github/workflows/{file}"] = _json(
        {"sha": "1", "size": len(text), "encoding": "base64", "content": content}
    )
    replay.answers[f"{home}/commits/main"] = _json({"sha": "a" * 40, "commit": {"message": "x"}})
    (number,) = [
        json.loads(answer.content)["id"]
        for path, answer in replay.answers.items()
        if path.endswith(f"/actions/workflows/{file}")
    ]
    runs = f"{home}/actions/workflows/{number}/runs"
    replay.answers[runs] = _json({"total_count": 0, "workflow_runs": []})
    return replay


def _training(repository: str, file: str, **values: str) -> Request:
    recipe = {"repository": repository, "workflow": file, "ref": "main"}
    return Request(action=RETRAIN, ref=MODEL, recipe=recipe, values=values)


async def test_which_run_was_begun(tmp_path: Path) -> None:
    repository, file = "wrecker/PyGithub", "manual_dispatch.yml"
    text = (
        "on:\n  workflow_dispatch:\n    inputs:\n"
        "      logLevel: {default: warning}\n      message: {required: true}\n"
    )
    replay = _workflow("Workflow.testCreateDispatchWithReturnRunDetails", repository, file, text)
    request = _training(repository, file, logLevel="Warning", message="Log Message")
    plan, receipt = await _act(replay, tmp_path, request, datetime(2020, 7, 27, tzinfo=UTC))
    assert plan.permission is Permission.ALLOWED
    assert receipt.reference == "123456789"
    assert receipt.produced == Ref("github", Kind.BUILD, f"{repository}/123456789")
    assert json.loads(replay.posted[0].content) == {
        "ref": "main",
        "inputs": {"logLevel": "Warning", "message": "Log Message"},
        "return_run_details": True,
    }


async def test_an_input_that_the_file_did_not_tell_of(tmp_path: Path) -> None:
    repository, file = "test-org/test-repo", "workflow-with-params.yaml"
    replay = _workflow(
        "Workflow.testCreateDispatchException", repository, file, "on: workflow_dispatch"
    )
    request = _training(repository, file)
    _, error = await _act(replay, tmp_path, request, datetime(2024, 5, 6, tzinfo=UTC))
    assert isinstance(error, Misconfigured)
    assert "Required input 'mandatory-parameter' not provided" in error.message
    assert len(replay.posted) == 1
