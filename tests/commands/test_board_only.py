"""The short way to read the board's command line says the same as the parser of all commands."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.arguments.board_only import parse_board_only
from opsboard.arguments.parser import make_parser

WORDS = (
    "--read-only", "--ascii", "--no-mouse", "--config", "--theme", "--config=a.toml",
    "--theme=light", "--theme=", "light", "a.toml", "-", "--", "status", "--help", "--asc",
    "--ascii=yes", "",
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=5))
def test_what_is_understood_is_what_the_parser_says(argv: list[str]) -> None:
    found = parse_board_only(argv)
    if found is not None:
        whole = vars(make_parser().parse_args(argv))
        assert {name: whole[name] for name in vars(found)} == vars(found)


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        ([], "config", None),
        (["--config", "a.toml"], "config", Path("a.toml")),
        (["--config=a=b.toml", "--ascii"], "config", Path("a=b.toml")),
        (["--theme", "light", "--read-only"], "theme", "light"),
        (["--no-mouse", "--ascii"], "ascii", True),
    ],
)
def test_the_usual_ones_are_understood(argv: list[str], name: str, value: object) -> None:
    found = parse_board_only(argv)
    assert found is not None
    assert getattr(found, name) == value


@pytest.mark.parametrize(
    "argv", [["status"], ["--help"], ["--config"], ["--theme", "--ascii"], ["--theme", "nope"]]
)
def test_anything_else_is_left_to_the_parser(argv: list[str]) -> None:
    assert parse_board_only(argv) is None
