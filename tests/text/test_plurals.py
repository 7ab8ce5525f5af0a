"""The singular of what a list is called."""

import pytest

from opsboard.text.plurals import singular


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("experiments", "experiment"), ("training-runs", "training-run"),
        ("ingresses", "ingress"), ("storageclasses", "storageclass"),
        ("networkpolicies", "networkpolicy"), ("branches", "branch"), ("mailboxes", "mailbox"),
        ("componentstatuses", "componentstatus"), ("nodes", "node"),
        ("status", "status"), ("ingress", "ingress"), ("analysis", "analysis"), ("s", "s"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_plural_loses_its_ending_and_nothing_else_does(plural: str, one: str) -> None:
    assert singular(plural) == one
