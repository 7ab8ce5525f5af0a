"""Ratios, verdicts and the table, from measurements that are given."""

import pytest
from bench.output import unseen_bytes
from bench.report import Figure, percentile, table
from bench.terminal import FRAME_END, Chunk, first_shown


@pytest.mark.parametrize(
    ("figure", "ratio", "met"),
    [
        (Figure("a", 260, "ms", 200, most=1.3), 1.3, True),
        (Figure("a", 262, "ms", 200, most=1.3), 1.31, False),
        (Figure("a", 34, "ms", 30, most=1.2, limit=33), 34 / 30, False),
        (Figure("a", 3, "KiB/s", limit=4), None, True),
        (Figure("a", 3, "ms", None, most=1.0), None, None),
        (Figure("a", 3, "ms", 2), 1.5, None),
        (Figure("a", 0, "bytes", limit=0), None, True),
    ],
)
def test_a_verdict(figure: Figure, ratio: float | None, met: bool | None) -> None:
    assert figure.ratio == (None if ratio is None else pytest.approx(ratio))
    assert figure.met is met


def test_percentiles() -> None:
    values = list(range(1, 101))
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7.0


def test_the_table_tells_everything() -> None:
    kept = Figure("start", 250, "ms", 200, "bare:", most=1.3, note="least 240")
    missed = Figure("wire", 4.5, "KiB/s", limit=4)
    assert table([kept, missed]).splitlines() == [
        "| what | measured | beside | ratio | budget | verdict |",
        "| --- | --- | --- | --- | --- | --- |",
        "| start | 250 ms (least 240) | bare: 200 ms | 1.25 | ≤ 1.3 x | kept |",
        "| wire | 4.50 KiB/s | - | - | ≤ 4 KiB/s | **missed** |",
    ]


def test_what_was_shown_first_is_told_by_frames() -> None:
    chunks = [
        Chunk(0.1, b"\x1b[2J\x1b[Hstart"),
        Chunk(0.2, FRAME_END + b"\x1b[Hready" + FRAME_END + b"\x1b[Hgone!" + FRAME_END),
    ]
    assert first_shown(chunks, lambda shown: "ready" in shown) == 0.2
    assert first_shown(chunks, lambda shown: "never" in shown) is None


def test_bytes_that_change_nothing_are_counted() -> None:
    before = [Chunk(0, b"\x1b[Hage 5s" + FRAME_END)]
    same, other = b"\x1b[Hage 5s" + FRAME_END, b"\x1b[Hage 6s" + FRAME_END
    assert unseen_bytes(before, [Chunk(1, same + other)]) == len(same)
    assert unseen_bytes(before, []) == 0
