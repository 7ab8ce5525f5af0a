"""The report of a board that holds awkward things."""

import json
from datetime import UTC, datetime

from opsboard.adapter import Upsert
from opsboard.board.arrival import Arrival
from opsboard.board.state import Board
from opsboard.commands.report import json_report, text_report
from opsboard.records import Drift, Model, Status
from opsboard.views.panes import BY_ID

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def _board() -> Board:
    board = Board({"ml": "MLflow"})
    model = Model(source="ml", id="m", name="wörk\u200b [red]x", status=Status.OK)
    drift = Drift(
        source="ml", id="m/1/psi", name="m v1 psi", status=Status.UNKNOWN,
        model="m", version="1", metric="psi", value=float("nan"), trend=(0.1, float("inf")),
    )  # fmt: skip
    board.apply([Arrival("ml", Upsert("all", [model, drift]), NOW)])
    return board


def test_what_is_no_number_is_null() -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    panes = [BY_ID["models"], BY_ID["drift"]]
    document = json.loads(json_report(_board(), panes, NOW, 0), parse_constant=refuse)
    assert document["panes"]["models"][0]["name"].startswith("wörk")
    (drift,) = document["panes"]["drift"]
    assert drift["value"] is None
    assert drift["trend"] == [0.1, None]


def test_markup_in_a_name_is_text() -> None:
    assert "[red]x" in text_report(_board(), [BY_ID["models"]], NOW, 0)
