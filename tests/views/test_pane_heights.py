"""Each pane is as high as it needs, up to its share, and the one in focus first."""

from hypothesis import given
from hypothesis import strategies as st

from opsboard.views.pane_heights import share_heights


def test_what_one_does_not_need_goes_to_the_others() -> None:
    assert share_heights([10, 4, 10, 3], 20, 3) == [7, 4, 6, 3]


def test_what_nobody_needs_stays_empty_below() -> None:
    assert share_heights([4, 2], 20, 3) == [4, 2]


def test_the_one_in_focus_has_up_to_half() -> None:
    assert share_heights([50, 90, 40, 70, 30], 22, 3, 1) == [3, 10, 3, 3, 3]
    assert share_heights([50, 9, 40], 40, 3, 1) == [16, 9, 15]


def test_where_all_need_more_than_there_is_and_none_has_the_focus_all_have_the_same() -> None:
    assert share_heights([50_000, 90, 40, 70, 30], 22, 3) == [5, 5, 4, 4, 4]


@given(
    needs=st.lists(st.integers(1, 1_000), min_size=1, max_size=9),
    room=st.integers(0, 200),
    focused=st.integers(-1, 9),
)
def test_no_line_is_lost_and_none_is_cut_beside_an_empty_one(
    needs: list[int], room: int, focused: int
) -> None:
    heights = share_heights(needs, room, 3, focused)
    assert sum(heights) == min(max(room, len(needs)), sum(needs))
    assert min(heights) >= 1
    assert all(height <= need for height, need in zip(heights, needs, strict=True))
