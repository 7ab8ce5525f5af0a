"""The latest plan of a state, as ``terraform show -json`` prints it."""

from datetime import UTC, datetime
from typing import Any

from opsboard.demo.terraform.state_document import VERSION, provider_of
from opsboard.demo.world.configs import SECRET_VALUE
from opsboard.demo.world.states import DemoState, DemoStateResource


def plan_document(state: DemoState, at: datetime) -> dict[str, Any]:
    """Return a plan that was made *at* for *state*: it grows the nodes, and adds a queue."""
    known = list(state.resources.values())
    grown = [one for one in known if one.type == "aws_eks_node_group"]
    new = DemoStateResource("aws_sqs_queue", "orders")
    return {
        "format_version": "1.2",
        "terraform_version": VERSION,
        "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "applyable": True,
        "complete": True,
        "errored": False,
        "variables": {"database_password": {"value": SECRET_VALUE}},
        "resource_changes": [
            *(_change(one, "update") for one in grown),
            *([_change(new, "create")] if grown else []),
            *(_change(one, "no-op") for one in known if one not in grown),
        ],
        "resource_drift": [],
    }


def _change(one: DemoStateResource, action: str) -> dict[str, Any]:
    before = None if action == "create" else {"id": one.id, "password": SECRET_VALUE}
    return {
        "address": one.address,
        "mode": "managed",
        "type": one.type,
        "name": one.name,
        **({"index": one.key} if one.key else {}),
        "provider_name": provider_of(one),
        "change": {"actions": [action], "before": before, "after": {"password": SECRET_VALUE}},
    }
