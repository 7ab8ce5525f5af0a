"""What a row says of a model is all of one version: the one that serves, or else the latest."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Upsert
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Model, Status
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import (
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    RegisteredModel,
    RunData,
    RunInfo,
)
from opsboard_adapters.mlflow.translate import NOT_LOOKED, MLflowTranslator
from tests.adapters.mlflow import shaped
from tests.adapters.mlflow.test_trouble import GOOD, Answers, asking


class Told:
    """A model *m* with *stages* by version, and what is made of it."""

    def __init__(self, stages: dict[str, str], aliases: dict[str, str], name: str = "m") -> None:
        settings = MLflowSettings(tracking_uri="http://x")
        self.registry = RegistryState(settings.leading_aliases)
        self.known = RegisteredModel(name=name, alias_list=shaped.aliases(aliases))
        self.registry.replace_models([self.known])
        self.registry.replace_versions(
            MLflowVersion(name=name, version=version, current_stage=stage, run_id=f"r{version}")
            for version, stage in stages.items()
        )
        runs = {
            f"r{version}": MLflowRun(
                RunInfo(f"r{version}"), RunData(metrics=(MLflowMetric("v", float(version)),))
            )
            for version in stages
        }
        self.origins = VersionOrigins(runs)
        rules = EnvironmentRules({}).environment_of
        self.translator = MLflowTranslator("ml", settings, self.registry, rules)

    @property
    def model(self) -> Model:
        return self.translator.model(self.known, self.origins, ())

    def environment_of(self, version: str) -> str:
        known = self.registry.version(self.known.name, version)
        assert known is not None
        return self.translator.version(known, VersionOrigin()).environment


@pytest.mark.parametrize(
    ("stages", "aliases", "serving", "environment"),
    [
        ({"6": "None", "8": "None"}, {"challenger": "8", "champion": "8"}, "8", "production"),
        ({"6": "None", "8": "None"}, {"challenger": "8", "champion": "6"}, "6", "production"),
        ({"6": "None", "8": "None"}, {"challenger": "8"}, "", "staging"),
        ({"6": "None", "8": "None"}, {"challenger": "6"}, "", ""),
        ({"6": "None", "8": "None"}, {}, "", ""),
        (
            {"1": "Production", "2": "Production", "3": "Staging"}, {"challenger": "3"},
            "2", "production",
        ),
        ({"1": "Production", "2": "Staging"}, {"champion": "2"}, "2", "production"),
        ({"1": "Staging", "2": "None"}, {}, "", ""),
        ({"1": "None", "2": "Staging"}, {}, "", "staging"),
        ({"1": "Production", "2": "Archived"}, {"staging": "2"}, "1", "production"),
    ],
)  # fmt: skip
def test_the_environment_of_a_model(
    stages: dict[str, str], aliases: dict[str, str], serving: str, environment: str
) -> None:
    told = Told(stages, aliases)
    assert (told.model.serving, told.model.environment) == (serving, environment)


_NUMBERS = st.lists(st.sampled_from("123456789"), min_size=1, max_size=5, unique=True)
_STAGES = st.sampled_from(["None", "Staging", "Production", "Archived"])
_ALIASES = st.sampled_from(["champion", "challenger", "production", "staging", "dev", "canary"])


@given(numbers=_NUMBERS, data=st.data())
def test_all_of_a_row_is_of_one_version(numbers: list[str], data: st.DataObject) -> None:
    stages = {number: data.draw(_STAGES) for number in numbers}
    aliases = data.draw(st.dictionaries(_ALIASES, st.sampled_from(numbers), max_size=4))
    told = Told(stages, aliases)
    model = told.model
    shown = model.serving or model.latest
    assert model.environment == told.environment_of(shown)
    assert [one.value for one in model.metrics] == [float(shown)]
    assert model.status is Status.OK
    assert model.latest == max(numbers)


@pytest.mark.parametrize(
    ("stages", "aliases", "read", "reason"),
    [
        ({}, {}, True, "no version"),
        ({}, {}, False, "not read"),
        ({"2": "None"}, {"champion": "1"}, True, "not read"),
        ({"2": "None"}, {"champion": "2"}, True, ""),
    ],
)
def test_what_has_not_been_read_is_not_said_to_be_missing(
    stages: dict[str, str], aliases: dict[str, str], read: bool, reason: str
) -> None:
    told = Told(stages, aliases)
    if not read:
        told.registry.replace_models([])
        told.registry.replace_models([told.known])
    assert told.model.reason == reason
    assert (told.model.status is Status.OK) == (not reason)


def test_nobody_says_that_it_is_well_before_its_drift_was_looked_at() -> None:
    told = Told({"1": "None"}, {"champion": "1"})
    model = told.translator.model(told.known, told.origins, (), looked=False)
    assert (model.status, model.reason) == (Status.UNKNOWN, NOT_LOOKED)


async def test_a_champion_that_is_not_the_newest_is_never_without_a_version() -> None:
    versions = [{"name": "m", "version": str(n), "last_updated_timestamp": 1} for n in (1, 2, 3)]
    latest = {"latest_versions": [versions[-1]]}
    models = [{**GOOD["registered-models/search"]["registered_models"][0], **latest}]
    bodies = {
        **GOOD,
        "registered-models/search": {"registered_models": models},
        "model-versions/search": {"model_versions": versions},
    }
    async with asking(_answering(bodies)) as rounds:
        told = [
            record
            for change in await rounds.next()
            if isinstance(change, Upsert)
            for record in change.records
            if isinstance(record, Model)
        ]
        assert {(one.serving, one.reason) for one in told} == {
            ("1", NOT_LOOKED), ("1", "")
        }  # fmt: skip


def _answering(bodies: dict[str, object]) -> Answers:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=bodies.get(request.url.path.partition("/mlflow/")[2], {}))

    return respond
