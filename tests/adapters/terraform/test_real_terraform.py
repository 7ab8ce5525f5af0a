"""A real Terraform, or tofu: what it writes is what is told. Skipped where none is named."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.adapters.terraform.test_source import looking

PROGRAM = os.environ.get("OPSBOARD_TEST_TERRAFORM", "")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="OPSBOARD_TEST_TERRAFORM names no terraform")

CONFIG = """
variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
variable "note" {
  default   = "canary-note"
  sensitive = true
}
resource "terraform_data" "one" {
  for_each = toset(var.names)
  input    = var.note
}
output "note" {
  value     = var.note
  sensitive = true
}
"""


def run(folder: Path, *words: str) -> bytes:
    env = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    done = subprocess.run(
        [PROGRAM, *words], cwd=folder, env=env, capture_output=True, check=True, timeout=120
    )
    return done.stdout


def applied(folder: Path, *words: str) -> None:
    run(folder, "apply", "-auto-approve", "-input=false", *words)


async def test_what_it_applies_and_plans_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CONFIG)
    run(tmp_path, "init", "-input=false")
    applied(tmp_path)
    async with looking(tmp_path) as look:
        known = look.workspace()
        assert (known.resources, known.terraform_version != "") == (2, True)
        first = known.serial or 0
        applied(tmp_path, '-var=names=["b", "c", "d"]')
        await look.again()
        known = look.workspace()
        assert (known.added, known.changed, known.removed) == (2, 0, 1)
        assert (known.serial or 0) > first
        applied(tmp_path, '-var=names=["b", "c", "d"]', "-var=note=canary-other")
        await look.again()
        assert (look.workspace().added, look.workspace().changed) == (0, 3)
        plan = ("plan", "-input=false", "-out=p", '-var=names=["b"]')
        run(tmp_path, *plan)
        (tmp_path / "tfplan.json").write_bytes(run(tmp_path, "show", "-json", "p"))
        await look.again()
        assert (look.workspace().delete, look.workspace().update) == (2, 1)
        assert "canary" not in repr(look.recorder.changes)


async def test_its_workspaces_are_found(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CONFIG)
    run(tmp_path, "init", "-input=false")
    applied(tmp_path)
    run(tmp_path, "workspace", "new", "prod")
    async with looking(tmp_path) as look:
        assert look.workspace("prod").reason == "no state yet"
        assert look.workspace("default").serial is not None
