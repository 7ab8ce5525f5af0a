"""The time line, what was before a failure, and the hand-over, as JSON has them."""

from typing import Any

from opsboard.history.handover import Handover
from opsboard.history.timeline import TimelineEvent, TimelineGap, TimelineRow
from opsboard.masking import mask_text
from opsboard.records.codec import as_json


def handover_json(page: Handover) -> dict[str, Any]:
    """Return *page* as JSON has it."""
    return {
        "since": page.since.isoformat(),
        "until": page.until.isoformat(),
        "alerts": {
            state: [as_json(alert) for alert in alerts]
            for state, alerts in (
                ("open", page.open),
                ("acknowledged", page.acknowledged),
                ("snoozed", page.snoozed),
            )
        },
        "resolved": [event_json(event) for event in page.resolved],
        "said": [event_json(event) for event in page.said],
        "acts": [as_json(act) for act in page.acts],
        "unresolved": [as_json(act) for act in page.unresolved],
        "changes": {
            name: [event_json(event) for event in events] for name, events in page.changes.items()
        },
        "gaps": [gap_json(gap) for gap in page.gaps],
        "sources": list(page.sources),
        "history": page.history,
    }


def event_json(event: TimelineEvent) -> dict[str, Any]:
    """Return a row of the time line as JSON has it."""
    return {
        "at": event.at.isoformat(),
        "earliest": event.earliest.isoformat() if event.earliest else None,
        "kind": event.kind.value,
        "status": event.status.value,
        "what": event.what,
        "change": event.change,
        "who": event.who,
        "reason": mask_text(event.cause),
        "environment": event.environment,
        "source": event.source,
        "record": list(event.ref) if event.ref else None,
        "act": event.act,
        "backfilled": event.backfilled,
        "witnesses": [list(ref) for ref in event.witnesses],
    }


def gap_json(gap: TimelineGap) -> dict[str, Any]:
    """Return a stretch without a look as JSON has it."""
    return {
        "since": gap.since.isoformat() if gap.since else None,
        "until": gap.until.isoformat() if gap.until else None,
        "reason": gap.reason.value,
        "note": gap.note,
        "scopes": list(gap.scopes),
        "everything": gap.everything,
    }


def row_json(row: TimelineRow) -> dict[str, Any]:
    """Return a row of either sort; ``type`` says which."""
    if isinstance(row, TimelineGap):
        return {"type": "gap", **gap_json(row)}
    return {"type": "event", **event_json(row)}
