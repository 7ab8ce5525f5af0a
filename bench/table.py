"""The cost of a table's rows at 50 and at 50,000 records: sort, filter, changes, one key.

Run ``python -m bench.table`` in the repository. Times are medians in milliseconds.
"""

import asyncio
import time
from collections.abc import Callable
from statistics import median

from tests.ui.app_harness import NOW, AppHarness
from tests.ui.sample_records import builds

from opsboard.adapter import listing
from opsboard.board.events import BoardEvent
from opsboard.records import Record, Ref
from opsboard.ui.screens.board import BoardScreen
from opsboard.views.filter import parse
from opsboard.views.panes import pane_named
from opsboard.views.rows import RowModel

PANE = pane_named("builds")
KEYS = 60


def _timed(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times) * 1_000


def rows(count: int) -> dict[str, float]:
    """Measure the row model alone."""
    records: dict[Ref, Record] = {build.ref: build for build in builds(count)}
    model = RowModel(PANE, records)
    model.rebuild(NOW)
    some = frozenset(list(records)[:: 100 if count > 100 else 10])
    column = PANE.column("repository")
    assert column is not None
    chosen = parse("payments !staging", PANE)
    return {
        "sort": _timed(lambda: model.sort_by(column, descending=False)),
        "filter": _timed(lambda: model.set_filter(chosen, NOW)),
        "1 % changes": _timed(lambda: model.update(some, frozenset(), NOW)),
    }


async def key(count: int) -> float:
    """Measure a key down, from the press until the app is idle again."""
    stage = AppHarness(BoardScreen)
    stage.board.apply(BoardEvent("github", change, NOW) for change in listing("b", builds(count)))
    times = []
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await pilot.press("1", "1")
        await pilot.pause()
        for _ in range(KEYS):
            start = time.perf_counter()
            await pilot.press("j")
            times.append(time.perf_counter() - start)
    return median(times) * 1_000


def main() -> None:
    """Print the table."""
    for count in (50, 50_000):
        told = {**rows(count), "key": asyncio.run(key(count))}
        print(f"{count:>7,} rows  " + "  ".join(f"{what} {ms:.2f}" for what, ms in told.items()))


if __name__ == "__main__":
    main()
