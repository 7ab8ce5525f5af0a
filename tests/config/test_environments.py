"""Telling environments from names."""

import pytest

from opsboard.environments.rules import EnvironmentRules


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("production", "production"),
        ("payments-prod", "production"),
        ("eu1.PRD.example", "production"),
        ("prod1", "production"),
        ("pre-prod", "staging"),
        ("non-prod-eu", "development"),
        ("payments-stg", "staging"),
        ("dev", "development"),
        ("product-catalog", ""),
        ("delivery", ""),
        ("", ""),
    ],
)
def test_usual_words(name: str, environment: str) -> None:
    assert EnvironmentRules({}).environment_of(name) == environment


def test_own_patterns_come_first() -> None:
    rules = EnvironmentRules({"sandbox": ["prod-play*"], "blue": ["*"]})
    assert rules.environment_of("PROD-playground") == "sandbox"
    assert rules.environment_of("prod") == "blue"


def test_the_first_telling_name_wins() -> None:
    assert EnvironmentRules({}).environment_of("default", "staging", "prod") == "staging"
