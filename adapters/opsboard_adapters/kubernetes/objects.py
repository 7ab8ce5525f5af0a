"""Objects of the API as plain JSON, with every field: to patch, compare, select or show them.

What the board follows is decoded into :mod:`.structs` instead, which have only the fields used.
"""

from collections.abc import Mapping
from typing import Any, Final

from opsboard.masking import MASK, mask_structure, mask_text
from opsboard_adapters.kubernetes.structs import LAST_APPLIED_ANNOTATION

ApiObject = Mapping[str, Any]
"""An object, or a part of one, as the server sent it."""

_SECRET_FIELDS: Final = ("data", "stringData")


def integer(values: ApiObject, key: str, default: int = 0) -> int:
    """Return an integer field, or *default*: the API leaves zeros out."""
    value = values.get(key)
    return value if isinstance(value, int) else default


# --- shown on the screen -------------------------------------------------------------------------


def readable(item: dict[str, Any]) -> dict[str, Any]:
    """Return a whole object to show as YAML: without ``managedFields``, secrets masked."""
    metadata = dict(item.get("metadata") or {})
    metadata.pop("managedFields", None)
    shown: dict[str, Any] = masked({**item, "metadata": metadata} if "metadata" in item else item)
    return shown


def masked(item: Any) -> Any:
    """Return *item*, an object or a part of one, with values that may be secret masked.

    All values of a Secret are. The annotation that holds the object as it was last applied is left
    out: it repeats everything as one text.
    """
    return mask_structure(_without_secrets(item), mask_text)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    hidden = _SECRET_FIELDS if value.get("kind") == "Secret" else ()
    return {
        key: dict.fromkeys(field, MASK)
        if key in hidden and isinstance(field, Mapping)
        else _without_secrets(field)
        for key, field in value.items()
        if key != LAST_APPLIED_ANNOTATION
    }


# --- label selectors -----------------------------------------------------------------------------
# Source: *Labels and Selectors* in the Kubernetes documentation.


def selector_query(selector: ApiObject) -> str:
    """Return a LabelSelector (``matchLabels``, ``matchExpressions``) as the ``labelSelector``
    parameter of a list: ``app=web,tier in (a,b),!canary``."""
    equal = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    return ",".join([*equal, *map(_expression, selector.get("matchExpressions") or ())])


def _expression(expression: ApiObject) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(expression['values'])})"


def selector_matches(selector: ApiObject, labels: Mapping[str, str]) -> bool:
    """Return whether a LabelSelector selects an object with *labels*. An empty one selects all."""
    equal = (selector.get("matchLabels") or {}).items()
    if any(labels.get(key) != value for key, value in equal):
        return False
    return all(_holds(one, labels) for one in selector.get("matchExpressions") or ())


def _holds(expression: ApiObject, labels: Mapping[str, str]) -> bool:
    key, operator = expression["key"], expression["operator"]
    if operator in {"Exists", "DoesNotExist"}:
        return (key in labels) is (operator == "Exists")
    return (labels.get(key) in (expression.get("values") or ())) is (operator == "In")
