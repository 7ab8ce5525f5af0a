"""The JSON Schema accepts what the loader accepts."""

import tomllib

import jsonschema
import pytest

from opsboard.config import registry
from opsboard.config.schema import config_schema


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    adapters, _ = registry.load_all_adapters()
    schema = config_schema(adapters)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_a_good_file(validator: jsonschema.Draft202012Validator) -> None:
    validator.validate(
        tomllib.loads('[sources.ci]\nadapter = "github"\nrepositories = ["acme/shop"]')
    )


ONE_FOR_A_LIST = """
protected = "prod*"
[environments]
production = "live"
[[retrain]]
models = "*"
source = "ml"
[[change_windows]]
environments = "production"
actions = "*"
days = "mon"
start = "08:00"
end = "16:00"
[ui.keys]
"log.wrap" = "W"
[sources.k8s]
adapter = "kubernetes"
contexts = "prod"
namespaces = "shop"
[sources.ml]
adapter = "mlflow"
tracking_uri = "https://mlflow.example"
drift = ["psi*", { pattern = "ks", threshold = 0.2 }]
"""


def test_one_word_stands_for_a_list_of_one(validator: jsonschema.Draft202012Validator) -> None:
    validator.validate(tomllib.loads(ONE_FOR_A_LIST))
    for wrong in (
        "protected = 3",
        "[[change_windows]]\nactions = []",
        '[[retrain]]\nmodels = [3]\nsource = "ml"',
    ):
        assert not validator.is_valid(tomllib.loads(wrong))


@pytest.mark.parametrize(
    "text", ['[sources.ci]\nadapter = "nope"', "[ui]\ntheem = 'x'", "[sources.ci]\nenabled = true"]
)
def test_bad_files(validator: jsonschema.Draft202012Validator, text: str) -> None:
    assert not validator.is_valid(tomllib.loads(text))
