"""Each row of panes is as high as it needs, up to its share."""

from hypothesis import given
from hypothesis import strategies as st

from opsboard.views.pane_heights import share_heights


def test_what_one_does_not_need_goes_to_the_others() -> None:
    assert share_heights([10, 4, 10, 3], 20, 3) == [7, 4, 6, 3]


def test_what_nobody_needs_stays_at_the_end() -> None:
    assert share_heights([4, 4], 20, 3) == [4, 16]


def test_where_all_need_more_than_there_is_all_have_the_same() -> None:
    assert share_heights([50_000, 90, 40, 70, 30], 22, 3) == [5, 5, 4, 4, 4]


@given(needs=st.lists(st.integers(1, 1_000), min_size=1, max_size=9), room=st.integers(0, 200))
def test_no_line_is_lost_and_none_is_cut_beside_an_empty_one(needs: list[int], room: int) -> None:
    heights = share_heights(needs, room, 3)
    assert sum(heights) == max(room, len(needs))
    assert min(heights) >= 1
    cut = [at for at, need in enumerate(needs) if heights[at] < need]
    spare = [at for at, need in enumerate(needs) if heights[at] > max(need, 3)]
    assert not (cut and spare)
