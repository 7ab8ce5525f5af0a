"""The suite notices rows of details that do not say what they stand for."""

import pytest

from opsboard.adapter import ActionSpec, Detail, Grid, GridRow, RowAction
from opsboard.records import Deployment, Kind, Pod
from opsboard.testing.inspection import row_faults

KINDS = frozenset({Kind.DEPLOYMENT})
OFFERS = (ActionSpec("rollback", "Roll back", "Go back.", KINDS),)
WORKLOAD = Deployment(source="kube", id="d", name="web", workload="Deployment")
POD = Pod(source="kube", id="p", name="web-1", cluster="c", namespace="n")
BACK = RowAction(action="rollback", values={"to": "3"})


def _faults(**row: object) -> list[str]:
    told = GridRow.model_validate({"cells": ("x",), **row})
    grid = Grid(title="Rows", columns=("x",), rows=(told,))
    detail = Detail(record=WORKLOAD, sections=(grid,))
    return list(row_faults(detail, "kube", KINDS | {Kind.POD}, OFFERS))


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"ref": POD.ref},
        {"record": POD},
        {"part": "revision 3", "actions": (BACK,)},
        {
            "part": "revision 4",
            "actions": (RowAction(action="rollback", disabled_reason="it is there"),),
        },
    ],
)
def test_rows_that_say_what_they_stand_for(row: dict[str, object]) -> None:
    assert _faults(**row) == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"actions": (BACK,)}, "say by part"),
        ({"part": "x", "ref": POD.ref, "actions": (BACK,)}, "give no ref"),
        ({"part": "x", "actions": (RowAction(action="scale", values={"to": "3"}),)}, "not offered"),
        ({"part": "x", "actions": (RowAction(action="rollback"),)}, "either values, or why"),
        ({"record": WORKLOAD.__class__(source="other", id="d", name="w", workload="D")}, "source"),
    ],
)
def test_rows_that_do_not(row: dict[str, object], fault: str) -> None:
    [told] = _faults(**row)
    assert fault in told


def test_a_rows_ref_is_that_of_its_record() -> None:
    assert GridRow(cells=(), record=POD).ref == POD.ref
    assert GridRow(cells=(), record=POD, ref=WORKLOAD.ref).ref == POD.ref
    again = GridRow.model_validate_json(GridRow(cells=(), record=POD).model_dump_json())
    assert again.ref == POD.ref
