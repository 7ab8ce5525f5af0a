"""Trainings by a command, as the tests ask for them."""

import asyncio
import shlex
import sys
from collections.abc import Mapping

from opsboard.adapter import RETRAIN, Plan, Progress, Request, Source
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard.testing import FakeContext

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


def request(command: str, values: Mapping[str, str] | None = None, **recipe: str) -> Request:
    told = {"command": command, **recipe}
    return Request(action=RETRAIN, ref=MODEL, recipe=told, values=values or {})


def python(script: str, *words: str) -> str:
    return shlex.join([sys.executable, "-c", script, *words])


async def run(source: Source, request: Request) -> list[Progress]:
    plan = Plan.model_validate_json((await source.plan(request)).model_dump_json())
    receipt = await source.execute(plan, issue_permit(plan))
    async with asyncio.timeout(60):
        return [progress async for progress in source.observe(plan, receipt)]
