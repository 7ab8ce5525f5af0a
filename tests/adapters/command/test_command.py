"""Training by a command: what is planned, what runs, how it is followed, and after a crash."""

import asyncio
import json
import os
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from opsboard.adapter import (
    RETRAIN,
    Fate,
    Fresh,
    Misconfigured,
    Moved,
    NotPermitted,
    Permission,
    Plan,
    Progress,
    Request,
    Source,
    SourceError,
    Unsupported,
    Verdict,
)
from opsboard.adapter.permit import mint
from opsboard.records import Kind, Ref, Status
from opsboard.testing import ClosedPermit, FakeContext
from opsboard.testing.no_network import no_network
from opsboard_adapters.command import Command, CommandSettings

MODEL = Ref("ml", Kind.MODEL, "fraud")
SECRET = "hunter2-0123456789"
WAITING = """
import os, pathlib, sys, time
print("epoch 1 of", os.environ["OPSBOARD_INPUT_EPOCHS"], flush=True)
end = time.monotonic() + 60
while not pathlib.Path(sys.argv[1]).exists() and time.monotonic() < end:
    time.sleep(0.01)
print("saved", flush=True)
sys.exit(int(sys.argv[2]))
"""


class Looking(FakeContext):
    """A context that looks again soon."""

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.01)


@pytest.fixture
def context(tmp_path: Path) -> Looking:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "CI_TOKEN": SECRET}
    env |= {"PWD": str(tmp_path)}
    return Looking(env=env, home=tmp_path)


@pytest.fixture
async def source(context: Looking) -> AsyncIterator[Source]:
    async with Command.connect(CommandSettings(), context) as source:
        yield source


def _request(command: str, values: Mapping[str, str] | None = None, **recipe: str) -> Request:
    told = {"command": command, **recipe}
    return Request(action=RETRAIN, ref=MODEL, recipe=told, values=values or {})


def _python(script: str, *words: str) -> str:
    return shlex.join([sys.executable, "-c", script, *words])


async def _run(source: Source, request: Request) -> list[Progress]:
    plan = Plan.model_validate_json((await source.plan(request)).model_dump_json())
    receipt = await source.execute(plan, mint(plan))
    async with asyncio.timeout(60):
        return [progress async for progress in source.follow(plan, receipt)]


# --- the form and the plan -----------------------------------------------------------------------


async def test_the_placeholders_are_the_inputs(source: Source) -> None:
    form = await source.form(
        _request("train {model} --lr={rate} --epochs {epochs} '{\"a\": {epochs}}'", inputs="seed")
    )
    assert [(one.name, one.required) for one in form.inputs] == [
        ("rate", True), ("epochs", True), ("seed", True)
    ]  # fmt: skip


async def test_the_plan_shows_the_words_and_a_value_is_never_more_than_one(source: Source) -> None:
    values = {"what": "a b; rm -rf / $(id) '"}
    with no_network():
        plan = await source.plan(_request("python3 -u 'my script.py' --on={what} {model}", values))
    argv = ["python3", "-u", "my script.py", "--on=a b; rm -rf / $(id) '", "fraud"]
    assert plan.payload["argv"] == argv
    assert plan.blockers == ()
    assert plan.permission is Permission.ALLOWED
    assert plan.patience > 600
    (shown,) = plan.changes
    assert shlex.split(shown.after or "") == argv


@pytest.mark.parametrize(
    ("command", "cwd", "why"),
    [
        ("no-such-program-0f9d", "", "no program"),
        ("./train", "", "no program"),
        ("true", "nowhere", "no folder"),
    ],
)
async def test_what_cannot_run_is_a_blocker(
    source: Source, command: str, cwd: str, why: str
) -> None:
    plan = await source.plan(_request(command, cwd=cwd))
    assert any(why in text for text in plan.blockers)


@pytest.mark.parametrize(
    "told",
    [
        {"command": ""},
        {"command": "  "},
        {"command": "train 'unfinished"},
        {},
        {"command": "true", "colour": "red"},
        {"command": "train {api_token}"},
        {"command": "true", "inputs": "a b"},
    ],
)
async def test_a_recipe_that_is_none(source: Source, told: dict[str, str]) -> None:
    request = Request(action=RETRAIN, ref=MODEL, recipe=told)
    with pytest.raises(Misconfigured) as caught:
        await source.plan(request)
    assert caught.value.mend


@pytest.mark.parametrize("values", [{}, {"epochs": "5", "epocs": "6"}, {"epochs": "a\0b"}])
async def test_values_that_do_not_fit(source: Source, values: dict[str, str]) -> None:
    with pytest.raises(Unsupported):
        await source.plan(_request("true {epochs}", values))


async def test_it_does_nothing_else(source: Source) -> None:
    with pytest.raises(Unsupported):
        await source.plan(Request(action="rollback", ref=MODEL))
    assert await anext(aiter(source.changes())) == Fresh("commands")
    checks = [check async for check in source.checks()]
    assert {check.status for check in checks} == {Status.OK}


# --- running -------------------------------------------------------------------------------------


async def test_it_runs_and_is_followed_to_its_end(
    source: Source, context: Looking, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    request = _request(_python(WAITING, str(go), "0"), {"epochs": "7"}, inputs="epochs")
    plan = await source.plan(request)
    receipt = await source.execute(plan, mint(plan))
    assert "as process" in receipt.message
    told = []
    async with asyncio.timeout(60):
        async for progress in source.follow(plan, receipt):
            told.append(progress)
            if progress.message == "epoch 1 of 7":
                settled = await source.settle(plan)
                assert (settled.fate, settled.message) == (Fate.DONE, "it is running")
                go.touch()
    assert told[-1].verdict is Verdict.SUCCEEDED
    assert told[-1].message == "it succeeded: saved"
    assert (await source.settle(plan)).message == "it succeeded"
    assert context.pauses


async def test_how_it_failed_is_told(source: Source, tmp_path: Path) -> None:
    script = "print('loading', flush=True); raise SystemExit('no data in \\x1b[31mtable')"
    last = (await _run(source, _request(_python(script))))[-1]
    assert last.verdict is Verdict.FAILED
    assert last.message == "it ended with code 1: loading | no data in table"
    killed = (await _run(source, _request(_python("import os; os.kill(os.getpid(), 9)"))))[-1]
    assert killed.message == "it was ended by SIGKILL"
    (tmp_path / "notes").write_text("no program")
    (tmp_path / "notes").chmod(0o755)
    plan = await source.plan(_request("./notes"))
    with pytest.raises(Unsupported, match="could not be started"):
        await source.execute(plan, mint(plan))
    assert (await source.settle(plan)).fate is Fate.NOT_DONE


async def test_secrets_are_not_told(source: Source, context: Looking) -> None:
    script = (
        "import os; print('using', os.environ['CI_TOKEN'], 'password=abc', flush=True); os.abort()"
    )
    told = await _run(source, _request(_python(script)))
    assert told[-1].verdict is Verdict.FAILED
    assert "using *** password=***" in told[-1].message
    assert SECRET not in repr(told)
    assert SECRET in context.concealed
    assert context.surroundings.env["PWD"] not in context.concealed


async def test_it_knows_what_it_is_told(source: Source, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    script = (
        "import json, os, sys; told = {k: v for k, v in os.environ.items() if 'OPSBOARD' in k};"
        "json.dump([told, os.getcwd(), os.getsid(0) == os.getsid(os.getppid()), os.isatty(0)],"
        "open('told.json', 'w'))"
    )
    request = _request(_python(script), {"max-depth": "5"}, cwd="~/work", inputs="max-depth")
    plan = await source.plan(request)
    receipt = await source.execute(plan, mint(plan))
    async with asyncio.timeout(60):
        assert [one async for one in source.follow(plan, receipt)][-1].verdict is Verdict.SUCCEEDED
    told, cwd, _, terminal = json.loads((tmp_path / "work" / "told.json").read_text())
    assert told == {
        "OPSBOARD_INPUT_MAX_DEPTH": "5",
        "OPSBOARD_MODEL": "fraud",
        "OPSBOARD_PLAN": plan.id,
    }
    assert Path(cwd) == tmp_path / "work"
    assert not terminal


async def test_what_is_kept_is_private(source: Source, tmp_path: Path) -> None:
    await _run(source, _request("true"))
    folder = tmp_path / "state" / "opsboard" / "commands"
    files = sorted(folder.iterdir())
    assert {file.suffix for file in files} == {".json", ".run", ".log", ".end"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert (
        stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    )


# --- what must not happen ------------------------------------------------------------------------


async def test_nothing_runs_without_a_permit(source: Source, tmp_path: Path) -> None:
    plan = await source.plan(_request(f"touch {tmp_path}/touched"))
    other = mint(plan.model_copy(update={"id": "another"}))
    for permit in (other, ClosedPermit()):
        with pytest.raises(NotPermitted):
            await source.execute(plan, permit)
    settled = await source.settle(plan)
    assert (settled.fate, settled.message) == (Fate.NOT_DONE, "it was not begun")
    assert not (tmp_path / "touched").exists()
    assert not (tmp_path / "state").exists()


async def test_it_never_runs_twice(source: Source, tmp_path: Path) -> None:
    plan = await source.plan(_request(_python(f"open('{tmp_path}/runs', 'a').write('x')")))
    receipt = await source.execute(plan, mint(plan))
    async with asyncio.timeout(60):
        assert [one async for one in source.follow(plan, receipt)]
    with pytest.raises(Moved):
        await source.execute(plan, mint(plan))
    assert (tmp_path / "runs").read_text() == "x"


async def test_another_program_has_its_name_now(source: Source, tmp_path: Path) -> None:
    program = tmp_path / "train"
    program.write_text("#!/bin/sh\ntrue\n")
    program.chmod(0o755)
    plan = await source.plan(_request("./train"))
    assert plan.blockers == ()
    program.write_text("#!/bin/sh\necho changed\n")
    with pytest.raises(Moved, match="not the file"):
        await source.execute(plan, mint(plan))
    assert (await source.settle(plan)).fate is Fate.NOT_DONE


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    context = Looking(env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}, home=tmp_path)
    async with Command.connect(CommandSettings(), context) as source:
        plan = await source.plan(_request("true"))
        with pytest.raises(SourceError, match="cannot keep a job"):
            await source.execute(plan, mint(plan))
        assert (await source.settle(plan)).fate is Fate.NOT_DONE


# --- a crash -------------------------------------------------------------------------------------

DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from opsboard.adapter import Plan
from opsboard.adapter.permit import mint
from opsboard.testing import FakeContext
from opsboard_adapters.command import Command, CommandSettings

async def main():
    context = FakeContext(env=dict(os.environ), home=Path(sys.argv[2]))
    plan = Plan.model_validate_json(Path(sys.argv[1]).read_text())
    async with Command.connect(CommandSettings(), context) as source:
        await source.execute(plan, mint(plan))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_it_outlives_what_started_it(
    source: Source, context: Looking, tmp_path: Path
) -> None:
    go, kept = tmp_path / "go", tmp_path / "plan.json"
    request = _request(_python(WAITING, str(go), "3"), {"epochs": "1"}, inputs="epochs")
    plan = await source.plan(request)
    kept.write_text(plan.model_dump_json())
    words = [sys.executable, "-c", DYING, str(kept), str(tmp_path)]
    died = await asyncio.to_thread(
        subprocess.run, words, env=dict(context.surroundings.env), timeout=60, check=False
    )
    assert died.returncode == -signal.SIGKILL
    settled = await source.settle(plan)
    assert (settled.fate, settled.message) == (Fate.DONE, "it is running")
    assert settled.receipt is not None
    go.touch()
    async with asyncio.timeout(60):
        told = [one async for one in source.follow(plan, settled.receipt)]
    assert told[-1].message == "it ended with code 3: epoch 1 of 1 | saved"
    after = await source.settle(plan)
    assert (after.fate, after.message) == (Fate.DONE, "it ended with code 3")


async def test_a_keeper_that_was_killed_too(
    source: Source, context: Looking, tmp_path: Path
) -> None:
    script = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    plan = await source.plan(_request(_python(script)))
    receipt = await source.execute(plan, mint(plan))
    async with asyncio.timeout(60):
        told = [one async for one in source.follow(plan, receipt)]
    assert (told[-1].verdict, told[-1].message) == (
        Verdict.FAILED, "it ended, and nobody saw how"
    )  # fmt: skip
    assert (await source.settle(plan)).fate is Fate.DONE


async def test_a_job_that_nobody_kept_is_not_done(source: Source, tmp_path: Path) -> None:
    plan = await source.plan(_request("true"))
    folder = tmp_path / "state" / "opsboard" / "commands"
    folder.mkdir(parents=True)
    (folder / f"{plan.id}.json").write_text("{}")
    assert (await source.settle(plan)).fate is Fate.NOT_DONE
