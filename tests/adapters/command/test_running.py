"""A command that trains: how it runs and is followed, to whatever end."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from opsboard.adapter import (
    ReconcileOutcome,
    Source,
    Unsupported,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from tests.adapters.command.training import SECRET, WAITING, Looking, python, request, run
from tests.patience import PATIENCE


async def test_it_runs_and_is_followed_to_its_end(
    source: Source, context: Looking, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    asked = request(python(WAITING, str(go), "0"), {"epochs": "7"}, inputs="epochs")
    plan = await source.plan(asked)
    receipt = await source.execute(plan, issue_permit(plan))
    assert "as process" in receipt.message
    told = []
    async with asyncio.timeout(PATIENCE):
        async for progress in source.observe(plan, receipt):
            told.append(progress)
            if progress.message == "epoch 1 of 7":
                settled = await source.reconcile(plan)
                assert (settled.outcome, settled.message) == (
                    ReconcileOutcome.DONE,
                    "it is running",
                )
                go.touch()
    assert told[-1].verdict is Verdict.SUCCEEDED
    assert told[-1].message == "it succeeded: saved"
    assert (await source.reconcile(plan)).message == "it succeeded"
    assert context.pauses


async def test_how_it_failed_is_told(source: Source, tmp_path: Path) -> None:
    script = "print('loading', flush=True); raise SystemExit('no data in \\x1b[31mtable')"
    last = (await run(source, request(python(script))))[-1]
    assert last.verdict is Verdict.FAILED
    assert last.message == "it ended with code 1: loading | no data in table"
    killed = (await run(source, request(python("import os; os.kill(os.getpid(), 9)"))))[-1]
    assert killed.message == "it was ended by SIGKILL"
    (tmp_path / "notes").write_text("no program")
    (tmp_path / "notes").chmod(0o755)
    plan = await source.plan(request("./notes"))
    with pytest.raises(Unsupported, match="could not be started"):
        await source.execute(plan, issue_permit(plan))
    assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE


async def test_secrets_are_not_told(source: Source, context: Looking) -> None:
    script = (
        "import os; print('using', os.environ['CI_TOKEN'], 'password=abc', flush=True); os.abort()"
    )
    told = await run(source, request(python(script)))
    assert told[-1].verdict is Verdict.FAILED
    assert "using *** password=***" in told[-1].message
    assert SECRET not in repr(told)
    assert SECRET in context.concealed
    assert context.host_environ.env["PWD"] not in context.concealed


async def test_it_knows_what_it_is_told(source: Source, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    script = (
        "import json, os, sys; told = {k: v for k, v in os.environ.items() if 'OPSBOARD' in k};"
        "json.dump([told, os.getcwd(), os.getsid(0) == os.getsid(os.getppid()), os.isatty(0)],"
        "open('told.json', 'w'))"
    )
    asked = request(python(script), {"max-depth": "5"}, cwd="~/work", inputs="max-depth")
    plan = await source.plan(asked)
    receipt = await source.execute(plan, issue_permit(plan))
    async with asyncio.timeout(PATIENCE):
        assert [one async for one in source.observe(plan, receipt)][-1].verdict is Verdict.SUCCEEDED
    told, cwd, _, terminal = json.loads((tmp_path / "work" / "told.json").read_text())
    assert told == {
        "OPSBOARD_INPUT_MAX_DEPTH": "5",
        "OPSBOARD_MODEL": "fraud",
        "OPSBOARD_PLAN": plan.id,
    }
    assert Path(cwd) == tmp_path / "work"
    assert not terminal


async def test_what_is_run_may_hold_a_secret_and_is_written_down_without(
    source: Source, tmp_path: Path
) -> None:
    """The command itself gets it whole: it comes by a pipe."""
    script = "import sys; sys.exit(0 if sys.argv[2].startswith('hunter2') else 9)"
    told = await run(source, request(python(script, "--registry-password", SECRET)))
    assert told[-1].message == "it succeeded"
    told = await run(source, request(python(script, "--key", "hunter2-of-nobody", "password=abc1")))
    assert told[-1].message == "it succeeded"
    kept = [file.read_text() for file in (tmp_path / "state" / "opsboard" / "commands").iterdir()]
    assert "sys.exit" in "".join(kept)
    for secret in (SECRET, "abc1"):
        assert secret not in "".join(kept)


async def test_what_is_kept_is_private(source: Source, tmp_path: Path) -> None:
    await run(source, request("true"))
    folder = tmp_path / "state" / "opsboard" / "commands"
    files = sorted(folder.iterdir())
    assert {file.suffix for file in files} == {".json", ".run", ".log", ".end"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert (
        stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    )
