"""Rows stay in order, whatever happens to the records."""

import math
import random
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from opsboard.records import (
    Alert,
    Build,
    Deployment,
    Drift,
    Metric,
    Model,
    ModelVersion,
    Record,
    Ref,
    Status,
)
from opsboard.views.filter import FieldTest, Filter, KeyTest, parse
from opsboard.views.order import Order
from opsboard.views.panes import pane_named
from opsboard.views.rows import RowModel
from tests.ui.app_harness import NOW
from tests.ui.sample_records import builds

PANE = pane_named("builds")


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
    fresh.only_wrong = model.only_wrong
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
    model.sort_by(column, descending=descending)
    for round_ in range(12):
        changed, removed = _happen(chance, records, few, round_)
        model.update(changed, removed, NOW)
        fresh = _anew(model, records)
        assert _shown(model) == _shown(fresh)
        assert +model.statuses == +fresh.statuses
        assert +model.sources == +fresh.sources
        assert all(model.find(ref) == row for row, ref in enumerate(_shown(model)))


@pytest.mark.parametrize("few", [3, 150])
@pytest.mark.parametrize("seed", range(6))
def test_the_row_that_is_held_stays_and_counts_only_while_it_passes(seed: int, few: int) -> None:
    chance = random.Random(seed)
    model, records = _model(300)
    model.set_filter(parse("!status:unknown", PANE), NOW)
    held = chance.choice(_shown(model))
    model.hold(held)
    for round_ in range(12):
        changed, removed = _happen(chance, records, few, round_)
        if round_ == 7 and held in records:
            del records[held]
            removed.add(held)
            changed.discard(held)
        model.update(changed, removed, NOW)
        fresh = _anew(model, records)
        assert [ref for ref in _shown(model) if not model.is_lost(ref)] == _shown(fresh)
        assert held in _shown(model)
        assert model.is_lost(held) == (held not in _shown(fresh))
        assert model.is_gone(held) == (held not in records)
        assert model.passing == len(fresh)
        assert +model.statuses == +fresh.statuses
        assert +model.sources == +fresh.sources
        row = model.find(held)
        assert row is not None
        assert model.record(row) is not None
    assert model.hold(None)
    assert _shown(model) == _shown(_anew(model, records))
    assert model.lost is None


def _happen(
    chance: random.Random, records: dict[Ref, Record], few: int, round_: int
) -> tuple[set[Ref], set[Ref]]:
    removed = set(chance.sample(sorted(records), min(few // 3, len(records))))
    for ref in removed:
        del records[ref]
    changed = set(chance.sample(sorted(records), min(few // 2, len(records))))
    for ref in changed:
        status = chance.choice(list(Status))
        run = cast("Build", records[ref])
        records[ref] = replace(run, status=status, state=status.value)
    for at, build in enumerate(builds(few // 3)):
        new = replace(build, id=f"new-{round_}-{at}")
        records[new.ref] = new
        changed.add(new.ref)
    return changed, removed


def test_a_change_that_moves_nothing_names_the_rows_that_read_differently() -> None:
    model, records = _model(20)
    ref = model.ref(7)
    records[ref] = replace(cast("Build", records[ref]), title="another")
    effect = model.update({ref}, set(), NOW)
    assert not effect.moved
    assert effect.rows == {7}


def test_a_row_that_no_longer_passes_the_filter_leaves_and_comes_back() -> None:
    model, records = _model(20)
    model.set_filter(parse("status:failed", PANE), NOW)
    ref = model.ref(0)
    failed = records[ref]
    records[ref] = replace(failed, status=Status.OK)
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


def test_equals_stand_in_the_order_of_their_names_in_either_direction() -> None:
    records: dict[Ref, Record] = {}
    for name, status in zip("dbcae", ("ok", "failed", "ok", "failed", "ok"), strict=True):
        record = replace(builds(1)[0], id=name, name=name, status=Status(status))
        records[record.ref] = record
    model = RowModel(PANE, records)
    model.rebuild(NOW)
    column = PANE.column("status")
    assert column is not None
    told = {}
    for descending in (True, False):
        model.sort_by(column, descending=descending)
        told[descending] = "".join(ref.id for ref in _shown(model))
    assert told == {True: "abcde", False: "cdeab"}


def test_a_record_that_is_renamed_moves_among_its_equals() -> None:
    model, records = _model(5)
    column = PANE.column("source")
    assert column is not None
    model.sort_by(column, descending=True)
    first = model.ref(0)
    records[first] = replace(records[first], name="zzz")
    assert model.update({first}, set(), NOW).moved
    assert model.find(first) == 4
    model.rebuild(NOW)
    assert model.find(first) == 4


def test_a_metric_that_is_no_number_has_its_place_in_the_order() -> None:
    pane, records = pane_named("models"), {}
    for at, value in enumerate([0.3, math.nan, 0.1, math.nan, 0.2]):
        metrics = (Metric(name="auc", value=value),)
        model_ = Model(source="ml", id=str(at), name=str(at), metrics=metrics)
        records[model_.ref] = model_
    rows = RowModel(pane, records)
    rows.rebuild(NOW)
    column = pane.column("metrics")
    assert column is not None
    rows.sort_by(column, descending=False)
    assert [ref.id for ref in _shown(rows)] == ["1", "3", "2", "4", "0"]
    assert [rows.find(ref) for ref in _shown(rows)] == [0, 1, 2, 3, 4]


def _versions(*numbers: str) -> dict[Ref, Record]:
    made = [
        ModelVersion(source="ml", id=f"m/{one}", name=f"m v{one}", model="m", version=one)
        for one in numbers
    ]
    return {one.ref: one for one in made}


@pytest.mark.parametrize("column", ["status", "model", "version"])
def test_versions_are_in_the_order_of_their_numbers(column: str) -> None:
    pane = pane_named("versions")
    rows = RowModel(pane, _versions("10", "2", "9", "100"))
    rows.rebuild(NOW)
    chosen = pane.column(column)
    assert chosen is not None
    rows.sort_by(chosen, descending=False)
    assert [ref.id for ref in _shown(rows)] == ["m/2", "m/9", "m/10", "m/100"]


def test_metrics_of_drift_are_in_natural_order() -> None:
    pane = pane_named("drift")
    records: dict[Ref, Record] = {}
    for metric in ("psi/class_10", "psi/class_2", "psi/class_1"):
        drift = Drift(source="ml", id=metric, name=f"m {metric}", model="m", metric=metric, value=0)
        records[drift.ref] = drift
    rows = RowModel(pane, records)
    rows.rebuild(NOW)
    chosen = pane.column("metric")
    assert chosen is not None
    rows.sort_by(chosen, descending=False)
    assert [ref.id for ref in _shown(rows)] == ["psi/class_1", "psi/class_2", "psi/class_10"]


TYPED = (
    "", "c", "ch", "che", "CHE", "!che", "!", "status:", "status:fail", "fail", '"check"',
    "che !pay", "/che.*/", "/che/ pay", "status:failed che", "nothing-is-called-so", "Main",
    "!status:failed", "branch:m", "branch:/^m/", "!branch:main age:>1m", "age:<1h", "!age:<1h",
    "number:>20", "!number:>20 status:ok",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_what_is_typed_narrows_to_the_same_as_building_anew(seed: int) -> None:
    chance = random.Random(seed)
    model, records = _model(200)
    for round_ in range(40):
        match chance.randrange(8):
            case 0:
                model.update(*_happen(chance, records, chance.choice([2, 120]), round_), NOW)
            case 1:
                model.sort_by(chance.choice(PANE.columns), descending=chance.random() < 0.5)
            case 2:
                model.show_only_wrong(NOW, wanted=not model.only_wrong)
            case 3:
                rows = model.all_rows()
                assert rows is None or rows.prepare() is False
            case _:
                model.set_filter(parse(chance.choice(TYPED), PANE), NOW)
        fresh = _anew(model, records)
        assert _shown(model) == _shown(fresh)
        assert +model.statuses == +fresh.statuses
        assert +model.sources == +fresh.sources
        assert model.total == fresh.total
        assert all(model.find(ref) == row for row, ref in enumerate(_shown(model)))
        assert all(model.find(ref) is None for ref in records.keys() - set(_shown(model)))


@pytest.mark.parametrize(
    "typed", [("branch:m", "branch:ma"), ("age:>1h", "age:>12h", "age:>12h x")]
)
def test_a_field_is_read_once_for_all_that_is_typed_of_it(typed: tuple[str, ...]) -> None:
    model, records = _model(50)
    rows, order = model.all_rows(), Order()
    assert rows is not None
    read = list[Record]()

    def counting(test: FieldTest | KeyTest) -> FieldTest | KeyTest:
        def noted(record: Record) -> str:
            read.append(record)
            return cast("str", test.read(record))

        return replace(test, read=noted)

    for text in typed:
        chosen = parse(text, PANE)
        tests = [counting(one) for one in chosen.tests if isinstance(one, FieldTest | KeyTest)]
        assert tests
        rows.narrow(order, Filter(text, tests), None, NOW)
    assert len(read) == len(records)


def test_a_letter_sorts_and_reads_nothing_anew() -> None:
    model, records = _model(50)
    rows = model.all_rows()
    for text in ("c", "ch", "", "x"):
        model.set_filter(parse(text, PANE), NOW)
        assert model.all_rows() is rows
    model.update(frozenset([next(iter(records))]), frozenset(), NOW)
    model.set_filter(parse("", PANE), NOW)
    assert model.all_rows() is not rows


def test_of_what_is_as_bad_production_stands_first_by_whatever_name_it_has() -> None:
    some = [
        Deployment(source="k", id=f"{status}/{place}", name=name, workload="Deployment",
                   status=status, environment=place)
        for status in (Status.OK, Status.FAILED)
        for name, place in (("a", "staging"), ("b", ""), ("c", "prod"), ("d", "production"))
    ]  # fmt: skip
    records: dict[Ref, Record] = {one.ref: one for one in some}
    model = RowModel(pane_named("deployments"), records)
    model.rebuild(NOW)
    assert [records[ref].name for ref in _shown(model)] == [*"cdab", *"abcd"]


def test_open_alerts_stand_by_how_bad_they_are_then_production_then_the_newest() -> None:
    some = [
        Alert(source="opsboard", id=name, name=name, status=status, environment=place,
              since=NOW - timedelta(minutes=age))
        for name, status, place, age in (
            ("crash", Status.FAILED, "production", 60), ("later", Status.FAILED, "production", 5),
            ("aside", Status.FAILED, "staging", 1), ("drift", Status.WARNING, "production", 0),
        )
    ]  # fmt: skip
    records: dict[Ref, Record] = {one.ref: one for one in some}
    model = RowModel(pane_named("alerts"), records)
    model.rebuild(NOW)
    assert [records[ref].name for ref in _shown(model)] == ["later", "crash", "aside", "drift"]
