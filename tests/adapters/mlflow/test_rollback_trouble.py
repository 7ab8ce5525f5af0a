"""What goes wrong while an alias is moved, and what is said of it then."""

import httpx
import pytest

from opsboard.adapter import (
    NotSent,
    OutcomeUnknown,
    Permission,
    Plan,
    Progress,
    ReconcileOutcome,
    SourceError,
    Unreachable,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Model, ModelVersion, Status
from opsboard_adapters.mlflow import MLflow, MLflowSettings
from opsboard_adapters.mlflow.actions.specs import ROLLBACK
from tests.adapters.mlflow.acts import (
    SET_ALIAS,
    SET_TAG,
    Send,
    Trouble,
    Wire,
    acting,
    ask,
    broken_after,
    broken_before,
    carry_out,
    cut_after,
    cut_before,
    followed,
    make_model,
    no_connection,
)
from tests.adapters.mlflow.conftest import PASSWORD
from tests.adapters.mlflow.seeding import Writer


@pytest.mark.parametrize(
    ("trouble", "fate", "now"),
    [
        (cut_after, ReconcileOutcome.DONE, "1"),
        (broken_after, ReconcileOutcome.DONE, "1"),
        (cut_before, ReconcileOutcome.NOT_DONE, "2"),
        (broken_before, ReconcileOutcome.NOT_DONE, "2"),
    ],
)
async def test_no_answer_is_uncertain_and_settled(
    ground: Writer, trouble: Trouble, fate: ReconcileOutcome, now: str
) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url, Wire(SET_ALIAS, trouble)) as (source, wire):
        plan = await source.plan(ask(model, to="1"))
        with pytest.raises(OutcomeUnknown) as caught:
            await source.execute(plan, issue_permit(plan))
        assert caught.value.hint
        assert wire.changing == [SET_TAG, SET_ALIAS], "nothing is sent twice"
        settled = await source.reconcile(_read_again(plan))
        assert settled.outcome is fate
        assert f"points to version {now}" in settled.message
        assert (settled.receipt is not None) == (fate is ReconcileOutcome.DONE)
    assert ground.aliases(model) == {"champion": now}


def _read_again(plan: Plan) -> Plan:
    return Plan.model_validate_json(plan.model_dump_json())


async def test_a_stage_too(ground: Writer) -> None:
    model = make_model(ground, 2)
    ground.stage(model, "2", "Production")
    wire = Wire("model-versions/transition-stage", cut_after)
    async with acting(ground.url, wire) as (source, _):
        plan = await source.plan(ask(model, to="1"))
        with pytest.raises(OutcomeUnknown):
            await source.execute(plan, issue_permit(plan))
        assert (await source.reconcile(plan)).outcome is ReconcileOutcome.DONE
    assert ground.stages(model) == {"1": "Production", "2": "Archived"}


async def test_what_never_arrived_was_not_done(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url, Wire(SET_ALIAS, no_connection)) as (source, _):
        plan = await source.plan(ask(model, to="1"))
        with pytest.raises(Unreachable):
            await source.execute(plan, issue_permit(plan))
        assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE


@pytest.mark.parametrize("trouble", [cut_before, cut_after, broken_before, no_connection])
async def test_without_its_mark_nothing_is_moved(ground: Writer, trouble: Trouble) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url, Wire(SET_TAG, trouble)) as (source, wire):
        plan = await source.plan(ask(model, to="1"))
        with pytest.raises(SourceError) as caught:
            await source.execute(plan, issue_permit(plan))
        in_doubt = isinstance(caught.value, OutcomeUnknown | Unreachable)
        assert not in_doubt or isinstance(caught.value, NotSent)
        assert wire.changing == [SET_TAG]
        assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
    assert ground.aliases(model) == {"champion": "2"}


async def test_somebody_else_moves_it_right_after(ground: Writer) -> None:
    model = make_model(ground, 3, champion=3)

    async def overtaken(send: Send, request: httpx.Request) -> httpx.Response:
        answer = await send(request)
        ground.alias(model, "champion", "2")
        return answer

    async with acting(ground.url, Wire(SET_ALIAS, overtaken)) as (source, _):
        plan, receipt, last = await carry_out(source, ask(model, to="1"))
        assert "somebody else has moved it on to version 2" in receipt.message
        assert last.verdict is Verdict.FAILED
        assert "version 2" in last.message
        settled = await source.reconcile(plan)
        assert settled.outcome is ReconcileOutcome.DONE
        assert "points to version 2" in settled.message


async def test_a_mark_that_was_overwritten_tells_nothing(ground: Writer) -> None:
    model = make_model(ground, 3, champion=3)
    async with acting(ground.url) as (source, _):
        first = await source.plan(ask(model, to="1"))
        await carry_out(source, ask(model, to="2"))
        assert (await source.reconcile(first)).outcome is ReconcileOutcome.UNKNOWN
        ground.call("registered-models/delete", {"name": model}, "DELETE")
        assert (await source.reconcile(first)).outcome is ReconcileOutcome.UNKNOWN


async def test_a_plan_of_the_first_version_is_read(ground: Writer) -> None:
    """It kept a part of what it is about in its precondition alone."""
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="1"))
        old = plan.model_copy(
            update={"payload": {name: plan.payload[name] for name in ("to", "trace")}}
        )
        assert (await source.reconcile(old)).outcome is ReconcileOutcome.NOT_DONE
        receipt = await source.execute(old, issue_permit(old))
        assert (await followed(source, old, receipt))[-1].verdict is Verdict.SUCCEEDED
        assert (await source.reconcile(old)).outcome is ReconcileOutcome.DONE


async def test_a_server_that_is_gone_for_a_while_is_followed(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url) as (source, wire):
        plan = await source.plan(ask(model, to="1"))
        receipt = await source.execute(plan, issue_permit(plan))
        wire.silent_for = 3
        told = await followed(source, plan, receipt)
    assert [one.verdict for one in told] == [None, Verdict.SUCCEEDED]
    assert isinstance(told[0], Progress)


def _grant(writer: Writer, model: str, user: str, version: int) -> None:
    grant = {"username": user, "permission": "EDIT"}
    if version == 2:
        writer.call("registered-models/permissions/create", {**grant, "name": model})
        return
    about = {"resource_type": "registered_model", "resource_id": model}
    writer.call(f"{writer.url}/api/3.0/mlflow/users/permissions/grant", {**grant, **about})


@pytest.mark.mlflow
async def test_permission_is_asked_for_and_what_is_forbidden_is_not_done(guarded: str) -> None:
    version = 3 if _is_3(guarded) else 2
    with Writer(guarded, ("admin", PASSWORD)) as writer:
        model = make_model(writer, 1)
        writer.alias(model, "champion", writer.version(model))
        for user in ("reader", "editor"):
            writer.call("users/create", {"username": user, "password": PASSWORD})
        _grant(writer, model, "editor", version)
        told = {}
        for user in ("admin", "reader", "editor"):
            async with acting(guarded, username=user, password=PASSWORD) as (source, _):
                plan = await source.plan(ask(model, to="1"))
                told[user] = plan.permission
                assert user in plan.permission_note
                if user == "reader":
                    with pytest.raises(SourceError, match="403"):
                        await source.execute(plan, issue_permit(plan))
                    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
        assert writer.aliases(model) == {"champion": "2"}
        async with acting(guarded, username="editor", password=PASSWORD) as (source, _):
            _, _, last = await carry_out(source, ask(model, to="1"))
        assert last.verdict is Verdict.SUCCEEDED
    default = Permission.DENIED if version == 3 else Permission.UNKNOWN
    assert told == {
        "admin": Permission.ALLOWED, "reader": default, "editor": Permission.ALLOWED
    }  # fmt: skip


def _is_3(url: str) -> bool:
    return httpx.get(f"{url}/version", auth=("admin", PASSWORD)).text.startswith("3")


async def test_without_a_login_permission_is_unknown(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="1"))
    assert plan.permission is Permission.UNKNOWN
    assert "no login" in plan.permission_note


def _model(**told: object) -> Model:
    values = {"source": "ml", "id": "m", "name": "m", **told}
    return Model(kind=Kind.MODEL, **values)  # type: ignore[arg-type]


def _version(**told: object) -> ModelVersion:
    values = {"source": "ml", "id": "m/1", "name": "m v1", "model": "m", "version": "1", **told}
    return ModelVersion(kind=Kind.MODEL_VERSION, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (_model(), "no version"),
        (_model(versions=1, serving="1"), "only one"),
        (_model(versions=1), ""),
        (_model(versions=2, serving="2"), ""),
        (_version(aliases=("champion",)), "serves already"),
        (_version(aliases=("challenger",)), ""),
        (_version(status=Status.FAILED, reason="registration failed"), "registration failed"),
    ],
)
def test_why_it_is_not_possible(record: Model | ModelVersion, why: str) -> None:
    settings = MLflowSettings(tracking_uri="http://mlflow.test")
    told = MLflow.disabled_reason(ROLLBACK, record, settings)
    assert why in told if why else told == ""
