"""Terraform and OpenTofu themselves, where the environment names them: offline, in own folders."""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

PROGRAMS: Final = {
    "terraform": os.environ.get("OPSBOARD_TEST_TERRAFORM", ""),
    "tofu": os.environ.get("OPSBOARD_TEST_TOFU", ""),
}


def parameter(name: str, *values: object) -> object:
    """Return a parameter of a test: *values*, or the program *name*; skipped where it is none."""
    path = PROGRAMS[name]
    variable = f"OPSBOARD_TEST_{name.upper()}"
    mark = pytest.mark.skipif(not path, reason=f"{variable} names no {name}")
    return pytest.param(*(values or (path,)), id=name, marks=mark)


real_programs = pytest.mark.parametrize("program", [parameter(name) for name in PROGRAMS])

CONFIG: Final = """
variable "names" {
  type    = set(string)
  default = ["a", "b"]
}
variable "note" {
  default   = "canary-note"
  sensitive = true
}
resource "terraform_data" "one" {
  for_each = var.names
  input    = "canary-of-each"
}
resource "terraform_data" "noted" {
  input = var.note
}
output "note" {
  value     = var.note
  sensitive = true
}
"""
"""Three resources, of which one has the note."""


class RealProgram:
    """A program with a configuration of its own in *folder*, which keeps its state there too."""

    def __init__(self, program: str, folder: Path, config: str = CONFIG) -> None:
        self._program = program
        self._folder = folder
        (folder / "main.tf").write_text(config)

    def run(self, *words: str, env: dict[str, str] | None = None) -> bytes:
        return subprocess.run(
            [self._program, *words],
            cwd=self._folder,
            env=self._environ(env),
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout

    def init(self, *words: str) -> None:
        self.run("init", "-input=false", *words)

    def apply(self, *words: str, env: dict[str, str] | None = None) -> None:
        self.run("apply", "-auto-approve", "-input=false", *words, env=env)

    def begin_apply(self, *words: str) -> "subprocess.Popen[bytes]":
        """Apply, and return the process at once."""
        command = [self._program, "apply", "-auto-approve", "-input=false", *words]
        return subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environ(None),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def plan(self, file: Path, *words: str) -> None:
        """Write a plan as JSON into *file*."""
        self.run("plan", "-input=false", "-out=saved", *words)
        file.write_bytes(self.run("show", "-json", "saved"))

    @staticmethod
    def _environ(env: dict[str, str] | None) -> dict[str, str]:
        return {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", **(env or {})}
