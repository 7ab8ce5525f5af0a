"""Promoting versions, on the demo's server and on real ones: from the form to the verdict."""

import json

import pytest

from opsboard.adapter import Effect, PreconditionFailed, Request, Unsupported, Verdict
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard_adapters.mlflow.links import version_ref
from opsboard_adapters.mlflow.signatures import LOG_HISTORY
from tests.adapters.mlflow.acts import (
    acting,
    add_version,
    carry_out,
    differences,
    findings,
    make_model,
)
from tests.adapters.mlflow.seeding import Writer, measured


def promote(model: str, version: str = "", **values: str) -> Request:
    """Return the request to promote *model*, or the *version* of it."""
    ref = version_ref("ml", model, version) if version else Ref("ml", Kind.MODEL, model)
    return Request(action="promote", ref=ref, values=values)


async def test_the_newest_that_is_well_is_compared_with_what_serves(ground: Writer) -> None:
    model = make_model(ground, 2, champion=1)
    add_version(ground, model, auc=0.80, metrics=[measured("loss", 0.4)])
    add_version(ground, model, auc=0.95, status="FAILED")
    async with acting(ground.url) as (source, _):
        form = await source.form(promote(model))
        assert form.inputs[1].default == "3"
        plan, _, last = await carry_out(source, promote(model))
        assert (plan.action, plan.title) == ("promote", f"Promote {model}")
        assert (plan.before, plan.after) == ("version 1", "version 3")
        compared = {one.name: one.effect for one in plan.changes if one.group == "metrics"}
        assert compared["auc"] is Effect.WORSE
        text = "1 of 1 metrics are worse than those of version 1: auc 0.91 to 0.8"
        assert f"warning: {text}" in findings(plan)
        assert last.verdict is Verdict.SUCCEEDED
    assert ground.aliases(model) == {"champion": "3"}
    assert ground.tags(model)["opsboard.previous.champion"] == "1"


async def test_what_the_config_says_of_a_metric_decides(ground: Writer) -> None:
    model = make_model(ground, 0)
    for value in (1.0, 2.0):
        add_version(ground, model, metrics=[measured("frob", value)])
    ground.alias(model, "champion", "1")
    async with acting(ground.url) as (source, _):
        plan = await source.plan(promote(model))
        assert not any("worse" in text for text in findings(plan))
    async with acting(ground.url, lower_is_better=("frob",)) as (source, _):
        plan = await source.plan(promote(model))
        assert any("frob 1 to 2" in text for text in findings(plan))


async def test_from_the_row_of_a_version_an_older_one_is_said_to_be(ground: Writer) -> None:
    model = make_model(ground, 3, champion=2)
    async with acting(ground.url) as (source, _):
        plan = await source.plan(promote(model, "1"))
        assert any("older than version 2: this is a rollback" in text for text in findings(plan))
        with pytest.raises(Unsupported, match="already"):
            await source.plan(promote(model, "2"))


async def test_nothing_newer_is_said_and_a_moved_alias_stops_it(ground: Writer) -> None:
    model = make_model(ground, 3, champion=3)
    async with acting(ground.url) as (source, _):
        with pytest.raises(Unsupported, match="no newer version"):
            await source.plan(promote(model))
        ground.alias(model, "champion", "1")
        plan = await source.plan(promote(model))
        assert plan.after == "version 3"
        ground.alias(model, "champion", "2")
        with pytest.raises(PreconditionFailed, match="version 2"):
            await source.execute(plan, issue_permit(plan))
    assert ground.aliases(model) == {"champion": "2"}


def _signed(*columns: str) -> dict[str, str]:
    """Return the tag by which a run tells the signature of the model that it logged."""
    inputs = json.dumps([{"type": "double", "name": name} for name in columns])
    return {LOG_HISTORY: json.dumps([{"signature": {"inputs": inputs}}])}


async def test_a_signature_that_differs_is_a_warning_and_one_not_known_is_said(
    ground: Writer,
) -> None:
    model = make_model(ground, 0)
    for tags in (_signed("age"), _signed("age"), _signed("age", "fare"), {}):
        ground.version(model, ground.run(tags=tags))
    ground.alias(model, "champion", "1")
    async with acting(ground.url) as (source, _):
        same = await source.plan(promote(model, "2"))
        assert not any("signature" in text for text in findings(same))
        plan = await source.plan(promote(model, "3"))
        assert differences(plan, "signature") == {
            "inputs": ("age: double", "age: double, fare: double")
        }
        assert any(text.startswith("warning: the signature differs (inputs)")
                   for text in findings(plan))  # fmt: skip
        plan = await source.plan(promote(model, "4"))
        assert differences(plan, "signature") == {}
        assert any("not compared: of version 4" in text for text in findings(plan))
