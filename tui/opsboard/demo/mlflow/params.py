"""What is asked of the API: the parameters of a request, or the object in its body."""

from collections.abc import Callable, Mapping
from typing import Any

from opsboard.demo.mlflow.errors import FakeMlflowError

MlflowParams = Mapping[str, Any]
MlflowHandler = Callable[[MlflowParams], Mapping[str, Any]]


def required(query: MlflowParams, name: str) -> str:
    """Return a parameter that has to be there, and is text."""
    value = query.get(name)
    if not value:
        raise FakeMlflowError(
            f"Missing value for required parameter '{name}'. "
            "See the API docs for more information about request parameters."
        )
    if not isinstance(value, str):
        raise FakeMlflowError(f"Invalid value {value} for parameter '{name}' supplied")
    return value
