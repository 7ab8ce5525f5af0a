"""Pod templates: the same or not, whatever the server has filled in."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pydantic_core import to_json

from opsboard_adapters.kubernetes.cluster_context import ApiObject

HASH_LABEL: Final = "pod-template-hash"


def without_generated(template: ApiObject) -> dict[str, Any]:
    """Return *template* without what a controller has added to it."""
    made = {key: value for key, value in template.items() if key != "$patch"}
    metadata = {k: v for k, v in (made.get("metadata") or {}).items() if v is not None}
    if labels := metadata.get("labels"):
        metadata["labels"] = {key: value for key, value in labels.items() if key != HASH_LABEL}
    return {**made, "metadata": metadata}


def template_digest(template: ApiObject) -> str:
    """Return a hash that equal templates have in common.

    What is empty counts as what is not there, as for kubectl (``Semantic.DeepEqual``).
    """
    return sha256(to_json(_ordered(without_generated(template)))).hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        made = {key: _ordered(value[key]) for key in sorted(value)}
        return {key: item for key, item in made.items() if item not in (None, {}, [])}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value
