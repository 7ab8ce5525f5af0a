"""The pages of experiments and of logged models, on the demo's server and on real ones."""

import json
import time

import pytest

from opsboard.adapter import Detail, Facts, Grid, NotFound, TextSection
from opsboard.records import Status, listed_ref
from opsboard.views.comparison import compare
from opsboard_adapters.mlflow.links import version_ref
from tests.adapters.mlflow.acts import acting
from tests.adapters.mlflow.seeding import Writer, measured
from tests.adapters.mlflow.test_listings import first as first_update
from tests.adapters.mlflow.test_spans import span_of_2


def grid(detail: Detail, title: str) -> Grid:
    found = next(one for one in detail.sections if one.title.startswith(title))
    assert isinstance(found, Grid)
    return found


async def test_an_experiment_has_its_runs_the_newest_first(ground: Writer) -> None:
    now = time.time_ns() // 1_000_000
    first = ground.run(at=now, tags={"mlflow.runName": "one"}, metrics=[measured("auc", 0.9)])
    second = ground.run(at=now + 10, status="RUNNING")
    async with acting(ground.url) as (source, _):
        page = await source.detail(listed_ref("ml", "experiments", "0"))
        assert page.record.name == "Default"
        rows = grid(page, "Runs").rows
        refs = [row.ref for row in rows]
        newer, older = (listed_ref("ml", "training-runs", run) for run in (second, first))
        assert refs.index(newer) < refs.index(older)
        one = rows[refs.index(older)]
        assert (one.cells[:2], one.status) == (("one", "auc 0.9"), Status.OK)
        with pytest.raises(NotFound):
            await source.detail(listed_ref("ml", "experiments", "4711"))


async def test_a_run_tells_its_place_and_what_was_made_of_it(ground: Writer) -> None:
    noted = {"mlflow.runName": "sweep", "mlflow.note.content": "Over *depth*", "team": "risk"}
    parent = ground.run(tags=noted)
    child = ground.run(
        tags={"mlflow.runName": "trial", "mlflow.parentRunId": parent},
        metrics=[measured("auc", 0.9)],
    )
    name = f"of a run {time.time_ns()}"
    ground.model(name)
    ground.version(name, child)
    async with acting(ground.url) as (source, _):
        refs = {one: listed_ref("ml", "training-runs", one) for one in (parent, child)}
        page = await source.detail(refs[parent])
        assert texts(page)["Description"] == "Over *depth*"
        assert "mlflow.note.content" not in [row.cells[0] for row in grid(page, "Tags").rows]
        experiment = listed_ref("ml", "experiments", "0")
        assert [(row.cells, row.ref) for row in grid(page, "Belongs to").rows] == [
            (("experiment", "Default"), experiment)
        ]
        (nested,) = grid(page, "Nested runs").rows
        assert (nested.cells[:2], nested.ref) == (("trial", "auc 0.9"), refs[child])
        assert "Registered as" not in [one.title for one in page.sections]
        page = await source.detail(refs[child])
        assert [(row.cells, row.ref) for row in grid(page, "Belongs to").rows] == [
            (("experiment", "Default"), experiment), (("run", "sweep"), refs[parent]),
        ]  # fmt: skip
        (made,) = grid(page, "Registered as").rows
        assert (made.cells[:2], made.ref) == ((name, "1"), version_ref("ml", name, "1"))
        assert "Nested runs" not in [one.title for one in page.sections]


async def test_a_logged_model_has_its_metrics(ground: Writer) -> None:
    model_id = ground.logged_model(ground.run(), measured("auc", 0.75))
    async with acting(ground.url) as (source, _):
        if not model_id:  # MLflow 2 has none
            with pytest.raises(NotFound):
                await source.detail(listed_ref("ml", "logged-models", "m-1"))
            return
        page = await source.detail(listed_ref("ml", "logged-models", model_id))
        assert page.record.name == "model"
        assert [row.cells[:2] for row in grid(page, "Metrics").rows] == [("auc", "0.75")]


def texts(detail: Detail) -> dict[str, str]:
    return {one.title: one.text for one in detail.sections if isinstance(one, TextSection)}


async def test_a_prompt_has_its_versions_and_what_they_change(ground: Writer) -> None:
    name = f"prompt-{time.time_ns()}"
    ground.prompt(name, "Say {{ x }}.\nBe kind.", "Say {{ x }}.\nBe short.\x1b[2J", "Sing {{ x }}.")
    ground.alias(name, "production", "2")
    async with acting(ground.url) as (source, _):
        page = await source.detail(listed_ref("ml", "prompts", name))
        rows = grid(page, "Versions").rows
        assert [row.cells[:3] for row in rows] == [
            ("3", "", "change 3"), ("2", "production", "change 2"), ("1", "", "change 1"),
        ]  # fmt: skip
        assert texts(page)["Template of version 3"] == "Sing {{ x }}."
        ref = rows[1].ref
        assert ref is not None
        second = texts(await source.detail(ref))
        assert second["Template of version 2"] == "Say {{ x }}.\nBe short."
        assert second["From version 1 to 2"].splitlines() == [
            " Say {{ x }}.", "-Be kind.", "+Be short.",
        ]  # fmt: skip
        (last, *_) = rows
        assert last.ref is not None
        third = texts(await source.detail(last.ref))
        assert "From version 2 (production) to 3" in third
        assert "name" in str(await source.raw(ref))
        model = f"{name}-model"
        ground.model(model)
        with pytest.raises(NotFound, match="no prompt"):
            await source.detail(listed_ref("ml", "prompts", model))


async def test_versions_of_prompts_are_listed_and_compared(ground: Writer) -> None:
    name = f"b c é {time.time_ns()}"
    ground.prompt(name, "Say {{ x }}.\nBe kind.", "Say {{ x }}.\nBe short.\x1b[2J")
    ground.alias(name, "production", "1")
    ground.model(f"{name} model")
    ground.version(f"{name} model")
    async with acting(ground.url) as (source, _):
        listed = await first_update(source, "prompt-versions")
        rows = [row for row in listed.rows if row.name.startswith(name)]
        assert [(row.name, row.cells[:2]) for row in sorted(rows, key=lambda row: row.name)] == [
            (f"{name} v1", ("production", "change 1")), (f"{name} v2", ("", "change 2")),
        ]  # fmt: skip
        refs = [listed_ref("ml", "prompt-versions", row.key) for row in rows]
        sides = [await source.comparand(ref) for ref in refs]
        (page,) = {(await source.detail(ref)).record.name for ref in refs[:1]}
    assert page.startswith(name)
    first, second = sorted(sides, key=lambda side: side.title)
    assert (first.title, first.subject, first.note) == ("v1", name, "production")
    groups = {one.title: one.text for one in second.groups}
    assert groups["Template"] == "Say {{ x }}.\nBe short."
    (template, *_) = compare([first, second]).groups
    (diff,) = template.diffs
    assert list(diff.lines) == [" Say {{ x }}.", "-Be kind.", "+Be short."]


async def test_the_messages_of_a_chat_are_read_with_their_roles(ground: Writer) -> None:
    name = f"chat-{time.time_ns()}"
    said = [{"role": "system", "content": "Be {{ tone }}"}, {"role": "user", "content": ["x"]}, 7]
    ground.prompt(name, json.dumps(said), "no JSON", kind="chat")
    async with acting(ground.url) as (source, _):
        rows = grid(await source.detail(listed_ref("ml", "prompts", name)), "Versions").rows
        assert rows[1].ref is not None
        first = texts(await source.detail(rows[1].ref))
        assert first["Template of version 1"] == 'system:\nBe {{ tone }}\n\nuser:\n["x"]\n\n7'
        assert rows[0].ref is not None
        second = texts(await source.detail(rows[0].ref))
        assert second["Template of version 2"] == "no JSON"


async def test_a_trace_has_its_spans_as_a_tree(ground: Writer) -> None:
    asked = {"mlflow.spanInputs": '{"q": "hi\\u001b[2J"}', "mlflow.spanType": '"CHAIN"'}
    told = [
        span_of_2("top", attributes={**asked, "mlflow.spanOutputs": '"done"', "cost": "3"}),
        span_of_2("a/b=", "top", status_code="ERROR", status_message="no such tool"),
    ]
    trace = ground.trace(*told, status="ERROR")
    async with acting(ground.url) as (source, _):
        ref = listed_ref("ml", "traces", trace)
        page = await source.detail(ref)
        assert (page.record.name, page.record.status) == ("chat", Status.FAILED)
        facts = next(one for one in page.sections if isinstance(one, Facts)).facts
        assert {one.label: one.value for one in facts}["Experiment"] == "Default"
        rows = grid(page, "Spans").rows
        assert [(row.cells[0], row.cells[1], row.status) for row in rows] == [
            ("top", "250ms", Status.OK), ("  a/b=", "250ms", Status.FAILED),
        ]  # fmt: skip
        assert rows[1].cells[4] == "no such tool"
        assert "\x1b" not in texts(page)["Inputs"]
        assert json.loads(texts(page)["Inputs"]) == {"q": "hi\x1b[2J"}
        assert texts(page)["Outputs"] == "done"
        inner = rows[1].ref
        assert inner is not None
        span = await source.detail(inner)
        assert span.record.name == "a/b="
        assert len((await source.raw(ref))["spans"]) == 2
        with pytest.raises(NotFound):
            await source.detail(listed_ref("ml", "traces", "tr-none"))


async def test_a_trace_without_spans_says_so(ground: Writer) -> None:
    trace = ground.trace()
    async with acting(ground.url) as (source, _):
        page = await source.detail(listed_ref("ml", "traces", trace))
        assert grid(page, "Spans").empty == "none was logged, or it has not ended"
        assert texts(page)["Inputs"] == '{"q": "hello"}'
