"""What differs between versions, by how much, and which is the better one."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import BetterSide, Comparand, ComparedGroup, ComparedMetric, Effect
from opsboard.masking import MASK
from opsboard.records import Kind, Ref
from opsboard.views.comparison import CHARTS, MetricRow, compare

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
HIGHER, LOWER, UNKNOWN = BetterSide.HIGHER, BetterSide.LOWER, BetterSide.UNKNOWN


def side(number: int, *metrics: ComparedMetric, leads: bool = False, **groups: object) -> Comparand:
    """Return version *number*; *groups* hold pairs, or why nothing is known."""
    made = [
        ComparedGroup(title=title, unknown=said)
        if isinstance(said, str)
        else ComparedGroup(title=title, pairs=tuple(dict(said).items()))  # type: ignore[call-overload]
        for title, said in groups.items()
    ]
    return Comparand(
        ref=Ref("ml", Kind.MODEL_VERSION, f"m/{number}"),
        title=f"v{number}",
        leads=leads,
        created_at=EARLY + timedelta(days=number),
        metrics=metrics,
        groups=tuple(made),
    )


def row(better: BetterSide, *values: float | None) -> MetricRow:
    """Return the row of a metric with *values*, the first side being the oldest."""
    sides = [
        side(at) if value is None else side(at, metric("m", value, better))
        for at, value in enumerate(values)
    ]
    return compare(sides).metrics[0]


def metric(name: str, value: float, better: BetterSide = UNKNOWN, step: int = 0) -> ComparedMetric:
    return ComparedMetric(name=name, value=value, better=better, step=step)


@pytest.mark.parametrize(
    ("better", "values", "effect", "best"),
    [
        (HIGHER, (0.68, 0.69), Effect.BETTER, {1}),
        (HIGHER, (0.69, 0.68), Effect.WORSE, {0}),
        (LOWER, (0.27, 0.26), Effect.BETTER, {1}),
        (LOWER, (41.0, 63.0), Effect.WORSE, {0}),
        (LOWER, (1.0, math.inf), Effect.WORSE, {0}),
        (UNKNOWN, (0.27, 0.26), Effect.NEUTRAL, set()),
        (HIGHER, (0.5, math.nan), Effect.NEUTRAL, set()),
        (HIGHER, (math.nan, 0.5), Effect.NEUTRAL, set()),
        (HIGHER, (0.5, 0.5), None, set()),
        (HIGHER, (0.5, None), None, set()),
        (HIGHER, (None, 0.5), None, set()),
    ],
)
def test_better_and_worse_follow_the_direction_and_nothing_is_guessed(
    better: BetterSide, values: tuple[float | None, ...], effect: Effect | None, best: set[int]
) -> None:
    found = row(better, *values)
    assert found.effects == [effect]
    assert found.best == best


def test_the_difference_is_told_with_its_sign() -> None:
    assert row(HIGHER, 0.68648, 0.69070).deltas == ["+0.00422"]
    assert row(LOWER, 0.27216, 0.26528).deltas == ["-0.00688"]
    assert row(LOWER, 1.0, math.nan).deltas == [""]


def test_a_difference_that_rounding_hides_is_written_in_full() -> None:
    assert row(HIGHER, 0.900000001, 0.900000002).texts == ["0.900000001", "0.900000002"]
    assert row(HIGHER, 0.9000001, 0.8).texts == ["0.9", "0.8"]


def test_sources_that_disagree_on_the_direction_decide_nothing() -> None:
    found = compare([side(1, metric("score", 1.0, HIGHER)), side(2, metric("score", 2.0, LOWER))])
    assert found.metrics[0].effects == [Effect.NEUTRAL]
    assert found.unjudged == ["score"]


def test_what_serves_comes_first_then_the_oldest() -> None:
    sides = [side(3), side(1), side(2, leads=True)]
    assert [one.title for one in compare(sides).sides] == ["v2", "v1", "v3"]


def test_texts_that_differ_are_listed_and_the_others_counted() -> None:
    one = side(1, Parameters={"lr": "0.03", "seed": "1", "epochs": "20"})
    other = side(2, Parameters={"lr": "0.01", "seed": "1"})
    (group,) = compare([one, other]).groups
    assert group.rows == [("lr", ("0.03", "0.01")), ("epochs", ("20", None))]
    assert group.same == ["seed"]


def test_what_is_not_known_of_a_side_is_neither_the_same_nor_different() -> None:
    one, other = side(1, Signature={"inputs": "age: long"}), side(2, Signature="could not be read")
    (group,) = compare([one, other]).groups
    assert (group.rows, group.same) == ([], [])
    assert group.unknown == [(1, "could not be read")]


def test_what_is_masked_is_not_called_the_same() -> None:
    """Two secrets that are masked look the same, whatever they are."""
    one, other = side(1, Parameters={"api_key": MASK}), side(2, Parameters={"api_key": MASK})
    (group,) = compare([one, other]).groups
    assert (group.rows, group.same, group.masked) == ([], [], ["api_key"])


def test_charts_are_of_the_first_metrics_with_steps_differing_ones_before() -> None:
    names = [f"m{at}" for at in range(CHARTS + 2)]
    one = side(1, metric("flat", 1.0, step=3), *(metric(name, 1.0, step=9) for name in names))
    other = side(2, metric("flat", 1.0, step=3), *(metric(name, 2.0, step=9) for name in names))
    assert compare([one, other]).charted == names[:CHARTS]
    assert compare([side(1, metric("auc", 0.9)), side(2, metric("auc", 0.8))]).charted == []


VALUES = st.lists(st.none() | st.floats(), min_size=2, max_size=20)


@given(VALUES, st.sampled_from(BetterSide))
def test_a_judgement_never_contradicts_the_values(
    values: list[float | None], better: BetterSide
) -> None:
    if all(value is None for value in values):
        return
    found = row(better, *values)
    first = values[0]
    for value, effect in zip(values[1:], found.effects, strict=True):
        if effect in {Effect.BETTER, Effect.WORSE}:
            assert first is not None
            assert value is not None
            assert ((value > first) == (better is HIGHER)) == (effect is Effect.BETTER)
            assert better is not UNKNOWN
    for at in found.best:
        known = [value for value in values if value is not None]
        assert found.values[at] == (max(known) if better is HIGHER else min(known))
    assert len(found.best) < len([value for value in values if value is not None])
