"""Pictures in tables: the last runs of a workflow on a branch, and restarts by what was seen."""

import random
from dataclasses import replace
from datetime import timedelta

from opsboard.kinds.builds import RUNS
from opsboard.records import Build, Pod, Record, Ref, Status
from opsboard.views.panes import pane_named
from opsboard.views.restart_lines import CountReading, RestartLines, restart_line
from opsboard.views.rows import RowModel
from tests.ui.app_harness import NOW

PANE = pane_named("builds")


def _run(number: int, status: Status, branch: str = "main", workflow: str = "ci") -> Build:
    return Build(
        source="github", id=f"{workflow}/{branch}/{number}", name=workflow, status=status,
        repository="acme/cart", workflow=workflow, number=number, state="", branch=branch,
    )  # fmt: skip


def _marks(model: RowModel, record: Record) -> str:
    cell = model.cell(RUNS, record, NOW)
    assert [part.status for part in cell.parts] == [  # drawn in the signs of the terminal
        {"✓": Status.OK, "✗": Status.FAILED, "◐": Status.RUNNING}[mark] for mark in cell.text
    ]
    return cell.text


def test_a_run_stands_beside_those_before_it_on_its_branch() -> None:
    states = [Status.OK, Status.FAILED, Status.OK, Status.OK, Status.FAILED, Status.RUNNING]
    runs = [_run(number, status) for number, status in enumerate(states, 1)]
    others = [_run(3, Status.FAILED, "topic"), _run(4, Status.FAILED, workflow="deploy")]
    records = {one.ref: one for one in (*others, *reversed(runs))}
    model = RowModel(PANE, dict[Ref, Record](records))
    assert [_marks(model, run) for run in runs] == [
        "✓", "✓✗", "✓✗✓", "✓✗✓✓", "✓✗✓✓✗", "✗✓✓✗◐",
    ]  # fmt: skip
    assert [_marks(model, one) for one in others] == ["✗", "✗"]


def test_a_large_board_is_looked_at_a_little_with_each_cell() -> None:
    runs = [_run(number, Status.OK) for number in range(1, 5_001)]
    model = RowModel(PANE, {one.ref: one for one in runs})
    assert _marks(model, runs[-1]) == "", "what is not known whole is not shown"
    for _ in range(110):
        model.cell(RUNS, runs[-1], NOW)
    assert _marks(model, runs[-1]) == "✓✓✓✓✓"


def test_what_changes_comes_to_the_same_as_building_anew() -> None:
    chance = random.Random(3)
    records: dict[Ref, Record] = {}
    model = RowModel(PANE, records)
    for _ in range(60):
        number = chance.randrange(12)
        one = _run(number, chance.choice([Status.OK, Status.FAILED, Status.RUNNING]))
        if one.ref in records and chance.random() < 0.3:
            del records[one.ref]
            model.update(set(), {one.ref}, NOW)
        else:
            records[one.ref] = one
            model.update({one.ref}, set(), NOW)
        fresh = RowModel(PANE, records)
        for record in records.values():
            assert _marks(model, record) == _marks(fresh, record)


def _at(minutes: float, count: int) -> CountReading:
    return CountReading(NOW - timedelta(minutes=minutes), count)


def test_restarts_are_counted_where_they_were_seen() -> None:
    assert restart_line([], 12, NOW) == ""
    assert restart_line([_at(119, 0), _at(50, 2), _at(10, 10)], 10, NOW) == "▁▁▁▂▁█"
    assert restart_line([_at(119, 3)], 3, NOW) == "▁▁▁▁▁▁"
    assert restart_line([_at(55, 3), _at(5, 4)], 4, NOW) == "   ▁▁█", "nobody counted before"
    assert restart_line([_at(170, 0)], 7, NOW) == "▁▁▁▁▁█", "seen only now"
    assert restart_line([_at(90, 9), _at(30, 0)], 1, NOW) == " ▁▁▁▁█", "a new pod of the name"


def test_the_line_stands_before_the_number_and_is_asked_for_once_for_each_count() -> None:
    pod = Pod(
        source="k8s", id="p", name="p", status=Status.FAILED, cluster="eu", namespace="shop",
        restarts=10,
    )  # fmt: skip
    quiet = replace(pod, id="q", restarts=0)
    lines = RestartLines()
    wanted = lines.wanted([pod, quiet])
    assert wanted == {pod.ref: 10}
    lines.take(wanted, {pod.ref: [_at(119, 0), _at(10, 10)]})
    assert lines.wanted([pod, quiet]) == {}
    assert [part.text for part in lines.cell(pod, NOW).parts] == ["▁▁▁▁▁█", "  10"]
    assert lines.cell(pod, NOW).text == lines.cell(quiet, NOW).text.replace("0", "10")
    assert lines.cell(quiet, NOW).parts == ()
    assert lines.wanted([replace(pod, restarts=11)]) == {pod.ref: 11}
