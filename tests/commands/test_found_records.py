"""Which record a word of the command line names."""

import pytest

from opsboard.board.state import Board
from opsboard.commands.act_targets import TargetError, find_record
from tests.board import deployment


def test_where_nothing_could_be_named_no_empty_list_of_names_is_told() -> None:
    with pytest.raises(TargetError) as caught:
        find_record("sweep-1", (), "read the log of", Board())
    assert str(caught.value) == "there is nothing on the board to read the log of"


def test_what_is_in_another_environment_only_is_said_to_be_there() -> None:
    records = [
        deployment("cart", environment="production"),
        deployment("web", environment="staging"),
    ]
    with pytest.raises(TargetError) as caught:
        find_record("cart", records, "read the log of", Board(), "staging")
    assert str(caught.value) == (
        "there is nothing called 'cart' to read the log of; it is in production, and not in staging"
    )
