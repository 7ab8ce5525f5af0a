"""What is installed: extras, the lock of development and CI, and hooks that download nothing."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from opsboard.demo.process import SERVERS

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements-lock.txt").read_text("utf-8")
PINS = [Requirement(line) for line in LOCK.splitlines() if line and not line.startswith("#")]
PYTHONS = tuple(
    name.rpartition(" ")[2]
    for name in PROJECT["classifiers"]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", name)
)


def _environment(python: str, platform: str = "linux") -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": platform,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def _pinned(environment: dict[str, str]) -> dict[str, str]:
    """Return name -> version of the pins that hold in *environment*; fail for two of one name."""
    found: dict[str, str] = {}
    for pin in PINS:
        if pin.marker is None or pin.marker.evaluate(environment):
            (specifier,) = pin.specifier
            assert specifier.operator == "=="
            name = canonicalize_name(pin.name)
            assert name not in found, f"{name} is pinned twice"
            found[name] = specifier.version
    return found


def _wanted(requirements: list[str], environment: dict[str, str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, requirements):
        if requirement.name == "opsboard":
            continue  # an extra of its own, which is looked at by itself
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield requirement


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_satisfies_the_project(python: str, platform: str) -> None:
    environment = _environment(python, platform)
    pinned = _pinned(environment)
    requirements = [*PROJECT["dependencies"], *(one for many in EXTRAS.values() for one in many)]
    for wanted in _wanted(requirements, environment):
        version = pinned.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted} is not in the lock: run .ci/lock"
        assert wanted.specifier.contains(version, prereleases=True), (
            f"{wanted}: {version} is locked"
        )


@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_locked_is_complete(python: str) -> None:
    """Whatever a locked package requires in its turn is locked too, in a version that it takes."""
    environment = _environment(python)
    pinned = _pinned(environment)
    for name, version in pinned.items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue  # of an extra, or a Python, that is not installed here
        if installed.version != version:
            continue
        for wanted in _wanted(installed.requires or [], environment):
            found = pinned.get(canonicalize_name(wanted.name))
            assert found is not None, f"{name} requires {wanted}, which is not locked"
            assert wanted.specifier.contains(found, prereleases=True), f"{name} requires {wanted}"


def test_the_lock_names_versions_and_no_place_to_get_them_from() -> None:
    assert PYTHONS == ("3.11", "3.12", "3.13")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted| @ ", LOCK)


def test_the_servers_of_the_demo_are_an_extra() -> None:
    assert {Requirement(one).name for one in EXTRAS["demo"]} == set(SERVERS)
    always = {Requirement(one).name for one in PROJECT["dependencies"]}
    assert always.isdisjoint(SERVERS)
    own = [one for one in map(Requirement, EXTRAS["dev"]) if one.name == "opsboard"]
    assert "demo" in own[0].extras


def test_every_hook_is_local_and_runs_what_the_project_installs() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports"):
        assert any(hook["entry"].startswith(f".venv/bin/{tool}") for hook in hooks), tool


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_whoever_installs_uses_the_lock(page: str) -> None:
    lines = [
        line for line in (ROOT / page).read_text("utf-8").splitlines() if "pip install" in line
    ]
    checkout = [line for line in lines if re.search(r"(-e|--editable) '?\.", line)]
    assert checkout
    assert [line for line in checkout if "requirements-lock.txt" not in line] == []


def test_the_manual_page_is_in_the_wheel() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    shared = tool["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/opsboard.1": "share/man/man1/opsboard.1"}
    assert (ROOT / "docs" / "opsboard.1").is_file()
