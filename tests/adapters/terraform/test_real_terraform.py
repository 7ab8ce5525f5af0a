"""What Terraform and tofu themselves write is what is told. Skipped where none is named."""

import json
from pathlib import Path

import pytest

from tests.adapters.terraform.real_programs import CONFIG, RealProgram, parameter, real_programs
from tests.adapters.terraform.test_source import looking

ENCRYPTED = """
terraform {
  encryption {
    key_provider "pbkdf2" "of_the_test" {
      passphrase = "canary-passphrase-that-is-long-enough"
    }
    method "aes_gcm" "of_the_test" {
      keys = key_provider.pbkdf2.of_the_test
    }
    state {
      method   = method.aes_gcm.of_the_test
      enforced = true
    }
  }
}
"""


@real_programs
async def test_what_it_applies_and_plans_is_told(program: str, tmp_path: Path) -> None:
    real = RealProgram(program, tmp_path)
    real.init()
    real.apply()
    async with looking(tmp_path) as look:
        known = look.workspace()
        assert (known.resources, known.terraform_version != "") == (3, True)
        first = known.serial or 0
        real.apply('-var=names=["b", "c", "d"]')
        await look.again()
        known = look.workspace()
        assert (known.added, known.changed, known.removed) == (2, 0, 1)
        assert (known.serial or 0) > first
        real.apply('-var=names=["b", "c", "d"]', "-var=note=canary-other")
        await look.again()
        assert (look.workspace().added, look.workspace().changed) == (0, 1)
        real.plan(tmp_path / "tfplan.json", '-var=names=["b"]')
        await look.again()
        assert (look.workspace().delete, look.workspace().update) == (2, 1)
        assert "canary" not in repr(look.recorder.changes)


@real_programs
async def test_its_workspaces_are_found(program: str, tmp_path: Path) -> None:
    real = RealProgram(program, tmp_path)
    real.init()
    real.apply()
    real.run("workspace", "new", "prod")
    async with looking(tmp_path) as look:
        assert look.workspace("prod").reason == "no state yet"
        assert look.workspace("default").serial is not None


@pytest.mark.parametrize("program", [parameter("tofu")])
async def test_of_a_state_that_it_has_encrypted_serial_and_lineage_are_told(
    program: str, tmp_path: Path
) -> None:
    real = RealProgram(program, tmp_path, CONFIG + ENCRYPTED)
    real.init()
    real.apply()
    written = json.loads((tmp_path / "terraform.tfstate").read_bytes())
    assert "encrypted_data" in written
    async with looking(tmp_path) as look:
        known = look.workspace()
        assert (known.reason, known.resources) == ("encrypted", 0)
        assert (known.serial, known.lineage) == (written["serial"], written["lineage"])
        real.apply("-var=note=canary-other")
        await look.again()
        known = look.workspace()
        assert (known.serial or 0) > written["serial"]
        assert (known.added, known.changed, known.removed) == (None, None, None)
        assert "canary" not in repr(look.recorder.changes)
