"""A value that nothing has is told with one that is near."""

import pytest

from opsboard.records import Status
from opsboard.views import rows
from opsboard.views.filter import parse, suggested_value
from opsboard.views.panes import pane_named
from opsboard.views.rows import RowModel
from tests.board import NOW, deployment

PANE = pane_named("deployments")
RECORDS = [
    deployment("checkout", namespace="shop", reason="CrashLoopBackOff"),
    deployment("cart", Status.FAILED, namespace="shop", environment="staging"),
]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("env:prodution", "did you mean 'env:production'?"),
        ("ns:shpo env:mars", "did you mean 'ns:shop'?"),
        ("name:chekout", "did you mean 'name:checkout'?"),
        ("reason:crashlopbackoff", "did you mean 'reason:CrashLoopBackOff'?"),
        ("env:production ns:nowhere", ""),
        ("env:production", ""),
        ("!env:prodution", ""),
        ("env:/prodution/", ""),
        ("age:>3", ""),
        ("status:", ""),
        ('"env:prodution"', ""),
        ("prodution", ""),
    ],
)
def test_what_is_near(text: str, told: str) -> None:
    assert suggested_value(text, PANE, RECORDS) == told


def test_rows_tell_it_where_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    model = RowModel(PANE, {record.ref: record for record in RECORDS})
    for text, told in (
        ("env:prodution", "did you mean 'env:production'?"),
        ("env:production", ""),
        ("env:mars", ""),
    ):
        model.set_filter(parse(text, PANE), NOW)
        assert model.suggested_filter() == told
    monkeypatch.setattr(rows, "HINTED", 1)
    model.set_filter(parse("env:prodution", PANE), NOW)
    assert model.suggested_filter() == ""
