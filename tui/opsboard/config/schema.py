"""The JSON Schema of a config file, for editors and for checks in CI.

It covers the settings of every installed adapter, including third-party ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from opsboard.adapter import Adapter
from opsboard.config.earlier_names import EARLIER
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
    _add_earlier_names(schema)
    return {"$schema": DIALECT, **schema, "title": "opsboard config"}


def _add_earlier_names(schema: dict[str, Any]) -> None:
    """Let *schema* allow the keys that are still read, as deprecated ones."""
    for path, name in EARLIER.items():
        *tables, key = path.split(".")
        properties = _properties(schema, tables)
        if name in properties:
            note = {"deprecated": True, "description": f"The earlier name of {name}."}
            properties[key] = {**properties[name], **note}


def _properties(schema: dict[str, Any], tables: Sequence[str]) -> dict[str, Any]:
    """Return what the table at *tables* may hold; nothing where its keys are free."""
    node = schema
    for table in tables:
        node = node.get("properties", {}).get(table.removesuffix("[]"), {})
        node = node.get("items", node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = node.get("properties", {})
    return found


def _source_schema(name: str, adapter: type[Adapter[Any]]) -> dict[str, Any]:
    schema = adapter.settings.model_json_schema()
    kind = {"const": name, "description": f"A source of {adapter.title}."}
    schema["properties"] = {"adapter": kind, **schema.get("properties", {})}
    schema["required"] = ["adapter", *schema.get("required", [])]
    schema["title"] = adapter.title
    return schema
