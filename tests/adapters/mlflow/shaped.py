"""Mappings in the shape in which MLflow tells them."""

from collections.abc import Mapping

from opsboard_adapters.mlflow.structs import KeyValue, MLflowAlias


def pairs(told: Mapping[str, str]) -> tuple[KeyValue, ...]:
    """Return tags or parameters."""
    return tuple(KeyValue(key, value) for key, value in told.items())


def aliases(told: Mapping[str, str]) -> tuple[MLflowAlias, ...]:
    """Return aliases."""
    return tuple(MLflowAlias(alias, version) for alias, version in told.items())
