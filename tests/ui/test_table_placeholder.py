"""A pane without rows tells why: none are there, or none can come."""

import pytest

from opsboard.adapter import Condition, Health, Report, listing
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.board.state import Board
from opsboard.records import Kind
from opsboard.ui.render.table_placeholder import empty_table_text
from opsboard.views.panes import pane_named
from tests.board import NOW, events

MODELS = SourceInfo("MLflow", kinds=frozenset({Kind.MODEL, Kind.MODEL_VERSION}))


def _text(pane: str, **sources: SourceInfo) -> str:
    board = Board()
    board.apply([BoardEvent("", SourceList(sources), NOW)])
    for name in sources:
        live = Report(Health(condition=Condition.LIVE))
        board.apply(events(name, live, *listing("all", [])))
    return empty_table_text(pane_named(pane), board.sources())


@pytest.mark.parametrize("pane", ["builds", "deployments"])
def test_what_no_source_can_have_is_told_with_the_way_to_sources_that_can(pane: str) -> None:
    text = _text(pane, registry=MODELS, second=MODELS)
    assert text.startswith(f"No source has {pane}: there is MLflow alone. `opsboard init")


def test_where_a_source_may_have_them_there_are_just_none() -> None:
    ci = SourceInfo("CI", kinds=frozenset({Kind.BUILD}))
    assert _text("builds", registry=MODELS, ci=ci) == "No builds."
    assert _text("builds", registry=MODELS, ci=SourceInfo("not known what it has")) == "No builds."
    assert _text("models", registry=MODELS) == "No models."


def test_what_the_board_itself_makes_needs_no_source_of_it() -> None:
    assert _text("alerts", registry=MODELS) == "Nothing is wrong."
    assert _text("services", registry=MODELS) == "No services."
