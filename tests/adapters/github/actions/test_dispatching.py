"""Beginning a workflow by hand, and training by one, on the demo's GitHub."""

import json
from typing import Any

import httpx
import pytest

from opsboard.adapter import (
    RETRAIN,
    Input,
    Misconfigured,
    NotFound,
    Permission,
    Plan,
    PreconditionFailed,
    ReconcileOutcome,
    Request,
    Unsupported,
    Verdict,
)
from opsboard.demo.github.users import ME
from opsboard.records import Kind, Ref
from opsboard_adapters.github.actions import dispatch
from opsboard_adapters.github.reader import RECENT_RUNS
from tests.adapters.github.actions.stage import OWNER, AppHarness

MODEL = Ref("mlflow", Kind.MODEL, "fraud-detector")
RECIPE = {"repository": f"{OWNER}/ml-models", "workflow": "train.yml"}


async def test_the_form_is_that_of_the_file(stage: AppHarness) -> None:
    ref = stage.ended("catalog", "deploy", "success")
    form = await stage.form("dispatch", ref)
    told = {one.name: one for one in form.inputs}
    assert list(told) == ["ref", "environment", "canary", "log_level", "dry_run", "reason"]
    assert told["ref"].default == "main"
    assert (told["environment"].type, told["environment"].required) == ("choice", True)
    assert [one.value for one in told["environment"].options] == ["staging", "production"]
    assert (told["canary"].type, told["canary"].default) == ("number", "100")
    assert [one.value for one in told["log_level"].options] == ["info", "debug"]
    assert (told["dry_run"].type, told["dry_run"].default) == ("boolean", "false")
    assert told["reason"].help == "Why"


async def test_dispatched(stage: AppHarness) -> None:
    ref = stage.ended("catalog", "deploy", "success")
    plan = await stage.plan("dispatch", ref, environment="staging", canary="10")
    head = stage.world.repositories["catalog"].head
    assert plan.target == f"workflow deploy of {OWNER}/catalog at main"
    assert plan.after == f"a run at {head.sha[:7]}"
    assert (plan.origin, plan.destination) == ((), (head.sha[:7], head.sha))
    assert (plan.environment, plan.disruptive) == ("staging", True)
    changes = {one.name: (one.before, one.after) for one in plan.changes}
    assert changes["canary"] == ("100", "10")
    receipt = await stage.execute(plan)
    assert json.loads(stage.wire.posted[0].content) == {
        "ref": "main",
        "inputs": {
            "environment": "staging", "canary": "10", "log_level": "info", "dry_run": "false",
        },
        "return_run_details": True,
    }  # fmt: skip
    assert receipt.produced is not None
    run = stage.the_run(receipt.produced)
    assert (run.event, run.actor, run.commit) == ("workflow_dispatch", ME, head)
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED
    assert "taken to be" not in steps[-1].message
    settled = await stage.reconcile(plan)
    assert settled.outcome is ReconcileOutcome.DONE
    assert "the only one that this login has begun since" in settled.message


async def test_production_is_said(stage: AppHarness) -> None:
    ref = stage.ended("catalog", "deploy", "success")
    plan = await stage.plan("dispatch", ref, environment="production")
    assert plan.environment == "production"
    assert any("production waits for approval" in one.text for one in plan.findings)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"canary": "many"}, "canary is a number"),
        ({"environment": "moon"}, "environment is one of: staging, production"),
        ({"dry_run": "perhaps"}, "dry_run is true or false"),
        ({"colour": "red"}, "colour is not known here"),
    ],
)
async def test_values_that_do_not_fit(
    stage: AppHarness, values: dict[str, str], fault: str
) -> None:
    request = Request(
        action="dispatch", ref=stage.ended("catalog", "deploy", "success"), values=values
    )
    with pytest.raises(Misconfigured, match=fault):
        await stage.source.plan(request)


@pytest.mark.parametrize("ref", ["../../../user", "a b", "x~1", "no:pe"])
async def test_what_is_no_branch_is_not_asked_for(stage: AppHarness, ref: str) -> None:
    with pytest.raises(Misconfigured, match="is not a branch or tag"):
        await stage.plan("dispatch", stage.ended("catalog", "deploy", "success"), ref=ref)


async def test_a_branch_that_is_not_there(stage: AppHarness) -> None:
    with pytest.raises(NotFound, match="No commit found for the ref gone"):
        await stage.plan("dispatch", stage.ended("catalog", "deploy", "success"), ref="gone")


async def test_no_trigger(stage: AppHarness) -> None:
    plan = await stage.plan("dispatch", stage.ended("catalog", "ci", "success"))
    assert plan.blockers == (".github/workflows/ci.yml at main has no workflow_dispatch trigger",)


async def test_the_branch_has_moved(stage: AppHarness) -> None:
    plan = await stage.plan("dispatch", stage.ended("catalog", "deploy", "success"))
    repository = stage.world.repositories["catalog"]
    repository.head = stage.controllers.delivery.create_commit(repository, stage.world.now)
    with pytest.raises(PreconditionFailed, match=f"main is at {repository.head.sha[:7]}"):
        await stage.execute(plan)
    assert not stage.wire.posted


def _old_server(stage: AppHarness, refuses: bool) -> None:
    """Let the server not know how to tell which run it is; some refuse to be asked."""

    def tamper(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and b"return_run_details" in request.content:
            if refuses:
                message = 'Invalid request.\n\n"return_run_details" is not a permitted key.'
                return httpx.Response(422, json={"message": message})
            told = json.loads(request.content)
            del told["return_run_details"]
            repository = stage.world.repositories["catalog"]
            flow = next(one for one in repository.workflows if one.spec.name == "deploy")
            user_actions = stage.controllers.user_actions
            run = user_actions.create_dispatched_run(repository, flow, "main", repository.head, ME)
            user_actions.start(run, told["inputs"])
            return httpx.Response(204)
        return None

    stage.wire.tamper = tamper


@pytest.mark.parametrize("refuses", [True, False])
async def test_a_server_that_does_not_say_which_run(stage: AppHarness, refuses: bool) -> None:
    _old_server(stage, refuses)
    ref = stage.ended("catalog", "deploy", "success")
    plan = await stage.plan("dispatch", ref, environment="staging")
    receipt = await stage.execute(plan)
    assert receipt.produced is None
    assert "without saying which run" in receipt.message
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED
    assert steps[-1].message.endswith("(taken to be the run: the only one begun since)")
    assert steps[-1].produced is not None
    begun = [
        one for one in stage.world.repositories["catalog"].runs if one.event == "workflow_dispatch"
    ]
    assert len(begun) == 1
    assert steps[-1].produced.id.endswith(f"/{begun[0].id}")


async def test_two_that_may_be_it(stage: AppHarness) -> None:
    ref = stage.ended("catalog", "deploy", "success")
    plan = await stage.plan("dispatch", ref)
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
    for _ in range(2):
        other = await stage.plan("dispatch", ref)
        await stage.execute(other)
    settled = await stage.reconcile(plan)
    assert settled.outcome is ReconcileOutcome.UNKNOWN
    assert "GitHub does not say by which request" in settled.message


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize(
    ("count", "oldest", "fate"),
    [
        (RECENT_RUNS, 1, ReconcileOutcome.UNKNOWN),
        (RECENT_RUNS, 0, ReconcileOutcome.NOT_DONE),
        (RECENT_RUNS - 1, 1, ReconcileOutcome.NOT_DONE),
        (0, 1, ReconcileOutcome.NOT_DONE),
    ],
)
async def test_what_is_not_among_the_newest_runs_may_be_older(
    stage: AppHarness, visible: bool, count: int, oldest: int, fate: ReconcileOutcome
) -> None:
    plan = await stage.plan("dispatch", stage.ended("catalog", "deploy", "success"))
    plan = plan.model_copy(update={"payload": {**plan.payload, "visible": visible}})
    first = plan.payload["newest"] + oldest
    runs = [{"id": first + at, "name": "deploy", "head_branch": "other"} for at in range(count)]

    def crowded(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/runs"):
            return None
        return httpx.Response(200, json={"total_count": count, "workflow_runs": runs[::-1]})

    stage.wire.tamper = crowded
    assert (await stage.reconcile(plan)).outcome is fate


# --- training ---


async def _train(stage: AppHarness, recipe: dict[str, str] | None = None, **values: str) -> Plan:
    request = Request(action=RETRAIN, ref=MODEL, values=values, recipe=recipe or RECIPE)
    return await stage.source.plan(request)


async def test_a_model_is_trained_to_its_new_version(stage: AppHarness) -> None:
    request = Request(action=RETRAIN, ref=MODEL, recipe=RECIPE)
    told = {one.name: one for one in (await stage.source.form(request)).inputs}
    assert list(told) == ["ref", "model", "epochs", "learning_rate", "reason"]
    assert told["model"].default == "fraud-detector"
    plan = await _train(stage, epochs="20")
    assert (plan.ref, plan.executor) == (MODEL, "github")
    assert plan.permission is Permission.ALLOWED
    model = stage.world.models["fraud-detector"]
    receipt = await stage.execute(plan)
    sent = json.loads(stage.wire.posted[0].content)
    assert sent["inputs"]["opsboard_plan"] == plan.key
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED
    (made,) = [one for one in model.versions if one.trained_on_new_data]
    assert made.run.params["epochs"] == "20"
    settled = await stage.reconcile(plan)
    assert settled.outcome is ReconcileOutcome.DONE
    assert settled.receipt is not None
    assert settled.receipt.produced == receipt.produced


async def test_a_mark_tells_one_training_from_another(stage: AppHarness) -> None:
    plan, other = await _train(stage), await _train(stage)
    await stage.execute(other)
    settled = await stage.reconcile(plan)
    assert (settled.outcome, settled.message) == (
        ReconcileOutcome.NOT_DONE, "no run of it has the mark of this plan",
    )  # fmt: skip
    assert (await stage.reconcile(other)).outcome is ReconcileOutcome.DONE


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"workflow": "train.yml"}, "repository: this key is missing"),
        ({**RECIPE, "workflow": "../x.yml"}, "workflow: must match pattern"),
        ({**RECIPE, "speed": "high"}, "speed: unknown key"),
    ],
)
async def test_a_recipe_that_cannot_be_used(
    stage: AppHarness, recipe: dict[str, str], message: str
) -> None:
    with pytest.raises(Misconfigured, match=message):
        await _train(stage, recipe)


async def test_a_recipe_for_what_is_not_there(stage: AppHarness) -> None:
    with pytest.raises(NotFound, match=r"has no workflow retrain\.yml"):
        await _train(stage, {**RECIPE, "workflow": "retrain.yml"})


async def test_a_model_that_the_workflow_does_not_know(stage: AppHarness) -> None:
    other: Any = {**RECIPE, "repository": f"{OWNER}/recommendations"}
    with pytest.raises(Misconfigured, match="model is one of: product-ranker"):
        await _train(stage, other)


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("OPENAI_KEY", "x", True),
        ("TOKENS", "x", True),
        ("api_key", "x", True),
        ("target", "postgres://u:hunter2@db/x", True),
        ("args", "--password hunter2", True),
        ("args", "ghp_0123456789abcdefABCDEF", True),
        ("author", "kim", False),
        ("max_tokens", "4096", False),
        ("version", "1.4.2", False),
    ],
)
def test_a_secret_is_no_input_by_its_name_or_its_looks(
    name: str, value: str, refused: bool
) -> None:
    inputs = (Input(name=name),)
    if not refused:
        assert dispatch._sent_inputs(inputs, {name: value}) == {name: value}
        return
    with pytest.raises(Unsupported, match="a secret must not be given here") as raised:
        dispatch._sent_inputs(inputs, {name: value})
    assert "hunter2" not in str(raised.value)
    kept = (Input(name=name, default=value),)
    assert dispatch._sent_inputs(kept, {name: value}) == {}, "its default is left to GitHub"
    (shown,) = dispatch._changes(kept, {})
    assert shown.before == "(not shown)"
