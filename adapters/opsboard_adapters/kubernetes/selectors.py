"""Label selectors, from their object form to the form of a query."""

from collections.abc import Mapping
from typing import Any


def selector_query(selector: Mapping[str, Any]) -> str:
    """Return *selector* (``matchLabels`` and ``matchExpressions``) as a query parameter."""
    equal = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    return ",".join([*equal, *map(_expression, selector.get("matchExpressions") or ())])


def _expression(expression: Mapping[str, Any]) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(expression['values'])})"


def selector_matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether *selector* chooses what has *labels*. An empty one chooses everything."""
    equal = (selector.get("matchLabels") or {}).items()
    if any(labels.get(key) != value for key, value in equal):
        return False
    return all(_holds(one, labels) for one in selector.get("matchExpressions") or ())


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator = expression["key"], expression["operator"]
    if operator in {"Exists", "DoesNotExist"}:
        return (key in labels) is (operator == "Exists")
    return (labels.get(key) in (expression.get("values") or ())) is (operator == "In")
