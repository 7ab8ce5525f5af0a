"""Tags and descriptions written through plans, on the demo's server and on real ones."""

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.action_history import activity
from opsboard.acting.audit.entry import AuditEntry, AuditEvent
from opsboard.adapter import (
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Plan,
    PreconditionFailed,
    ReconcileOutcome,
    Request,
    SourceError,
    Unsupported,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.history.undo import undo_of_activity
from opsboard.records import Activity, ActivityState, Kind, Ref, listed_ref
from opsboard_adapters.mlflow.links import RUNS_LISTING, version_ref
from tests.adapters.mlflow.acts import (
    SET_TAG,
    Trouble,
    Wire,
    acting,
    carry_out,
    cut_after,
    cut_before,
    differences,
    make_model,
)
from tests.adapters.mlflow.seeding import Writer, measured

TEXT = "Two lines:\nC:\\new \N{SNOWMAN}"
LINE = r"Two lines:\nC:\\new " + "\N{SNOWMAN}"


RUN, RUN_TAG = "run", "runs/set-tag"


def edit(action: str, model: str, version: str = "", **values: str) -> Request:
    """Return the request to edit *model*, its *version*, or where that is "run", that run."""
    ref = version_ref("ml", model, version) if version else Ref("ml", Kind.MODEL, model)
    ref = listed_ref("ml", RUNS_LISTING, model) if version == RUN else ref
    return Request(action=action, ref=ref, values=values)


def edited(ground: Writer, version: str) -> str:
    """Return the name of a new model, or the id of a new run."""
    if version == RUN:
        return ground.run(tags={"mlflow.runName": "tuned"}, metrics=[measured("auc", 0.5)])
    return make_model(ground, 1, champion=1)


@pytest.mark.parametrize("version", ["", "1", RUN])
async def test_a_tag_is_set_changed_and_taken_away(ground: Writer, version: str) -> None:
    model = edited(ground, version)
    async with acting(ground.url) as (source, _):
        set_it = edit("tag", model, version, key="team", value=LINE)
        plan, receipt, last = await carry_out(source, set_it)
        assert differences(plan, "tags") == {"tag team": (None, TEXT)}
        assert (plan.before, plan.after) == ("nothing", TEXT)
        assert plan.versions == ("nothing", LINE), "escaped once"
        assert not plan.disruptive
        assert last.verdict is Verdict.SUCCEEDED
        assert last.produced == receipt.produced == set_it.ref
        form = await source.form(edit("tag", model, version, key="team"))
        assert {one.name: one.default for one in form.inputs}["value"] == LINE
        assert "team" in form.inputs[0].help
        with pytest.raises(Unsupported, match="already"):
            await source.plan(set_it)
        plan, _, last = await carry_out(
            source, edit("tag", model, version, key="team", remove="true")
        )
        assert differences(plan, "tags") == {"tag team": (TEXT, None)}
        assert last.verdict is Verdict.SUCCEEDED
        assert "team" not in (await source.form(edit("tag", model, version))).inputs[0].help


@pytest.mark.parametrize("version", ["", "1", RUN])
async def test_what_was_written_is_taken_back_by_the_value_before(
    ground: Writer, version: str
) -> None:
    model = edited(ground, version)
    odd = "nothing"
    async with acting(ground.url) as (source, _):

        async def done_and_undone(first: Request) -> tuple[Plan, Plan]:
            plan, _, _ = await carry_out(source, first)
            undo = undo_of_activity(activity_of(plan))
            assert undo is not None
            assert (undo.action, undo.ref) == (first.action, first.ref)
            again = Request(action=undo.action, ref=undo.ref, values=undo.values)
            return plan, (await carry_out(source, again))[0]

        for line in (LINE, odd):  # there was none
            plan, back = await done_and_undone(edit("tag", model, version, key="team", value=line))
            assert (back.before, back.after) == (plan.after, plan.before)
        await carry_out(source, edit("tag", model, version, key="team", value=odd))
        plan, back = await done_and_undone(edit("tag", model, version, key="team", value=""))
        assert differences(back, "tags") == {"tag team": ("", odd)}
        plan, back = await done_and_undone(edit("tag", model, version, key="team", remove="true"))
        assert differences(back, "tags") == {"tag team": (None, odd)}
        plan, back = await done_and_undone(edit("description", model, version, text=LINE))
        assert differences(back, "text") == {"description": (TEXT, None)}


def activity_of(plan: Plan) -> Activity:
    """Return *plan*, done, as the board has it."""
    intent = AuditEntry(
        number=1, at=plan.made_at, event=AuditEvent.INTENT, actor=current_actor({}), plan=plan
    )
    return activity(plan, intent, ActivityState.SUCCEEDED, "")


@pytest.mark.parametrize("version", ["", "1", RUN])
async def test_a_description_is_written_and_emptied(ground: Writer, version: str) -> None:
    model = edited(ground, version)
    async with acting(ground.url) as (source, _):
        for line, before, after in ((LINE, None, TEXT), ("", TEXT, None)):
            plan, _, last = await carry_out(source, edit("description", model, version, text=line))
            assert differences(plan, "text") == {"description": (before, after)}
            assert last.verdict is Verdict.SUCCEEDED
            form = await source.form(edit("description", model, version))
            assert form.inputs[0].default == line


async def test_a_long_text_is_told_in_a_few_words_and_is_whole_in_the_changes(
    ground: Writer,
) -> None:
    model, text = edited(ground, ""), "a line\n" * 1_000
    async with acting(ground.url) as (source, _):
        plan, _, last = await carry_out(
            source, edit("description", model, text=text.replace("\n", r"\n"))
        )
        assert differences(plan, "text") == {"description": (None, text)}
        assert plan.after == f"{text[:120]}… (7,000 characters)"
        assert last.verdict is Verdict.SUCCEEDED
        other = await source.plan(edit("description", model, text="other"))
        assert plan.destination == other.origin, "both name what is there by its hash"
        assert "SHA-256" in other.origin[0]


async def test_a_run_is_told_by_name_and_judged_by_its_experiment(ground: Writer) -> None:
    run = edited(ground, RUN)
    async with acting(ground.url) as (source, wire):
        plan = await source.plan(edit("tag", run, RUN, key="team", value="ml"))
        assert plan.target == f"Run {run} (tuned) in ml"
        assert plan.name == "tuned"
        with pytest.raises(NotFound):
            await source.plan(edit("tag", "0" * 32, RUN, key="team", value="ml"))
        other = Request(action="tag", ref=listed_ref("ml", "experiments", "0"), values={"key": "a"})
        with pytest.raises(Unsupported, match="not offered"):
            await source.plan(other)
        ground.call("runs/delete", {"run_id": run})
        with pytest.raises(SourceError, match="active"):
            await source.execute(plan, issue_permit(plan))
        assert wire.changing == [RUN_TAG]


async def test_whoever_was_faster_is_not_overwritten(ground: Writer) -> None:
    model = make_model(ground, 1)
    async with acting(ground.url) as (source, _):
        plan = await source.plan(edit("tag", model, key="team", value="ours"))
        ground.tag(model, "team", "theirs")
        with pytest.raises(PreconditionFailed, match="theirs"):
            await source.execute(plan, issue_permit(plan))
    assert ground.tags(model)["team"] == "theirs"


@pytest.mark.parametrize(
    ("trouble", "outcome", "there"),
    [
        (cut_after, ReconcileOutcome.DONE, {"team": "ours"}),
        (cut_before, ReconcileOutcome.NOT_DONE, {}),
    ],
)
async def test_no_answer_is_settled_by_what_is_there(
    ground: Writer, trouble: Trouble, outcome: ReconcileOutcome, there: dict[str, str]
) -> None:
    model = make_model(ground, 1)
    async with acting(ground.url, Wire(SET_TAG, trouble)) as (source, wire):
        plan = await source.plan(edit("tag", model, key="team", value="ours"))
        with pytest.raises(OutcomeUnknown):
            await source.execute(plan, issue_permit(plan))
        assert wire.changing == [SET_TAG]
        assert (await source.reconcile(plan)).outcome is outcome
        assert ground.tags(model) == there
        ground.tag(model, "team", "theirs")
        assert (await source.reconcile(plan)).outcome is ReconcileOutcome.UNKNOWN


async def test_what_is_not_for_people_to_write_is_left_alone(ground: Writer) -> None:
    model = make_model(ground, 1)
    async with acting(ground.url) as (source, wire):
        for key in ("mlflow.user", "opsboard.plan.champion", "opsboard.previous.x", "api_key"):
            with pytest.raises(Unsupported, match="cannot be edited from here"):
                await source.plan(edit("tag", model, key=key, value="x"))
        with pytest.raises(Misconfigured, match="no escape"):
            await source.plan(edit("tag", model, key="team", value=r"\q"))
        with pytest.raises(Misconfigured, match="key is required"):
            await source.plan(edit("tag", model, value="x"))
        steering = await source.plan(edit("tag", model, key="opsboard.retrain.source", value="x"))
        assert any("steers what this board does" in one.text for one in steering.findings)
        assert wire.changing == []
