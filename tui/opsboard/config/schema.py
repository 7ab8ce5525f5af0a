"""The config file's JSON Schema, for editors and for checks before a start.

It covers the settings of every installed adapter, a third party's included.
"""

from collections.abc import Mapping
from typing import Any

from opsboard.adapter import Adapter
from opsboard.config.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema(adapters: Mapping[str, type[Adapter[Any]]]) -> dict[str, Any]:
    """Return the schema of a config file that may use *adapters*."""
    schema = Settings.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    for name, adapter in adapters.items():
        source = _source_schema(name, adapter)
        definitions.update(source.pop("$defs", {}))
        definitions[f"{name}-source"] = source
    schema["properties"]["sources"] = {
        "type": "object",
        "description": "Sources by name.",
        "additionalProperties": {
            "oneOf": [{"$ref": f"#/$defs/{name}-source"} for name in adapters]
        },
    }
    return {"$schema": DIALECT, **schema, "title": "opsboard config"}


def _source_schema(name: str, adapter: type[Adapter[Any]]) -> dict[str, Any]:
    schema = adapter.settings.model_json_schema()
    kind = {"const": name, "description": f"A source of {adapter.title}."}
    schema["properties"] = {"adapter": kind, **schema.get("properties", {})}
    schema["required"] = ["adapter", *schema.get("required", [])]
    schema["title"] = adapter.title
    return schema
