"""What was deployed as CDEvents, for programs that read those: one JSON document a line.

``service.upgraded`` is a deployment, ``service.rolledback`` a rollback, ``service.deployed`` what
was there at the first look; ``incident.detected`` and ``incident.resolved`` are the failures of
deployments. An event has the same id each time that it is written. https://cdevents.dev
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from opsboard.delivery.figures import LaneFigures
from opsboard.delivery.lane import LaneKey, LaneKind, Step, StepKind
from opsboard.delivery.verdicts import JudgedStep
from opsboard.text.escaping import escape_invisible

SPECIFICATION: Final = "0.5.1"
_TYPES: Final = {
    StepKind.BASELINE: "service.deployed",
    StepKind.DEPLOYMENT: "service.upgraded",
    StepKind.AGAIN: "service.upgraded",
    StepKind.ROLLBACK: "service.rolledback",
}
_VERSION: Final = "0.3.0"
_NAMESPACE: Final = uuid.UUID("6f707362-0000-5000-8000-63646576656e")
"""Of the ids that are made of what an event is about."""


def cdevents_lines(lanes: Iterable[LaneFigures]) -> Iterator[str]:
    """Yield the events of *lanes* in the order of time."""
    events = [event for figures in lanes for event in _events(figures)]
    for event in sorted(events, key=lambda one: str(one["context"]["timestamp"])):
        yield escape_invisible(json.dumps(event, ensure_ascii=False, separators=(",", ":")))


def _events(figures: LaneFigures) -> Iterator[dict[str, Any]]:
    until = figures.window.until
    for item in figures.items:
        one = item.judged
        if (type_ := _TYPES.get(one.step.kind)) is not None:
            yield _service_event(figures.key, one.step, type_)
        if one.failed_at is not None and one.verdict.has_failed:
            yield _incident_event(figures.key, one, "incident.detected", one.failed_at)
            if one.recovered_at is not None and one.recovered_at <= until:
                yield _incident_event(figures.key, one, "incident.resolved", one.recovered_at)


def _service_event(key: LaneKey, step: Step, type_: str) -> dict[str, Any]:
    subject = {"id": _service(key), "content": _content(key, step)}
    return _event(key, step, type_, step.at, subject)


def _incident_event(key: LaneKey, one: JudgedStep, type_: str, at: datetime) -> dict[str, Any]:
    content = {"description": one.why, "service": {"id": _service(key)}, **_content(key, one.step)}
    id_ = str(uuid.uuid5(_NAMESPACE, f"{_about(key, one.step)}\nincident"))
    return _event(key, one.step, type_, at, {"id": id_, "content": content})


def _content(key: LaneKey, step: Step) -> dict[str, Any]:
    return {"environment": {"id": _environment(key)}, "artifactId": purl_of(key, step)}


def _event(
    key: LaneKey, step: Step, type_: str, at: datetime, subject: dict[str, Any]
) -> dict[str, Any]:
    source = f"/opsboard/{quote(step.refs[0].source if step.refs else '', safe='')}"
    return {
        "context": {
            "specversion": SPECIFICATION,
            "id": str(uuid.uuid5(_NAMESPACE, f"{_about(key, step)}\n{type_}")),
            "source": source,
            "type": f"dev.cdevents.{type_}.{_VERSION}",
            "timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        },
        "subject": {"source": source, **subject},
    }


def _about(key: LaneKey, step: Step) -> str:
    parts = (key.kind.value, key.name, key.environment, step.kind.value, step.version.label)
    return "\n".join((*parts, step.at.isoformat()))


def _service(key: LaneKey) -> str:
    return f"{key.name}@{key.environment}" if key.kind is LaneKind.MODEL else key.name


def _environment(key: LaneKey) -> str:
    return key.environment or "unknown"


def purl_of(key: LaneKey, step: Step) -> str:
    """Return what was deployed as a package URL: https://github.com/package-url/purl-spec."""
    artifact = step.version.artifact
    if key.kind is LaneKind.MODEL:
        return f"pkg:mlflow/{quote(key.name, safe='')}@{quote(step.version.name, safe='')}"
    if not artifact:
        return f"pkg:generic/{quote(key.name, safe='')}@{quote(step.version.name, safe='')}"
    place, _, digest = artifact.partition("@")
    head, _, last = place.rpartition("/")
    name, _, tag = last.partition(":")
    registry = f"repository_url={quote(f'{head}/{name}' if head else name, safe='/.')}"
    version = f"@{quote(digest, safe='')}" if digest else ""
    tagged = f"&tag={quote(tag, safe='')}" if tag else ""
    return f"pkg:oci/{quote(name.lower(), safe='')}{version}?{registry}{tagged}"
