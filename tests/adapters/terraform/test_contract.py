"""The demo's server of states, and Terraform and tofu that keep theirs on it, are shown alike."""

import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic_core import to_json

from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.terraform import plan_document
from opsboard.demo.world.configs import SECRET_VALUE
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.infrastructure import STAGING
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Status
from opsboard_adapters.terraform.records import ManagedResource, Mode
from tests.adapters.terraform.real_programs import CONFIG, PROGRAMS, RealProgram, parameter
from tests.adapters.terraform.test_source import NOW, looking

UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOLDS_THE_LOCK: Final = """
terraform {
  backend "http" {}
}
variable "wait" {
  default = ""
}
resource "terraform_data" "slow" {
  input = var.wait
  triggers_replace = var.wait
  provisioner "local-exec" {
    command = "while [ -n '${var.wait}' ] && [ ! -e '${var.wait}' ]; do sleep 0.05; done"
  }
}
"""


class Subject(ABC):
    """A state on the demo's server, and who applies to it."""

    workspace: str
    resources: int
    """Of what is managed."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = f"{url}/terraform/state/{{workspace}}"
        self.plan_file = folder / f"{self.workspace}.json"

    def settings(self) -> dict[str, Any]:
        return {
            "address": self.url,
            "lock_address": f"{self.url}/lock",
            "workspaces": (self.workspace,),
            "plan": str(self.plan_file.with_name("{workspace}.json")),
        }

    @abstractmethod
    def begin(self) -> None:
        """Begin to apply, and hold the lock until :meth:`end`."""

    @abstractmethod
    def end(self) -> None:
        """End that: one resource has other attributes now."""

    @abstractmethod
    def plan(self) -> None:
        """Plan to create one resource and to update another one."""


class OfTheDemo(Subject):
    workspace = STAGING

    def __init__(self, url: str, folder: Path, made: tuple[DemoWorld, WorldControllers]) -> None:
        super().__init__(url, folder)
        world, controllers = made
        self._state, self._controller = world.states[STAGING], controllers.infrastructure
        self._now = world.now
        self.resources = len(self._state.resources)

    def begin(self) -> None:
        self._controller.lock(self._state, "ci@runner-3")

    def end(self) -> None:
        self._controller.apply(self._state, "aws_eks_node_group.general")

    def plan(self) -> None:
        self.plan_file.write_bytes(to_json(plan_document(self._state, self._now)))


class OfAProgram(Subject):
    workspace = "real"
    resources = 4

    def __init__(self, url: str, folder: Path, program: str) -> None:
        super().__init__(url, folder)
        self._real = RealProgram(program, folder, CONFIG + HOLDS_THE_LOCK)
        self._gate = folder / "gate"
        self._applying: subprocess.Popen[bytes] | None = None
        address = self.url.replace("{workspace}", self.workspace)
        backend = {
            "address": address, "lock_address": f"{address}/lock",
            "unlock_address": f"{address}/lock",
        }  # fmt: skip
        self._real.init(*(f"-backend-config={name}={value}" for name, value in backend.items()))
        self._real.apply()

    def begin(self) -> None:
        self._applying = self._real.begin_apply(f"-var=wait={self._gate}")

    def end(self) -> None:
        assert self._applying is not None
        self._gate.touch()
        assert self._applying.wait(60) == 0

    def plan(self) -> None:
        self._real.plan(self.plan_file, '-var=names=["a", "b", "c"]', "-var=note=canary-other")


@contextmanager
def served(kind: str, folder: Path) -> Iterator[Subject]:
    made = create_world(7, NOW)
    with serve_in_thread(build_app(*made, lambda: NOW)) as url:
        if kind == "demo":
            yield OfTheDemo(url, folder, made)
            return
        subject = OfAProgram(url, folder, PROGRAMS[kind])
        try:
            yield subject
        finally:
            if subject._applying is not None and subject._applying.poll() is None:
                subject._applying.kill()
                subject._applying.wait()


of_all = pytest.mark.parametrize("kind", ["demo", *(parameter(name, name) for name in PROGRAMS)])


@of_all
async def test_a_state_its_lock_and_its_applies_are_told(kind: str, tmp_path: Path) -> None:
    with served(kind, tmp_path) as subject:
        name = subject.workspace
        async with looking(None, **subject.settings()) as look:
            known = look.workspace(name)
            assert (known.state_version, known.resources) == (4, subject.resources)
            assert UUID.fullmatch(known.lineage)
            assert re.fullmatch(r"\d+\.\d+\.\d+", known.terraform_version)
            assert any(one.sensitive for one in known.workspace_outputs)
            assert known.applied_at is not None
            assert not known.is_locked
            first = known.serial or 0
            assert first > 0

            subject.begin()
            while not (known := look.workspace(name)).is_locked:
                await look.again()
            assert (known.status, known.operation) == (Status.RUNNING, "apply")
            assert re.fullmatch(r"[\w.-]+@[\w.-]+", known.locked_by)
            assert known.locked_since is not None
            assert UUID.fullmatch(known.lock_id)
            holder = known.locked_by

            subject.end()
            while (known := look.workspace(name)).is_locked:
                await look.again()
            assert (known.serial or 0) > first
            assert (known.added, known.removed) == (0, 0)
            assert known.changed == 1
            assert known.applied_by == holder


@of_all
async def test_its_resources_are_told_without_a_value(kind: str, tmp_path: Path) -> None:
    with served(kind, tmp_path) as subject:
        subject.plan()
        async with looking(None, **subject.settings()) as look:
            found = look.records(ManagedResource)
            assert len(found) == subject.resources + 1  # and the one that is planned
            for one in found:
                assert re.fullmatch(r"[\w.-]+/[\w-]+/[\w-]+", one.provider), one.provider
                assert one.address.startswith(f"{one.resource_type}.")
                assert one.mode is Mode.MANAGED
                assert re.fullmatch(r"[0-9a-f]{16}", one.fingerprint) or one.planned == "create"
            known = look.workspace(subject.workspace)
            assert (known.create, known.update, known.delete, known.drifted) == (1, 1, 0, 0)
            assert not known.plan_outdated
            told = repr(look.recorder.changes)
            assert SECRET_VALUE not in told
            assert "canary" not in told
