"""What the rows of a workload's detail stand for, and what a key on them leads to."""

import pytest

from opsboard.adapter import Detail, Grid, Request
from opsboard.records import Kind
from opsboard.testing.inspection import grid_rows
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.workload_setup import revisions


def _grid(detail: Detail, title: str) -> Grid:
    return next(
        one for one in detail.sections if isinstance(one, Grid) and one.title.startswith(title)
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_each_revision_is_gone_back_to_but_the_current_one(scene: Scene, kind: str) -> None:
    """The finger on revision N plans N, whatever the default of the form is."""
    ground, name = await scene.workload(kind)
    *earlier, now = await revisions(ground, kind, name)
    ref = ground.ref(kind, name)
    async with scene.source() as source:
        current, *others = _grid(await source.detail(ref), "Revisions").rows
        assert current.part == f"revision {now}"
        here = current.action("rollback")
        assert here is not None
        assert here.disabled_reason == f"revision {now} is the current one"
        assert [row.part for row in others] == [f"revision {n}" for n in reversed(earlier)]
        for row in others:
            told = row.action("rollback")
            assert told is not None
            planned = await source.plan(Request(action="rollback", ref=ref, values=told.values))
            assert planned.after == row.part


async def test_a_pods_row_is_that_pod(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    async with scene.source() as source:
        detail = await source.detail(ground.ref("Deployment", name))
        pods = [row for row in grid_rows(detail) if row.record is not None]
        assert pods
        for row in pods:
            assert row.record is not None
            assert (row.ref, row.record.kind) == (row.record.ref, Kind.POD)
            assert row.cells[0] == row.record.name
            planned = await source.plan(Request(action="delete", ref=row.record.ref))
            assert row.record.name in planned.target
