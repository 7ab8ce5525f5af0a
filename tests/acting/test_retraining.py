"""How a model is trained anew: by the config, by its own tags, never by a stranger's command."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from opsboard.acting.decision import Consent
from opsboard.adapter import RETRAIN, Plan, Request, SourceError, SourceSettings, TrainingInputs
from opsboard.config.action_rules import RetrainRule
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import Settings
from opsboard.records import ActivityState, Kind, Model, Record, Ref
from tests.acting.lever import DirectEngine, Lever, Stand
from tests.collect import eventually

FRAUD = Model(source="ml", id="fraud", name="fraud", latest="3", environment="production")
RULE = RetrainRule(models=("fr*",), source="k8s", recipe={"what": "train"}, inputs={"to": "5"})
YES = Consent(confirmed=True, typed="fraud", reason="it drifts")


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path, Settings(retrain=(RULE,)))


def _why_not(stand: Stand, model: Record = FRAUD) -> str:
    (why,) = [
        o.disabled_reason
        for o in stand.coordinator.available_actions(model)
        if o.action.id == RETRAIN
    ]
    return why


async def _plan(stand: Stand, **values: str) -> Plan:
    return await stand.coordinator.plan(Request(action=RETRAIN, ref=FRAUD.ref, values=values))


async def test_the_config_says_how(stand: Stand) -> None:
    assert _why_not(stand) == ""
    form = await stand.coordinator.form(Request(action=RETRAIN, ref=FRAUD.ref))
    assert [(one.name, one.default) for one in form.inputs] == [("to", "5")]
    plan = await _plan(stand)
    assert (plan.by, plan.ref, plan.name, plan.awaits) == ("k8s", FRAUD.ref, "fraud", "3")
    assert plan.after == "revision 5", "the default of the config is used"
    assert (await _plan(stand, to="4")).after == "revision 4"
    assert plan.findings == ()


async def test_it_starts_from_what_the_version_that_serves_was_trained_with(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path, Settings(retrain=(RULE.model_copy(update={"inputs": {}}),)))
    stand.lever.trained = TrainingInputs(version="v3", params=(("TO", "4"),))
    (asked,) = (await stand.coordinator.form(Request(action=RETRAIN, ref=FRAUD.ref))).inputs
    assert (asked.default, asked.help) == ("4", "v3 was trained with 4")
    plan = await _plan(stand)
    assert plan.after == "revision 4"
    assert [one.text for one in plan.findings] == ["as v3 was trained with: to"]
    plan = await _plan(stand, to="5")
    assert plan.after == "revision 5"
    assert [one.text for one in plan.findings] == ["unlike v3: to 5, was 4"]


async def test_that_it_is_not_known_stands_in_no_way(stand: Stand) -> None:
    stand.lever.trained = SourceError("no answer")
    assert len((await stand.coordinator.form(Request(action=RETRAIN, ref=FRAUD.ref))).inputs) == 1
    plan = await _plan(stand)
    assert plan.after == "revision 5"
    assert [one.text for one in plan.findings] == [
        "what it was trained with is not known: no answer"
    ]


def test_nobody_has_said_how(tmp_path: Path) -> None:
    assert "no training is configured" in _why_not(Stand(tmp_path))
    nowhere = Settings(retrain=(RULE.model_copy(update={"source": "gone"}),))
    assert "no source 'gone'" in _why_not(Stand(tmp_path, nowhere))


class _NoTrainer(Lever):
    recipe: ClassVar[Any] = None


class _Commands(Lever):
    name = "command"


def _by(adapter: type[Any], reach: DirectEngine) -> None:
    source = ResolvedSource("k8s", adapter, SourceSettings())
    reach.resolved = lambda _: source  # type: ignore[method-assign, assignment]


def test_a_source_that_trains_nothing(stand: Stand) -> None:
    _by(_NoTrainer, stand.engine)
    assert "cannot train models" in _why_not(stand)


TAGGED = replace(FRAUD, recipe=(("source", "k8s"), ("what", "x"), ("input.to", "4")))


def test_tags_never_name_a_command(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    assert _why_not(stand, TAGGED) == ""
    _by(_Commands, stand.engine)
    assert "only the config may" in _why_not(stand, TAGGED)


async def test_a_plan_says_that_it_is_from_the_tags(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.lever.model = TAGGED
    plan = await _plan(stand)
    assert plan.after == "revision 4"
    assert ["model's own tags" in one.text for one in plan.findings] == [True]


@pytest.mark.parametrize(
    ("tag", "value"),
    [("to", "$(reboot)"), ("to", "four"), ("LD_PRELOAD", "/tmp/evil.so"), ("to", "--now")],
)
async def test_what_tags_may_not_say_is_left_out_and_told(
    tmp_path: Path, tag: str, value: str
) -> None:
    stand = Stand(tmp_path)
    hostile = replace(FRAUD, recipe=(("source", "k8s"), ("what", "x"), (f"input.{tag}", value)))
    stand.lever.model = hostile
    (asked,) = (await stand.coordinator.form(Request(action=RETRAIN, ref=FRAUD.ref))).inputs
    assert (asked.name, asked.default) == ("to", "6")
    assert ("left out" in asked.help) is (tag == "to")
    plan = await _plan(stand)
    assert plan.after == "revision 6"
    assert [tag in one.text for one in plan.findings if "left out" in one.text] == [True]


async def test_it_is_followed_to_the_new_version(stand: Stand) -> None:
    stand.lever.ends.clear()
    await stand.coordinator.start([await _plan(stand)], YES)
    await eventually(lambda: stand.engine.last.state is ActivityState.FOLLOWING)

    async def registered(_seconds: float) -> None:
        stand.lever.latest = "4"

    stand.clock.sleep = registered  # type: ignore[assignment, method-assign]
    stand.lever.ends.set()
    await eventually(lambda: stand.engine.last.state is ActivityState.SUCCEEDED)
    assert any("waiting for the new version" in one.message for one in stand.engine.told)
    assert stand.engine.last.message == "version 4 of fraud is there"
    assert stand.engine.last.about == Ref("ml", Kind.MODEL, "fraud")
    assert "ml" in stand.engine.refreshed


async def test_a_run_that_makes_no_version_has_failed(stand: Stand) -> None:
    await stand.coordinator.start([await _plan(stand)], YES)
    await eventually(lambda: stand.engine.last.state is ActivityState.FAILED)
    assert "no new version" in stand.engine.last.message


async def test_a_sealed_engine_trains_nothing(stand: Stand) -> None:
    stand.engine.settings = SourceSettings(read_only=True)
    assert "read-only" in _why_not(stand)
