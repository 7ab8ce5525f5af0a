"""The report of a board that holds awkward things."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema

from opsboard.adapter import Change, Condition, Fresh, Health, Report, Skipped, Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.commands.report_style import plain_report_style
from opsboard.commands.selection import select
from opsboard.commands.status_json import json_report
from opsboard.commands.status_text import MOST_PARTS, text_report
from opsboard.records import Drift, Model, Status
from opsboard.views.panes import pane_named

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def _board() -> Board:
    board = Board({"ml": "MLflow"})
    model = Model(source="ml", id="m", name="wörk\u200b [red]x", status=Status.OK)
    drift = Drift(
        source="ml", id="m/1/psi", name="m v1 psi", status=Status.UNKNOWN,
        model="m", version="1", metric="psi", value=float("nan"), trend=(0.1, float("inf")),
    )  # fmt: skip
    board.apply([BoardEvent("ml", Upsert("all", [model, drift]), NOW)])
    return board


def test_what_is_no_number_is_null() -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    panes = [pane_named("models"), pane_named("drift")]
    board = _board()
    told = json_report(board, select(board, panes, "", NOW), NOW, 0)
    document = json.loads(told, parse_constant=refuse)
    assert document["panes"]["models"][0]["name"].startswith("wörk")
    (drift,) = document["panes"]["drift"]
    assert drift["value"] is None
    assert drift["trend"] == [0.1, None]


def _text(board: Board, *panes: str, width: int | None = None) -> str:
    selected = select(board, [pane_named(pane) for pane in panes], "", NOW)
    return text_report(board.sources(), selected, NOW, plain_report_style(width))


def test_markup_in_a_name_is_text() -> None:
    assert "[red]x" in _text(_board(), "models")


SCHEMA = Path(__file__).parents[2] / "docs" / "status.schema.json"


def _honest() -> Board:
    """One source with odd records and a part that is down, one that has told nothing."""
    board = Board({"ci": "GitHub", "ml": "MLflow"})
    down = Health(condition=Condition.UNREACHABLE, message="no route", hint="see the VPN")
    changes: list[Change] = [
        Report(Health(condition=Condition.LIVE)),
        Fresh("eu", streaming=True),
        Skipped(scope="eu", count=3, total=120, examples=("pod a: no name",)),
        Report(down, "us"),
    ]
    board.apply(BoardEvent("ci", change, NOW) for change in changes)
    slow = Health(condition=Condition.THROTTLED, message="429", hint="wait")
    board.apply([BoardEvent("ml", Report(slow), NOW)])
    return board


def test_what_is_missing_is_in_the_json() -> None:
    document = json.loads(json_report(_honest(), [], NOW, 2))
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    ci, ml = document["sources"]
    assert (ci["condition"], ci["status"]) == ("partial", "warning")
    assert ci["failing_scopes"] == ci["unreported_scopes"] == ["us"]
    eu, us = ci["scopes"]
    assert eu["skipped"] == {"count": 3, "total": 120, "examples": ["pod a: no name"]}
    assert (eu["condition"], eu["streaming"], eu["fresh_at"]) == ("partial", True, NOW.isoformat())
    assert (us["condition"], us["message"], us["skipped"]) == ("unreachable", "no route", None)
    assert (ml["condition"], ml["status"], ml["fresh_at"]) == ("throttled", "unknown", None)


def test_what_is_missing_is_in_the_text() -> None:
    lines = _text(_honest()).splitlines()
    assert lines == [
        "warning  ci: partial, 0s old, no data yet from 1 of its parts",
        "         1 of 2 parts unreachable (us): no route",
        "         see the VPN",
        "         eu: partial: 3 of 120 records could not be read: pod a: no name",
        "         us: unreachable: no route",
        "unknown  ml: throttled, never answered",
        "         429",
        "         wait",
    ]


def test_of_many_parts_that_are_not_well_some_are_told() -> None:
    board = Board({"ci": "GitHub"})
    down = [Health(condition=Condition.FORBIDDEN, message=f"no {number}") for number in range(30)]
    board.apply(
        BoardEvent("ci", Report(health, f"r{number:02}"), NOW) for number, health in enumerate(down)
    )
    lines = _text(board).splitlines()
    assert len(lines) == MOST_PARTS + 3
    assert lines[-1].strip() == f"... and {30 - MOST_PARTS} more parts; --json has all of them"


def test_what_is_said_of_many_parts_is_said_once() -> None:
    board, down = Board({"ci": "GitHub"}), Health(condition=Condition.FORBIDDEN, message="no")
    board.apply(BoardEvent("ci", Report(down, f"r{number:02}"), NOW) for number in range(30))
    lines = _text(board).splitlines()
    assert lines[-1].strip() == "r00, r01, r02 and 27 more parts: forbidden: no"
    assert _text(board).count("forbidden: no") == 1
