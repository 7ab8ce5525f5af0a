"""The page of a record as plain text."""

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, TextSection
from opsboard.records import Kind, Record, Status
from opsboard.ui.render.detail_text import detail_text
from tests.ui.sample_board import NOW

SECRET = Record(source="k8s", kind=Kind.LISTED, id="secrets/eu/shop/key", name="key")


def test_a_section_without_content_has_no_heading() -> None:
    empty = (
        Facts(title="Labels", facts=()),
        TextSection(title="Message", text=""),
        Grid(title="Used by", columns=("Pod",), empty=""),
    )
    text = detail_text(Detail(record=SECRET, sections=empty), NOW)
    assert text.splitlines() == ["Name:    key", f"Status:  {Status.UNKNOWN}"]


def test_a_section_with_content_stands_below_its_heading() -> None:
    sections = (
        Facts(title="Labels", facts=(Fact(label="app", value="web"),)),
        Grid(title="Used by", columns=("Pod",), rows=(GridRow(cells=("web-1",)),)),
        Grid(title="Events", columns=("Reason",)),
    )
    text = detail_text(Detail(record=SECRET, sections=sections), NOW)
    assert "\nLabels:\n  app:  web\n" in text
    assert "\nUsed by:\n  Pod\n  web-1\n" in text
    assert text.endswith("\nEvents:\n  none")
