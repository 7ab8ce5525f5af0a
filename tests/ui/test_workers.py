"""What runs beside a screen leaves nothing behind that was never awaited."""

import ast
import asyncio
import gc
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import WorkerFailed

import opsboard.ui
from opsboard.ui.workers import start_worker

PROGRAM = sorted(Path(opsboard.ui.__file__).parent.rglob("*.py"))


async def test_a_worker_that_is_ended_before_its_first_step(
    recwarn: pytest.WarningsRecorder,
) -> None:
    async def work() -> None:
        raise AssertionError("it never runs")

    app: App[None] = App()
    async with app.run_test() as pilot:
        start_worker(app, work).cancel()
        await pilot.pause()
    gc.collect()
    assert not [one for one in recwarn.list if "never awaited" in str(one.message)]


class Looking(Screen[None]):
    """Looks for its only part again and again, as what reads a log does."""

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        start_worker(self, self._look, exit_on_error=True)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.query_one(Static)


async def test_who_looks_for_a_part_of_what_closes_is_at_its_end_as_well() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        await app.push_screen(Looking())
        await pilot.pause()


async def test_who_looks_for_a_part_that_is_not_there_is_told() -> None:
    app: App[None] = App()
    with pytest.raises(WorkerFailed, match="NoMatches"):  # noqa: PT012 - the app ends by it
        async with app.run_test() as pilot:
            await app.push_screen(Looking())
            await app.screen.query_one(Static).remove()
            await pilot.pause()


def test_all_workers_are_started_in_one_way() -> None:
    others = [
        f"{path}:{node.lineno}"
        for path in PROGRAM
        if path.name != "workers.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "run_worker"
    ]
    assert not others, "start them by opsboard.ui.workers.start_worker"
