"""Where a model is at work is told by its leading alias, whatever else points to the version."""

import pytest

from opsboard.config.environments import EnvironmentRules
from opsboard_adapters.mlflow.registry import Registry
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.shapes import RegisteredModel, Version
from opsboard_adapters.mlflow.translate import Translator
from tests.adapters.mlflow import shaped


@pytest.mark.parametrize(
    ("aliases", "environment"),
    [
        ({"challenger": "8", "champion": "8"}, "production"),
        ({"challenger": "8", "champion": "6"}, "production"),
        ({"challenger": "8"}, "staging"),
        ({}, ""),
    ],
)
def test_the_environment_of_a_model(aliases: dict[str, str], environment: str) -> None:
    settings = MLflowSettings(tracking_uri="http://x")
    registry = Registry(settings.leading_aliases)
    model = RegisteredModel(name="m", told_aliases=shaped.aliases(aliases))
    registry.replace_models([model])
    registry.replace_versions(Version(name="m", version=version) for version in ("6", "8"))
    translator = Translator("ml", settings, registry, EnvironmentRules({}).environment_of)
    assert translator.model(model, {}, ()).environment == environment
    served = registry.version("m", aliases.get("champion", "8"))
    assert served is not None
    assert translator.version(served, None).environment == environment
