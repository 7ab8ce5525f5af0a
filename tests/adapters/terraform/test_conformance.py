"""The conformance suite, on a folder of states that Terraform has written."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from opsboard.adapter import GROUP
from opsboard.records import Kind
from opsboard.testing import HOSTILE_TEXT, AdapterConformance, World
from opsboard_adapters.terraform import Terraform, TerraformSettings
from opsboard_adapters.terraform.records import RESOURCE, WORKSPACE
from tests.adapters.terraform.states import KEY_FILE, write_folder


class TestFolder(AdapterConformance):
    adapter = Terraform
    kinds_in_world: ClassVar[frozenset[Kind]] = frozenset({WORKSPACE, RESOURCE})
    not_login_files: ClassVar[Sequence[str]] = (
        "*.tfstate", "tfplan.json", ".terraform.tfstate.lock.info", "environment",
        KEY_FILE,
    )  # fmt: skip
    registered: ClassVar[bool] = bool(entry_points(group=GROUP, name="terraform"))
    """An editable install that was made before this adapter does not know of it."""

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        with TemporaryDirectory() as name:
            folder = Path(name)
            write_folder(folder)
            state = json.loads((folder / "terraform.tfstate").read_text())
            state["resources"][0]["name"] = HOSTILE_TEXT
            (folder / "terraform.tfstate").write_text(json.dumps(state))
            yield World(TerraformSettings(path=folder), hostile=True)
