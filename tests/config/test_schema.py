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


@pytest.mark.parametrize(
    "text", ['[sources.ci]\nadapter = "nope"', "[ui]\ntheem = 'x'", "[sources.ci]\nenabled = true"]
)
def test_bad_files(validator: jsonschema.Draft202012Validator, text: str) -> None:
    assert not validator.is_valid(tomllib.loads(text))
