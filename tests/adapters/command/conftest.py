"""A source whose jobs are kept in a folder of the test."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from opsboard.adapter import Source
from opsboard_adapters.command import Command, CommandSettings
from tests.adapters.command.training import SECRET, Looking


@pytest.fixture
def context(tmp_path: Path) -> Looking:
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPSBOARD_")}
    env = {**own, "XDG_STATE_HOME": str(tmp_path / "state"), "CI_TOKEN": SECRET}
    env |= {"PWD": str(tmp_path)}
    return Looking(env=env, home=tmp_path)


@pytest.fixture
async def source(context: Looking) -> AsyncIterator[Source]:
    async with Command.connect(CommandSettings(), context) as source:
        yield source
