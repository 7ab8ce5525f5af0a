"""The JSON that the commands print, and how its earlier version spelled it.

Each command builds its document as the current version has it. ``--schema 1`` prints what the
program printed before version 2, until 1.0: the same document with the fields of :data:`RENAMED`
under their earlier names. No command has a case of its own for that.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from opsboard.text.escaping import escape_invisible

CURRENT: Final = 2
VERSIONS: Final = (1, CURRENT)

_PLAN: Final = {
    "disruptive": "heavy",
    "findings": "cautions",
    "findings[].severity": "gravity",
    "dry_run": "rehearsal",
    "timeout": "patience",
}
"""Fields of a plan, wherever one stands."""


def _within(path: str, fields: Mapping[str, str]) -> dict[str, str]:
    return {f"{path}.{name}": earlier for name, earlier in fields.items()}


RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "opsboard.status": {
        "sources[].hint": "mend",
        "sources[].unreported_scopes": "untold_scopes",
    },
    "opsboard.act": {
        **_within("plans[]", _PLAN),
        "decision": "ruling",
        "explanation": "why",
        "activities": "acts",
    },
    "opsboard.audit": {
        "runs": "acts",
        "runs[].entries[].actor.start_time": "born",
        **_within("runs[].entries[].plan", _PLAN),
    },
}
"""Document -> path of a field in the current version -> its name in version 1.

``[]`` stands for each item of a list. ``docs/renames.toml`` has the same for readers.
"""


def render(name: str, fields: Mapping[str, Any], version: int = CURRENT) -> str:
    """Return the document *name* (``opsboard.status``) with *fields* as JSON of *version*.

    Characters that cannot be seen are escaped.
    """
    document = {"schema": f"{name}/{version}", **fields}
    if version == 1:
        document = _spelled(document, "", RENAMED[name])
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return escape_invisible(text) + "\n"


def _spelled(value: Any, path: str, earlier: Mapping[str, str]) -> Any:
    """Return *value*, which stands at *path*, with the fields below it under *earlier* names."""
    if isinstance(value, Mapping):
        paths = {key: f"{path}.{key}" if path else str(key) for key in value}
        return {
            earlier.get(paths[key], key): _spelled(item, paths[key], earlier)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_spelled(item, f"{path}[]", earlier) for item in value]
    return value
