"""Mappings in the shape in which MLflow tells them."""

from collections.abc import Mapping

from opsboard_adapters.mlflow.shapes import AliasOf, Pair


def pairs(told: Mapping[str, str]) -> tuple[Pair, ...]:
    """Return tags or parameters."""
    return tuple(Pair(key, value) for key, value in told.items())


def aliases(told: Mapping[str, str]) -> tuple[AliasOf, ...]:
    """Return aliases."""
    return tuple(AliasOf(alias, version) for alias, version in told.items())
