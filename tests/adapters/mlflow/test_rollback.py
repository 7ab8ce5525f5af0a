"""Rolling models back, on the demo's server and on real ones: from the form to the verdict."""

from collections import Counter
from time import time
from typing import Any

import pytest

from opsboard.adapter import (
    Effect,
    NotFound,
    Plan,
    PreconditionFailed,
    SourceError,
    Unsupported,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard_adapters.mlflow import MLflowSettings
from opsboard_adapters.mlflow.actions import snapshot
from tests.adapters.mlflow.acts import (
    acting,
    add_version,
    ask,
    ask_version,
    carry_out,
    differences,
    findings,
    make_model,
)
from tests.adapters.mlflow.rounds import watching
from tests.adapters.mlflow.seeding import Writer, measured


async def test_to_each_of_several_versions(ground: Writer) -> None:
    model = make_model(ground, 4, champion=4)
    now = "4"
    async with acting(ground.url) as (source, _):
        for to in ("2", "3", "1", "4"):
            plan, receipt, last = await carry_out(source, ask(model, to=to))
            assert (plan.before, plan.after) == (f"version {now}", f"version {to}")
            assert plan.title.startswith("Roll back" if int(to) < int(now) else "Promote")
            assert ground.aliases(model) == {"champion": to}
            assert last.verdict is Verdict.SUCCEEDED
            assert receipt.produced == last.produced == Ref(
                "ml", Kind.MODEL_VERSION, f"{model}/{to}"
            )  # fmt: skip
            now = to
        assert ground.tags(model)["opsboard.previous.champion"] == "1,3,2,4"


async def test_a_version_is_made_to_serve_from_its_own_row(ground: Writer) -> None:
    model = make_model(ground, 3, champion=2)
    async with acting(ground.url) as (source, _):
        form = await source.form(ask_version(model, "3"))
        assert [one.name for one in form.inputs] == ["alias"]
        plan, _, last = await carry_out(source, ask_version(model, "3"))
        assert plan.title == f"Promote {model}"
        assert last.verdict is Verdict.SUCCEEDED
        with pytest.raises(Unsupported, match="already"):
            await source.plan(ask_version(model, "3"))
    assert ground.aliases(model) == {"champion": "3"}


async def test_where_nothing_serves_the_leading_alias_is_given(ground: Writer) -> None:
    model = make_model(ground, 2)
    async with acting(ground.url, leading_aliases=("live", "champion")) as (source, _):
        plan, _, _ = await carry_out(source, ask(model, to="1"))
        assert (plan.title, plan.before) == (f"Serve {model}", "no version")
    assert ground.aliases(model) == {"live": "1"}


async def test_the_default_is_the_newest_earlier_one_that_is_well(ground: Writer) -> None:
    model = make_model(ground, 1)
    add_version(ground, model, auc=0.95, status="FAILED")
    add_version(ground, model, auc=0.96, metrics=[measured("psi", 0.6)])
    ground.alias(model, "champion", add_version(ground, model, auc=0.97))
    async with acting(ground.url) as (source, _):
        form = await source.form(ask(model))
        notes = {one.value: one.note for one in form.inputs[1].options}
        assert form.inputs[1].default == "1"
        assert "drifted: psi 0.6" in notes["3"]
        assert "auc 0.96" in notes["3"]
        assert "ann" in notes["3"]
        failed = await source.plan(ask(model, to="2"))
        assert any("ended failed" in text for text in findings(failed))
        drifted = await source.plan(ask(model, to="3"))
        (told,) = drifted.about_destination
        assert "when last seen" in told
        assert "psi" in told
        assert f"warning: {told}" in findings(drifted)


async def test_the_default_is_the_last_earlier_one_that_served(ground: Writer) -> None:
    model = make_model(ground, 4, champion=1)
    async with acting(ground.url) as (source, _):
        await carry_out(source, ask(model, to="4"))
        form = await source.form(ask(model))
        assert form.inputs[1].default == "1"
        served = [one.value for one in form.inputs[1].options if "served before" in one.note]
        assert served == ["1"]
        fresh = await source.plan(ask(model, to="3"))
        assert any("not known to have served" in text for text in findings(fresh))


async def test_each_thing_is_asked_once_for_a_plan(ground: Writer) -> None:
    """Beside the search for the runs that trained, there is one for each tag of monitoring runs."""
    model = make_model(ground, 3, champion=3)
    async with acting(ground.url) as (source, wire):
        plan = await source.plan(ask(model, to="1"))
        asked = Counter(path for _, path in wire.sent)
        assert asked.pop("runs/search") == 1 + len(
            MLflowSettings(tracking_uri=ground.url).model_tags
        )
        assert set(asked.values()) == {1}
        assert asked.keys() >= {"registered-models/get", "model-versions/search"}
        wire.sent.clear()
        await source.execute(plan, issue_permit(plan))
        reads = Counter(path for method, path in wire.sent if method == "GET")
        assert reads == {"registered-models/get": 2, "model-versions/search": 2}, "before and after"


async def test_monitors_of_models_of_a_like_name_crowd_out_none(
    ground: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MAX_MONITORING_RUNS", 2)
    model = make_model(ground, 3, champion=3)
    for at, name in enumerate((f"models:/{model}/2", *(f"other-{model}" for _ in range(3)))):
        ground.run(
            at=_recent() + at,
            tags={"model_name": name},
            metrics=[measured("psi", 0.9, _recent())],
        )
    async with acting(ground.url) as (source, _):
        assert (await source.form(ask(model))).inputs[1].default == "1"


async def test_a_monitor_of_an_earlier_version_is_heard(ground: Writer) -> None:
    model = make_model(ground, 3, champion=3)
    ground.run(
        at=_recent(),
        tags={"model_name": f"models:/{model}/2"},
        metrics=[measured("psi", 0.9, _recent())],
    )
    async with acting(ground.url) as (source, _):
        assert (await source.form(ask(model))).inputs[1].default == "1"


def _recent() -> int:
    return int(time() * 1000)


async def test_there_is_nothing_to_go_back_to(ground: Writer) -> None:
    model = make_model(ground, 2, champion=1)
    ground.tag(model, "opsboard.previous.champion", "1,nonsense,99")
    async with acting(ground.url) as (source, _):
        with pytest.raises(Unsupported, match="no earlier version"):
            await source.plan(ask(model))
        plan = await source.plan(ask(model, to="2"))
    assert plan.title == f"Promote {model}"
    assert plan.payload["trace"] == "1,99"


async def test_a_plan_shows_both_versions_side_by_side(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    extra = [measured("auc", 0.99), measured("recall", 0.5), measured("psi", 0.1)]
    ground.alias(model, "champion", add_version(ground, model, metrics=extra))
    ground.alias(model, "shadow", "3")
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="2"))
    assert differences(plan, "alias") == {"champion": ("version 3", "version 2")}
    assert (plan.origin, plan.destination) == (("3",), ("2",))
    assert differences(plan, "metrics") == {"auc": ("0.99", "0.92"), "recall": ("0.5", None)}
    assert differences(plan, "drift") == {"psi": ("0.1", None)}
    assert differences(plan, "params")["depth"] == ("3", "1")
    facts = {one.label: one.value for one in plan.facts}
    assert (facts["Version"], facts["By"], facts["Commit"]) == ("2", "ann", "c0ffee0.92")
    assert "finished" in facts["Run"]
    assert (plan.name, plan.environment) == (model, "")
    told = findings(plan)
    assert "note: version 3 keeps alias shadow" in told
    assert any("has not been measured" in text for text in told)
    assert any("no recall to compare" in text for text in told)
    assert any("compare-and-set" in text for text in told)


async def test_a_secret_in_tags_and_parameters_is_not_told(ground: Writer) -> None:
    model = make_model(ground, 1)
    made = ground.run(params={"db_password": "hunter2"})
    ground.alias(model, "champion", ground.version(model, made, {"api_token": "s3cret"}))
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="1"))
    assert differences(plan, "params")["db_password"] == (None, "(changed, not shown)")
    assert "hunter2" not in plan.model_dump_json()
    assert "s3cret" not in plan.model_dump_json()


async def test_a_deleted_run_is_told(ground: Writer) -> None:
    model = make_model(ground, 1)
    made = ground.run(metrics=[measured("auc", 0.9)])
    ground.version(model, made)
    ground.call("runs/delete", {"run_id": made})
    ground.alias(model, "champion", add_version(ground, model, auc=0.9))
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="2"))
    assert any("is deleted" in text for text in findings(plan))


async def test_the_alias_was_moved_since_the_plan(ground: Writer) -> None:
    model = make_model(ground, 3, champion=3)
    async with acting(ground.url) as (source, wire):
        plan = await source.plan(ask(model, to="1"))
        ground.alias(model, "champion", "2")
        with pytest.raises(PreconditionFailed, match="points to version 2 now"):
            await source.execute(plan, issue_permit(plan))
        assert wire.changing == []
        assert (await source.reconcile(plan)).outcome == "not done"
    assert ground.aliases(model) == {"champion": "2"}


async def test_what_cannot_be_chosen(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url) as (source, _):
        for values in ({"to": "99"}, {"alias": "none"}, {"colour": "red"}, {"to": "2"}):
            with pytest.raises(Unsupported) as caught:
                await source.plan(ask(model, **values))
            assert caught.value.hint
        with pytest.raises(NotFound):
            await source.plan(ask("no-such-model"))
        with pytest.raises(NotFound):
            await source.plan(ask_version(model, "99"))
        with pytest.raises(SourceError):
            await source.plan(ask(model).model_copy(update={"action": "restart"}))


async def test_stages_where_there_is_no_alias(ground: Writer) -> None:
    model = make_model(ground, 3)
    ground.stage(model, "1", "Archived")
    ground.stage(model, "3", "Production")
    async with acting(ground.url) as (source, _):
        form = await source.form(ask(model))
        assert form.inputs[0].default == "stage:Production"
        assert form.inputs[1].default == "1"
        plan, _, last = await carry_out(source, ask(model))
        assert plan.environment == "production"
        assert differences(plan, "stage") == {
            "version 1": ("Archived", "Production"),
            "version 3": ("Production", "Archived"),
        }
        assert last.verdict is Verdict.SUCCEEDED
        assert ground.stages(model) == {"1": "Production", "2": "None", "3": "Archived"}
        assert (await source.reconcile(plan)).outcome == "done"
        moved = await source.plan(ask(model, to="2"))
        ground.stage(model, "3", "Production")
        with pytest.raises(PreconditionFailed):
            await source.execute(moved, issue_permit(moved))


@pytest.mark.parametrize("name", ["it's", "a b", "üñí", "100%"])
async def test_names_that_need_care(ground: Writer, name: str) -> None:
    model = make_model(ground, 2, champion=2, stem=name)
    async with acting(ground.url) as (source, _):
        _, _, last = await carry_out(source, ask_version(model.replace("%", "%25"), "1"))
        assert last.verdict is Verdict.SUCCEEDED
    assert ground.aliases(model) == {"champion": "1"}


async def test_nothing_is_sent_but_by_execute(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    async with acting(ground.url) as (source, wire):
        await source.form(ask(model))
        plan = await source.plan(ask(model, to="1"))
        await source.reconcile(plan)
        assert wire.changing == []
        permit = issue_permit(plan)
        receipt = await source.execute(plan, permit)
        sent = list(wire.changing)
        assert sent == [
            "registered-models/set-tag",
            "registered-models/alias",
            "registered-models/set-tag",
            "registered-models/set-tag",
        ]
        assert [one async for one in source.observe(plan, receipt)]
        await source.reconcile(plan)
        for stale in (permit, issue_permit(_another(plan))):
            with pytest.raises(SourceError, match="permit"):
                await source.execute(plan, stale)
        assert wire.changing == sent


def _another(plan: Plan) -> Plan:
    return plan.model_copy(update={"id": "another"})


async def test_the_board_sees_it_in_the_next_round(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    async with watching(ground.url) as rounds:
        await rounds.next()
        await carry_out(rounds.source, ask(model, to="1"))
        await rounds.next()
        assert rounds.of(Kind.MODEL)[model].serving == "1"


async def test_a_new_version_is_seen_in_the_round_after_a_refresh(ground: Writer) -> None:
    model = make_model(ground, 1, champion=1)
    async with watching(ground.url) as rounds:
        for _ in range(3):
            await rounds.next()
        made = ground.run(metrics=[measured("auc", 0.99)])
        ground.version(model, made)
        await rounds.next()
        record: Any = rounds.of(Kind.MODEL_VERSION)[f"{model}/2"]
        assert record.run == made
        assert record.created_at is not None
        assert rounds.of(Kind.MODEL)[model].latest == "2"


async def test_the_tags_of_a_model_tell_how_it_is_trained(ground: Writer) -> None:
    model = make_model(ground, 1)
    for key, value in (
        ("opsboard.retrain.source", "github"),
        ("opsboard.retrain.workflow", "train.yml"),
        ("opsboard.retrain.input.epochs", "20"),
        ("owner", "ml"),
    ):
        ground.tag(model, key, value)
    async with watching(ground.url) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL)[model].recipe == (
            ("input.epochs", "20"),
            ("source", "github"),
            ("workflow", "train.yml"),
        )


async def test_a_worse_metric_is_told_as_worse(ground: Writer) -> None:
    model = make_model(ground, 0)
    told = {
        "auc": (0.9, 0.8), "val_loss": (0.2, 0.4), "rmse": (3.0, 2.0), "churn_shift": (1.0, 2.0),
        "precision": (0.123456789, 0.123456788), "psi": (0.1, 0.2), "ks_p_value": (0.9, 0.4),
        "ece": (float("nan"), 0.1), "recall": (0.5, 0.5),
    }  # fmt: skip
    for at in (0, 1):
        values = [measured(name, pair[at]) for name, pair in told.items() if pair[at] == pair[at]]
        extra = [measured("f1", 0.5)] if at == 0 else []
        ground.alias(model, "champion", add_version(ground, model, metrics=[*values, *extra]))
    ground.alias(model, "champion", "1")
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="2"))
    effects = {one.name: one.effect for one in plan.changes if one.effect}
    worse = {"auc", "val_loss", "precision", "psi", "ks_p_value"}
    assert {name for name, one in effects.items() if one is Effect.WORSE} == worse
    assert {name for name, one in effects.items() if one is Effect.BETTER} == {"rmse"}
    assert effects.keys() - worse - {"rmse"} == {"churn_shift", "ece", "recall", "f1"}
    assert differences(plan, "metrics")["precision"] == ("0.123456789", "0.123456788")


async def test_all_metrics_are_compared_in_their_natural_order(ground: Writer) -> None:
    model = make_model(ground, 0)
    for _ in (1, 2):
        many = [measured(f"f1_class_{number}", 0.5) for number in range(1, 61)]
        ground.alias(model, "champion", add_version(ground, model, metrics=many))
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(model, to="1"))
    names = list(differences(plan, "metrics"))
    assert names[:-1] == [f"f1_class_{number}" for number in range(1, 51)]
    assert differences(plan, "metrics")["others"] == (
        None, "10 more: " + ", ".join(f"f1_class_{number}" for number in range(51, 61)),
    )  # fmt: skip
