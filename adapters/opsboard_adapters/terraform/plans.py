"""Where the latest plan of a workspace is: a file that CI or a person has written."""

import asyncio
from pathlib import Path
from typing import Final

from opsboard.adapter import Forbidden, NotFound
from opsboard_adapters.terraform.backends.backend import StateAddress
from opsboard_adapters.terraform.backends.files import DEFAULT, read_file
from opsboard_adapters.terraform.plan import TerraformPlan, read_plan
from opsboard_adapters.terraform.settings import WORKSPACE_PLACE, at_home

BESIDE: Final = "tfplan.json"


class PlanFiles:
    """The plans of the workspaces; *template* is as in the settings. Read again when they change.

    Without ``{workspace}``, a plan is of the workspace that is selected in its folder.
    """

    def __init__(self, template: str | None, max_bytes: int) -> None:
        self._template = template
        self._max_bytes = max_bytes
        self._read: dict[Path, tuple[str, TerraformPlan]] = {}

    async def latest(self, one: StateAddress) -> TerraformPlan | None:
        """Return the plan of the workspace *one*; ``None`` where there is none.

        Raises :exc:`SourceError` where there is one that cannot be read.
        """
        return await asyncio.to_thread(self._latest, one)

    def _latest(self, one: StateAddress) -> TerraformPlan | None:
        file = self._file(one)
        if file is None:
            return None
        version, plan = self._read.get(file, ("", None))
        try:
            content = read_file(file, version, self._max_bytes)
        except NotFound:
            self._read.pop(file, None)
            return None
        if content is None:
            return plan
        plan = read_plan(content.body or b"", content.changed_at)
        self._read[file] = content.version, plan
        return plan

    def _file(self, one: StateAddress) -> Path | None:
        if self._template is not None and WORKSPACE_PLACE in self._template:
            return at_home(self._template.replace(WORKSPACE_PLACE, one.name))
        if self._template is not None:
            file = at_home(self._template)
            selected = selected_workspace(file.parent if one.folder is None else one.folder)
            return file if one.workspace == selected else None
        if one.folder is None or one.workspace != selected_workspace(one.folder):
            return None
        return one.folder / BESIDE


def selected_workspace(folder: Path) -> str:
    """Return the workspace that is selected in the configuration *folder*."""
    try:
        content = read_file(folder / ".terraform" / "environment", "", 1_024)
    except (NotFound, Forbidden):
        return DEFAULT
    text = content.body.decode("utf-8", "replace").strip() if content and content.body else ""
    return text or DEFAULT
