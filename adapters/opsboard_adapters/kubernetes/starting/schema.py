"""Whether a revision was made for another schema of its data than what runs now."""

from typing import Final

from opsboard.adapter import StartFinding
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.starting.found import doubtful, fine

SCHEMA_KEY: Final = "opsboard.dev/schema-revision"
"""The annotation, or label, of a pod template that names the revision of the schema it needs."""


def schema_findings(before: ApiObject, after: ApiObject) -> list[StartFinding]:
    """Return what the pod templates *before* and *after* say of the schema that they need."""
    now, then = schema_of(before), schema_of(after)
    if not now and not then:
        return []
    subject = SCHEMA_KEY
    if now == then:
        return [fine(f"schema revision {now}, as what runs now", subject)]
    if not then:
        return [doubtful(f"it names no schema revision, and what runs now needs {now}", subject)]
    if not now:
        return [doubtful(f"it needs schema revision {then}, and what runs now names none", subject)]
    return [doubtful(f"it needs schema revision {then}, and what runs now needs {now}", subject)]


def schema_of(template: ApiObject) -> str:
    """Return the schema revision that a pod template names, or ``""``."""
    meta = template.get("metadata") or {}
    for field in ("annotations", "labels"):
        if value := (meta.get(field) or {}).get(SCHEMA_KEY):
            return str(value)
    return ""
