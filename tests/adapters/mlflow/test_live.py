"""What changes on a real server while the board looks: and what it then says."""

import time
from pathlib import Path

import pytest

from opsboard.adapter import NotFound, Remove, Unauthenticated, Upsert
from opsboard.records import Kind, Status
from tests.adapters.mlflow.rounds import AppHarness, Rounds, watching
from tests.adapters.mlflow.seeding import Writer, measured

pytestmark = pytest.mark.mlflow


def _now() -> int:
    return int(time.time() * 1000)


async def _forced(rounds: Rounds) -> None:
    """Run a round in which everything is read anew, as after a refresh by the user."""
    rounds.stage.time = rounds.stage.time.replace(year=rounds.stage.time.year + 1)
    await rounds.next()


async def test_a_monitoring_run_crosses_its_threshold(real: str, writer: Writer) -> None:
    writer.model("fraud", {"drift_score_threshold": "0.5"})
    trained = writer.run(at=_now(), tags={"mlflow.source.git.commit": "c0ffee"})
    writer.alias("fraud", "champion", writer.version("fraud", trained))
    async with watching(real) as rounds:
        await rounds.next()
        assert not [one for one in rounds.of(Kind.DRIFT) if one.startswith("fraud/")]
        monitor = writer.run(at=_now(), tags={"model_name": "fraud"}, status="RUNNING")
        told = ((0.1, "ok"), (0.45, "warning"), (0.6, "failed"), (0.2, "ok"))
        for step, (value, status) in enumerate(told, 1):
            writer.log(monitor, [measured("drift_score", value, _now(), step)])
            await rounds.next()
            drift = rounds.of(Kind.DRIFT)["fraud/1/drift_score"]
            model = rounds.of(Kind.MODEL)["fraud"]
            assert drift.status == status
            assert drift.threshold == 0.5
            assert (model.reason == "drift") == (status == "failed")
        assert drift.trend == (0.1, 0.45, 0.6, 0.2)


async def test_a_p_value_drifts_below(real: str, writer: Writer) -> None:
    writer.model("scores")
    metrics = [measured("drift_p_value", 0.01), measured("epsilon", 9), measured("psi", "NaN")]
    writer.version(
        "scores", writer.run(params={"drift_p_value_threshold": "0.05"}, metrics=metrics)
    )
    async with watching(real) as rounds:
        await rounds.next()
        found = {key: one for key, one in rounds.of(Kind.DRIFT).items() if one.model == "scores"}
        assert found.keys() == {"scores/1/drift_p_value", "scores/1/psi"}
        assert found["scores/1/drift_p_value"].status is Status.FAILED
        assert found["scores/1/psi"].status is Status.UNKNOWN


async def test_aliases_move(real: str, writer: Writer) -> None:
    writer.model("ranker")
    for _ in range(2):
        writer.version("ranker")
    writer.alias("ranker", "champion", "1")
    async with watching(real) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL)["ranker"].serving == "1"
        writer.alias("ranker", "champion", "2")
        await rounds.next()
        assert rounds.of(Kind.MODEL)["ranker"].serving == "2"
        assert rounds.of(Kind.MODEL_VERSION)["ranker/1"].aliases == ()
        assert rounds.of(Kind.MODEL_VERSION)["ranker/2"].aliases == ("champion",)


async def test_stages_serve_where_there_is_no_alias(real: str, writer: Writer) -> None:
    writer.model("old")
    for _ in range(2):
        writer.version("old")
    writer.stage("old", "1", "Production")
    async with watching(real) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL)["old"].serving == "1"
        assert rounds.of(Kind.MODEL)["old"].environment == "production"
        writer.stage("old", "2", "Production")
        await rounds.next()
        assert rounds.of(Kind.MODEL)["old"].serving == "2"
        assert rounds.of(Kind.MODEL_VERSION)["old/2"].stage == "Production"


async def test_a_new_version_is_seen_with_its_metrics(real: str, writer: Writer) -> None:
    writer.model("growing")
    async with watching(real) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL)["growing"].status is Status.UNKNOWN
        writer.version("growing", writer.run(metrics=[measured("auc", 0.9)]))
        changes = await rounds.next()
        assert rounds.of(Kind.MODEL_VERSION)["growing/1"].metrics[0].value == 0.9
        assert rounds.of(Kind.MODEL)["growing"].latest == "1"
        told = {
            one.name for change in changes if isinstance(change, Upsert) for one in change.records
        }
        assert told == {"growing", "growing v1"}


async def test_what_is_deleted_goes(real: str, writer: Writer) -> None:
    for name in ("leaving", "shrinking"):
        writer.model(name)
        writer.version(name)
        writer.version(name)
    async with watching(real) as rounds:
        await rounds.next()
        writer.call("model-versions/delete", {"name": "shrinking", "version": "2"}, "DELETE")
        writer.call("registered-models/delete", {"name": "leaving"}, "DELETE")
        changes = await rounds.next()
        await _forced(rounds)
        assert any(isinstance(change, Remove) for change in changes)
        assert "leaving" not in rounds.of(Kind.MODEL)
        assert "shrinking/2" not in rounds.of(Kind.MODEL_VERSION)
        assert not {key for key in rounds.of(Kind.MODEL_VERSION) if key.startswith("leaving/")}
        with pytest.raises(NotFound):
            await rounds.source.detail(rounds.ref(Kind.MODEL, "leaving"))


async def test_the_run_of_a_version_is_deleted(real: str, writer: Writer) -> None:
    writer.model("orphan")
    run_id = writer.run(metrics=[measured("auc", 0.7)])
    writer.version("orphan", run_id)
    writer.call("runs/delete", {"run_id": run_id})
    async with watching(real) as rounds:
        await rounds.next()
        assert rounds.ails() == {}
        told = rounds.of(Kind.MODEL_VERSION)["orphan/1"].metrics
        assert [(one.name, one.value) for one in told] == [("auc", 0.7)]
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL_VERSION, "orphan/1"))
        facts = next(one for one in detail.sections if one.title == "Training run")
        assert "deleted" in str(facts)


async def test_names_that_need_care(real: str, writer: Writer) -> None:
    names = ["a b", "it's", "üñí", "100%", "[red]x"]
    for name in names:
        writer.model(name)
        writer.version(name)
    async with watching(real) as rounds:
        await rounds.next()
        for name in names:
            version = next(
                one for one in rounds.of(Kind.MODEL_VERSION).values() if one.model == name
            )
            assert (await rounds.source.detail(version.ref)).record.name == f"{name} v1"
            model = await rounds.source.detail(rounds.ref(Kind.MODEL, name))
            assert model.record.name == name


async def test_basic_auth(guarded: str) -> None:
    with Writer(guarded, ("admin", "very secret 1")) as writer:
        writer.model("mine")
    stage = AppHarness()
    async with watching(guarded, stage, username="admin", password="very secret 1") as rounds:
        await rounds.next()
        assert "mine" in rounds.of(Kind.MODEL)
        assert rounds.ails() == {}
    assert stage.concealed == ["very secret 1"]


async def test_a_wrong_password_is_refused(guarded: str) -> None:
    async with watching(guarded, username="admin", password="wrong") as rounds:
        error = await rounds.failure()
        assert isinstance(error, Unauthenticated)
        assert "wrong" not in error.message
        checks = {check.subject: check async for check in rounds.source.checks()}
        assert checks["logged in"].status is Status.FAILED


async def test_login_as_the_client_finds_it(guarded: str, tmp_path: Path) -> None:
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text(
        "[mlflow]\nmlflow_tracking_username = admin\nmlflow_tracking_password = very secret 1\n"
    )
    async with watching(guarded, AppHarness({"MLFLOW_TRACKING_URI": guarded}, tmp_path)) as rounds:
        await rounds.next()
        assert rounds.ails() == {}
