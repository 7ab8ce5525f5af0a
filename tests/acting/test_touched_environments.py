"""What an adapter leaves out of a plan counts all the same: the board and the config know it."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.adapter import RETRAIN, Plan, Request
from opsboard.config.action_rules import PolicyDecision, RetrainRule
from opsboard.config.settings import Settings
from opsboard.records import Alias, Kind, Model, Ref
from tests.acting.lever import REF, LeverSource, Stand
from tests.board import deployment

YES = Consent(confirmed=True)
RULE = RetrainRule(models=("*",), source="k8s", recipe={"what": "train"})
FRAUD = Ref("ml", Kind.MODEL, "fraud")


class _Says(LeverSource):
    """Says of all that it touches *told*."""

    told: tuple[str, ...] = ()

    async def plan(self, request: Request) -> Plan:
        plan = await super().plan(request)
        first = self.told[0] if self.told else ""
        return plan.model_copy(update={"environment": first, "environments": self.told})


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    stand = Stand(tmp_path, Settings(retrain=(RULE,)))
    stand.engine.sources = {"k8s": _Says(), "ml": stand.lever}
    return stand


def _says(stand: Stand, *told: str) -> None:
    source = stand.engine.sources["k8s"]
    assert isinstance(source, _Says)
    source.told = told


async def test_the_record_on_the_board_is_touched_whatever_the_adapter_says(stand: Stand) -> None:
    _says(stand, "staging")
    plan = await stand.plan()
    assert stand.coordinator.decide([plan]).decision is PolicyDecision.CONFIRM
    record = deployment(source=REF.source, environment="Production")
    stand.coordinator._on_board = lambda ref: record if ref == REF else None
    assert (await stand.plan()).environments == ("staging", "Production")
    judged = stand.coordinator.decide([plan])
    assert (judged.decision, judged.explanation) == (
        PolicyDecision.TYPED,
        "production is protected",
    )
    with pytest.raises(Refused, match="'web' has to be typed"):
        await stand.coordinator.start([plan], YES)


async def test_what_the_adapter_knows_to_be_none_may_be_one_on_the_board(stand: Stand) -> None:
    _says(stand)
    plan = await stand.plan()
    assert (plan.environments, stand.coordinator.decide([plan]).decision) == (
        (),
        PolicyDecision.CONFIRM,
    )
    record = deployment(source=REF.source, environment="production")
    stand.coordinator._on_board = lambda _: record
    assert stand.coordinator.decide([plan]).decision is PolicyDecision.TYPED


async def test_what_the_config_calls_a_source_is_touched(stand: Stand) -> None:
    _says(stand, "staging")
    stand.engine.settings = stand.engine.settings.model_copy(update={"environment": "kunde-a"})
    plan = await stand.plan()
    assert plan.environments == ("staging", "kunde-a")
    assert "nobody knows the environment 'kunde-a'" in stand.coordinator.decide([plan]).explanation


@pytest.mark.parametrize(
    ("model", "trainer", "touched"),
    [
        ("production", "development", {"production", "development"}),
        ("development", "production", {"production", "development"}),
        ("", "development", {"development", "unknown"}),
        ("development", "unknown", {"development", "unknown"}),
    ],
)
async def test_a_retraining_is_of_the_model_and_of_what_trains_it(
    stand: Stand, model: str, trainer: str, touched: set[str]
) -> None:
    _says(stand, trainer)
    stand.lever.model = replace(
        Model(source="ml", id="fraud", name="fraud", environment="production"), environment=model
    )
    plan = await stand.coordinator.plan(Request(action=RETRAIN, ref=FRAUD))
    assert {*plan.environments} == touched
    assert plan.environment == (model or trainer)
    assert stand.coordinator.decide([plan]).decision is PolicyDecision.TYPED


async def test_a_label_hides_nothing_of_what_the_aliases_of_a_model_tell(stand: Stand) -> None:
    _says(stand, "development")
    labelled = Model(
        source="ml", id="fraud", name="fraud", environment="development",
        aliases=(Alias("champion", "3"),),
    )  # fmt: skip
    stand.lever.model = labelled
    plan = await stand.coordinator.plan(Request(action=RETRAIN, ref=FRAUD))
    assert {*plan.environments} == {"development", "production"}
    assert stand.coordinator.decide([plan]).explanation == "production is protected"
