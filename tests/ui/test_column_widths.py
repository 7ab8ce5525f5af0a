"""Tables of a page: what a row is of is read before anything else, and no column is a stump."""

from hypothesis import given
from hypothesis import strategies as st

from opsboard.ui.render.layout import GAP, column_widths, fit_text
from opsboard.ui.theme.styles import default_styles

PODS = ("pod", "status", "ready", "restarts", "cpu", "memory", "node", "created")
CRASHING = (
    "checkout-f7rwljtmv9-c82w2",
    "CrashLoopBackOff",
    "0/1",
    "6",
    "",
    "",
    "node-of-eu-2",
    "9m",
)


def test_at_eighty_columns_a_pod_has_its_name_and_its_state_in_full() -> None:
    widths = column_widths(PODS, [CRASHING], 70)
    shown = [PODS[at] for at in widths]
    assert shown[:4] == ["pod", "status", "ready", "restarts"]
    assert "cpu" not in shown  # nobody has told it
    assert (widths[0], widths[1]) == (len(CRASHING[0]), len(CRASHING[1]))


def test_where_there_is_room_columns_without_content_stay() -> None:
    assert list(column_widths(PODS, [CRASHING], 110)) == list(range(len(PODS)))


TABLES = st.integers(1, 9).flatmap(
    lambda columns: st.lists(
        st.tuples(*[st.text("ab-1 ", max_size=40)] * columns), min_size=1, max_size=4
    )
)


@given(rows=TABLES, room=st.integers(30, 200))
def test_whatever_the_rows_hold_they_fit_and_begin_with_the_first(
    rows: list[tuple[str, ...]], room: int
) -> None:
    columns = [f"c{at}" for at in range(len(rows[0]))]
    widths = column_widths(columns, rows, room)
    needed = {at: max(len(columns[at]), *(len(row[at]) for row in rows)) for at in widths}
    assert list(widths) == sorted(widths)
    assert 0 in widths
    assert sum(widths.values()) + GAP * (len(widths) - 1) <= room
    assert all(0 < width <= needed[at] for at, width in widths.items())
    if any(widths[at] < min(needed[at], 12) for at in widths if at > 1):
        raise AssertionError(widths)


def test_names_are_cut_in_their_middle_and_words_at_their_end() -> None:
    styles = default_styles()
    assert fit_text("checkout-f7rwljtmv9-c82w2", 9, styles) == "chec…82w2"
    assert fit_text("production-eu-node-2", 8, styles) == "pro…de-2"
    assert fit_text("BackoffLimitExceeded", 16, styles) == "BackoffLimitExc…"
    assert fit_text("back-off restarting", 9, styles) == "back-off…"
