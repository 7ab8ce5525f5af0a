"""Names that hold numbers are in the order of those numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.text.numbers import format_metric, natural_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["class_2", "class_10"],
        ["fraud v2", "fraud v9", "fraud v10", "fraud v100"],
        ["f1", "f1_class_2", "f1_class_10", "f2"],
        ["precision@5", "precision@10"],
        ["layer.2.loss", "layer.10.loss"],
        ["a-1", "a1", "a_1"],
        ["x99999999", "x999999999", "x1000000000", "x" + "9" * 18, "x1" + "0" * 18],
        ["2024-09-30", "2024-10-01"],
    ],
)
def test_natural_order(ordered: list[str]) -> None:
    turned = list(reversed(ordered))
    turned.sort(key=natural_key)
    assert turned == ordered


@given(st.text(max_size=8), st.integers(0, 10**40), st.integers(0, 10**40), st.text(max_size=8))
def test_two_numbers_in_one_place_are_in_their_own_order(
    before: str, one: int, other: int, after: str
) -> None:
    before, after = before.strip("0123456789"), after.lstrip("0123456789")
    assert (natural_key(f"{before}{one}{after}") < natural_key(f"{before}{other}{after}")) == (
        one < other
    )


@given(st.lists(st.text(alphabet="abz-_./ ", max_size=6)))
def test_names_without_numbers_are_ordered_as_ever(names: list[str]) -> None:
    assert sorted(names, key=natural_key) == sorted(names)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.345678, "0.34568"), (0.3, "0.3"), (1234567.0, "1.2346e+06"), (0.0, "0"),
        (float("inf"), "inf"), (float("-inf"), "-inf"), (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_a_figure(value: float, written: str) -> None:
    assert format_metric(value) == written
