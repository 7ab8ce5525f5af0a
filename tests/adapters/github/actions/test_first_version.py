"""Plans in the audit trail of the first version are read by the present actions."""

from typing import Any

import pytest

from opsboard.adapter import RETRAIN, Plan
from opsboard.records import Kind, Ref
from opsboard_adapters.github.actions.runner import github_actions
from tests.adapters.github.support import NOW

COMMON: dict[str, Any] = {"repository": "o/r", "path": "repos/o/r/x", "body": {"a": [1]}}
RUN = {**COMMON, "run": 7}
DISPATCH = {
    **COMMON, "workflow": 3, "ref": "main", "marker": "", "visible": False, "newest": 6,
}  # fmt: skip
PAYLOADS: dict[str, dict[str, Any]] = {
    "rerun": RUN,
    "rerun-failed": RUN,
    "cancel": RUN,
    "approve": {**RUN, "names": ["staging"]},
    "reject": {**RUN, "names": ["staging"]},
    "rollback": {**RUN, "environment": "production", "to": 5},
    "dispatch": DISPATCH,
    RETRAIN: {**DISPATCH, "model": "fraud-detector"},
}
"""What commit 9af61d2 wrote, by action."""


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_of_the_first_version_is_read_in_full(name: str) -> None:
    (action,) = [one for one in github_actions() if one.spec.id == name]
    plan = Plan(
        made_at=NOW, action=name, title=name, ref=Ref("github", Kind.BUILD, "o/r/7"),
        target="run ci #7 of o/r", name="ci #7", payload=PAYLOADS[name],
    )  # fmt: skip
    written = action.write_payload(action.read_payload(plan))
    assert {key: written[key] for key in PAYLOADS[name]} == PAYLOADS[name]


def test_every_action_is_among_them() -> None:
    assert {one.spec.id for one in github_actions()} == PAYLOADS.keys()
