"""What a page tells twice is found where it differs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Point, Series
from opsboard.records import Drift, Status
from opsboard.testing.agreement import contradictions

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RECORD = Drift(
    source="ml", id="m/1/psi", name="m v1 psi", model="m", version="1", metric="psi",
    value=0.345678, threshold=0.25, status=Status.FAILED, environment="production", measured_at=AT,
)  # fmt: skip
FACTS = (
    Fact(label="Value", value="0.34568", status=Status.FAILED),
    Fact(label="Version", value="1"),
    Fact(label="Environment", value="production"),
    Fact(label="Measured", value="2026-11-24T09:00:00+00:00"),
)
PLOT = Series(title="psi", points=(Point(value=0.1), Point(value=0.345678)), threshold=0.25)
ROWS = Grid(
    title="x", columns=("a",), rows=(GridRow(cells=("a",), status=Status.FAILED, ref=RECORD.ref),)
)
OTHER = Drift(source="ml", id="other", name="o", model="o", metric="psi", value=1)


def _told(*sections: Facts | Series | Grid, record: Drift = RECORD) -> list[str]:
    detail = Detail(record=record, sections=sections)
    return list(contradictions(detail, RECORD, {RECORD.ref: RECORD}))


def test_a_page_that_agrees_is_none() -> None:
    assert _told(PLOT, Facts(title="Drift", facts=FACTS), ROWS) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"value": 0.3719}, {"status": Status.OK}, {"environment": "staging"}, {"version": "2"},
        {"threshold": 0.5}, {"measured_at": AT - timedelta(hours=1)},
    ],
)  # fmt: skip
def test_a_record_of_another_time_is_found(odd: dict[str, object]) -> None:
    assert _told(record=replace(RECORD, **odd))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fact",
    [
        Fact(label="Value", value="0.3719"), Fact(label="Value", value="0.34568", status=Status.OK),
        Fact(label="Version", value="2"), Fact(label="Environment", value="staging"),
        Fact(label="Measured", value="2026-11-24T09:00:10+00:00"),
    ],
)  # fmt: skip
def test_a_fact_that_differs_is_found(fact: Fact) -> None:
    assert len(_told(Facts(title="Drift", facts=(fact,)))) == 1


def test_a_plot_that_ends_elsewhere_is_found() -> None:
    assert len(_told(PLOT.model_copy(update={"points": (Point(value=0.3719),)}))) == 1
    assert len(_told(PLOT.model_copy(update={"threshold": 0.3}))) == 1


def test_a_row_that_is_otherwise_on_the_board_is_found() -> None:
    well = GridRow(cells=("a",), status=Status.OK, ref=RECORD.ref)
    detail = Detail(record=OTHER, sections=(Grid(title="x", columns=("a",), rows=(well,)),))
    assert len(list(contradictions(detail, OTHER, {RECORD.ref: RECORD}))) == 1
