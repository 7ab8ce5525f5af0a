"""The order of the suite names files that are there, and keeps shared servers together."""

from pathlib import Path

import pytest

from tests.scheduling import LONGEST, SHARING, rank, unit_of

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", [*LONGEST, *SHARING])
def test_what_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists(), "correct the list in tests/scheduling.py"


def test_files_that_share_servers_are_one_unit() -> None:
    told = "tests/adapters/mlflow/test_contract.py::test_every_model_with_its_aliases[mlflow3]"
    ground = "tests/adapters/mlflow/test_rollback.py::test_to_each_of_several_versions[mlflow3]"
    assert unit_of(told) == unit_of(ground) == "tests/adapters/mlflow"


def test_all_other_files_are_units_of_their_own() -> None:
    estate = "tests/adapters/mlflow/test_estate.py"
    assert unit_of(f"{estate}::test_one[a::b]") == estate
    assert unit_of("tests/ui/test_pages.py::test_one") == "tests/ui/test_pages.py"


def test_the_longest_begin() -> None:
    story, other = "tests/terminal/test_story.py::test_one", "tests/acting/test_guard.py::test_two"
    assert sorted([other, story], key=rank) == [story, other]
    assert rank(other) == rank("tests/views/test_rows.py::test_one") > rank(story)
