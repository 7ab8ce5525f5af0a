"""Rows stay in order, whatever happens to the records."""

import random

import pytest

from opsboard.records import Build, Record, Ref, Status
from opsboard.views.filter import parse
from opsboard.views.panes import BY_ID
from opsboard.views.rows import RowModel
from tests.ui.sample import builds
from tests.ui.stage import NOW

PANE = BY_ID["builds"]


def _model(count: int) -> tuple[RowModel, dict[Ref, Record]]:
    records: dict[Ref, Record] = {build.ref: build for build in builds(count)}
    model = RowModel(PANE, records)
    model.rebuild(NOW)
    return model, records


def _shown(model: RowModel) -> list[Ref]:
    return [model.ref(row) for row in range(len(model))]


def _anew(model: RowModel, records: dict[Ref, Record]) -> RowModel:
    fresh = RowModel(PANE, records)
    fresh.filter, fresh.column, fresh.descending = model.filter, model.column, model.descending
    fresh.rebuild(NOW)
    return fresh


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("few", [3, 150])
@pytest.mark.parametrize("seed", range(6))
def test_updates_come_to_the_same_as_building_anew(seed: int, few: int, descending: bool) -> None:
    chance = random.Random(seed)
    model, records = _model(300)
    column = chance.choice(PANE.columns)
    model.set_filter(parse("!status:unknown", PANE), NOW)
    model.sort_by(column, NOW, descending=descending)
    for round_ in range(12):
        changed, removed = _happen(chance, records, few, round_)
        model.update(changed, removed, NOW)
        fresh = _anew(model, records)
        assert _shown(model) == _shown(fresh)
        assert +model.statuses == +fresh.statuses
        assert +model.sources == +fresh.sources
        assert all(model.find(ref) == row for row, ref in enumerate(_shown(model)))


def _happen(
    chance: random.Random, records: dict[Ref, Record], few: int, round_: int
) -> tuple[set[Ref], set[Ref]]:
    removed = set(chance.sample(sorted(records), min(few // 3, len(records))))
    for ref in removed:
        del records[ref]
    changed = set(chance.sample(sorted(records), min(few // 2, len(records))))
    for ref in changed:
        status = chance.choice(list(Status))
        records[ref] = records[ref].model_copy(update={"status": status, "state": status.value})
    for at, build in enumerate(builds(few // 3)):
        new = build.model_copy(update={"id": f"new-{round_}-{at}"})
        records[new.ref] = new
        changed.add(new.ref)
    return changed, removed


def test_a_change_that_moves_nothing_names_the_rows_that_read_differently() -> None:
    model, records = _model(20)
    ref = model.ref(7)
    records[ref] = records[ref].model_copy(update={"title": "another"})
    effect = model.update({ref}, set(), NOW)
    assert not effect.moved
    assert effect.rows == {7}


def test_a_row_that_no_longer_passes_the_filter_leaves_and_comes_back() -> None:
    model, records = _model(20)
    model.set_filter(parse("status:failed", PANE), NOW)
    ref = model.ref(0)
    failed = records[ref]
    records[ref] = failed.model_copy(update={"status": Status.OK})
    model.update({ref}, set(), NOW)
    assert model.find(ref) is None
    records[ref] = failed
    model.update({ref}, set(), NOW)
    assert model.find(ref) == 0


def test_what_was_never_shown_may_be_removed() -> None:
    model, _ = _model(3)
    stranger = builds(9)[8]
    assert isinstance(stranger, Build)
    assert not model.update(set(), {stranger.ref}, NOW).moved
    assert len(model) == 3
