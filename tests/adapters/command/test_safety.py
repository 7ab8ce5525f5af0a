"""What must not happen: no permit, twice, another program; and what a crash leaves."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from opsboard.adapter import (
    NotPermitted,
    OutcomeUnknown,
    PreconditionFailed,
    ReconcileOutcome,
    Source,
    SourceError,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.testing import ClosedPermit
from opsboard_adapters.command import Command, CommandSettings, job_runner
from tests.adapters.command.training import WAITING, Looking, python, request
from tests.collect import eventually
from tests.patience import PATIENCE


async def test_nothing_runs_without_a_permit(source: Source, tmp_path: Path) -> None:
    plan = await source.plan(request(f"touch {tmp_path}/touched"))
    other = issue_permit(plan.model_copy(update={"id": "another"}))
    for permit in (other, ClosedPermit()):
        with pytest.raises(NotPermitted):
            await source.execute(plan, permit)
    settled = await source.reconcile(plan)
    assert (settled.outcome, settled.message) == (ReconcileOutcome.NOT_DONE, "it was not begun")
    assert not (tmp_path / "touched").exists()
    assert not (tmp_path / "state").exists()


async def test_it_never_runs_twice(source: Source, tmp_path: Path) -> None:
    plan = await source.plan(request(python(f"open('{tmp_path}/runs', 'a').write('x')")))
    receipt = await source.execute(plan, issue_permit(plan))
    async with asyncio.timeout(PATIENCE):
        assert [one async for one in source.observe(plan, receipt)]
    with pytest.raises(PreconditionFailed):
        await source.execute(plan, issue_permit(plan))
    assert (tmp_path / "runs").read_text() == "x"


async def test_another_program_has_its_name_now(source: Source, tmp_path: Path) -> None:
    program = tmp_path / "train"
    program.write_text("#!/bin/sh\ntrue\n")
    program.chmod(0o755)
    plan = await source.plan(request("./train"))
    assert plan.blockers == ()
    program.write_text("#!/bin/sh\necho changed\n")
    with pytest.raises(PreconditionFailed, match="not the file"):
        await source.execute(plan, issue_permit(plan))
    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    context = Looking(env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}, home=tmp_path)
    async with Command.connect(CommandSettings(), context) as source:
        plan = await source.plan(request("true"))
        with pytest.raises(SourceError, match="cannot keep a job"):
            await source.execute(plan, issue_permit(plan))
        assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE


DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from opsboard.adapter import Plan
from opsboard.adapter.permit import issue_permit
from opsboard.testing import FakeContext
from opsboard_adapters.command import Command, CommandSettings

async def main():
    context = FakeContext(env=dict(os.environ), home=Path(sys.argv[2]))
    plan = Plan.model_validate_json(Path(sys.argv[1]).read_text())
    async with Command.connect(CommandSettings(), context) as source:
        await source.execute(plan, issue_permit(plan))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_it_outlives_what_started_it(
    source: Source, context: Looking, tmp_path: Path
) -> None:
    go, kept = tmp_path / "go", tmp_path / "plan.json"
    asked = request(python(WAITING, str(go), "3"), {"epochs": "1"}, inputs="epochs")
    plan = await source.plan(asked)
    kept.write_text(plan.model_dump_json())
    words = [sys.executable, "-c", DYING, str(kept), str(tmp_path)]
    died = await asyncio.to_thread(
        subprocess.run, words, env=dict(context.host_environ.env), timeout=PATIENCE, check=False
    )
    assert died.returncode == -signal.SIGKILL
    settled = await source.reconcile(plan)
    assert (settled.outcome, settled.message) == (ReconcileOutcome.DONE, "it is running")
    assert settled.receipt is not None
    go.touch()
    async with asyncio.timeout(PATIENCE):
        told = [one async for one in source.observe(plan, settled.receipt)]
    assert told[-1].message == "it ended with code 3: epoch 1 of 1 | saved"
    after = await source.reconcile(plan)
    assert (after.outcome, after.message) == (ReconcileOutcome.DONE, "it ended with code 3")


async def test_a_job_runner_that_was_killed_too(
    source: Source, context: Looking, tmp_path: Path
) -> None:
    script = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    plan = await source.plan(request(python(script)))
    receipt = await source.execute(plan, issue_permit(plan))
    async with asyncio.timeout(PATIENCE):
        told = [one async for one in source.observe(plan, receipt)]
    assert (told[-1].verdict, told[-1].message) == (
        Verdict.FAILED, "it ended, and nobody saw how"
    )  # fmt: skip
    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.DONE


def _written(folder: Path, key: str, touched: Path) -> Path:
    """Write down a job that its job runner has not begun yet; return its base."""
    folder.mkdir(parents=True, exist_ok=True)
    job = {"argv": ["touch", str(touched)], "cwd": str(folder)}
    (folder / f"{key}.json").write_text(json.dumps(job))
    return folder / key


async def _keep(base: Path) -> int:
    """Run the job runner of the job at *base*, which is told what to run through a pipe."""
    words = [sys.executable, "-I", job_runner.__file__, str(base)]
    job = base.with_suffix(".json").read_bytes()
    run = partial(subprocess.run, words, timeout=PATIENCE, check=False, input=job)
    return (await asyncio.to_thread(run)).returncode


async def test_a_job_runner_that_comes_after_the_look_begins_nothing(
    source: Source, tmp_path: Path
) -> None:
    """Held up on a busy machine: what was said to be not done is not begun any more."""
    plan = await source.plan(request("true"))
    base = _written(tmp_path / "state/opsboard/commands", plan.id, tmp_path / "touched")
    settled = await source.reconcile(plan)
    assert (settled.outcome, settled.final) == (ReconcileOutcome.NOT_DONE, True)
    assert await _keep(base) == 0
    again = await source.reconcile(plan)
    assert (again.outcome, again.final) == (ReconcileOutcome.NOT_DONE, True)
    assert not base.with_suffix(".log").exists(), "the job runner gave up before it began"
    assert not (tmp_path / "touched").exists()


async def test_a_look_that_comes_after_the_job_runner_says_that_it_was_begun(
    source: Source, tmp_path: Path
) -> None:
    plan = await source.plan(request("true"))
    base = _written(tmp_path / "state/opsboard/commands", plan.id, tmp_path / "touched")
    assert await _keep(base) == 0
    await eventually(lambda: base.with_suffix(".end").exists())
    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.DONE
    assert (tmp_path / "touched").exists()


async def test_of_a_job_runner_and_a_look_at_once_one_is_first(
    source: Source, tmp_path: Path
) -> None:
    for number in range(8):
        plan = await source.plan(request("true"))
        touched = tmp_path / f"touched-{number}"
        base = _written(tmp_path / "state/opsboard/commands", plan.id, touched)
        _, settled = await asyncio.gather(_keep(base), source.reconcile(plan))
        if settled.final:
            assert not touched.exists()
            assert not base.with_suffix(".log").exists()
        else:
            assert settled.outcome is not ReconcileOutcome.NOT_DONE
            await eventually(touched.exists)


async def test_a_job_that_was_called_off_is_not_begun_by_its_plan_either(
    source: Source, tmp_path: Path
) -> None:
    (tmp_path / "state/opsboard/commands").mkdir(parents=True)
    plan = await source.plan(request(f"touch {tmp_path}/touched"))
    assert (await source.reconcile(plan)).final
    with pytest.raises(OutcomeUnknown):
        await source.execute(plan, issue_permit(plan))
    settled = await source.reconcile(plan)
    assert (settled.outcome, settled.final) == (ReconcileOutcome.NOT_DONE, True)
    assert not (tmp_path / "touched").exists()


async def test_a_folder_that_cannot_be_written_calls_nothing_off(
    source: Source, tmp_path: Path
) -> None:
    plan = await source.plan(request("true"))
    (tmp_path / "state/opsboard").mkdir(parents=True)
    (tmp_path / "state/opsboard/commands").write_text("no folder")
    settled = await source.reconcile(plan)
    assert (settled.outcome, settled.final) == (ReconcileOutcome.NOT_DONE, False)


async def test_a_job_runner_that_died_at_its_first_deed_leaves_it_unknown(
    source: Source, tmp_path: Path
) -> None:
    plan = await source.plan(request("true"))
    base = _written(tmp_path / "state/opsboard/commands", plan.id, tmp_path / "touched")
    base.with_suffix(".run").touch()
    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.UNKNOWN


async def test_a_job_that_nobody_kept_is_not_done(source: Source, tmp_path: Path) -> None:
    plan = await source.plan(request("true"))
    folder = tmp_path / "state" / "opsboard" / "commands"
    folder.mkdir(parents=True)
    (folder / f"{plan.id}.json").write_text("{}")
    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
