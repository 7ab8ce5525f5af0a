"""A stranger's adapter: installed, found, and held to the suite, as the stranger would do it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "sample_adapter"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the sample adapter into a folder of its own; return that folder."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([*pip, *offline, str(SAMPLE)], check=True, timeout=120)
    return target


def _run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_it_is_found_beside_the_built_in_ones(installed: Path, tmp_path: Path) -> None:
    code = (
        "from opsboard.config.registry import adapter_names, load_adapter;"
        "print(adapter_names(), load_adapter('nightly').title)"
    )
    result = _run(installed, tmp_path, "-c", code)
    assert "'nightly'" in result.stdout, result.stderr
    assert "'github'" in result.stdout
    assert result.stdout.rstrip().endswith("Nightly")


def test_it_passes_the_suite(installed: Path, tmp_path: Path) -> None:
    tests = tmp_path / "test_conformance.py"
    tests.write_text((SAMPLE / "test_conformance.py").read_text(encoding="utf-8"), "utf-8")
    (tmp_path / "pyproject.toml").write_text((SAMPLE / "pyproject.toml").read_text(), "utf-8")
    result = _run(installed, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests))
    assert result.returncode == 0, result.stdout + result.stderr
    passed = re.search(r"(\d+) passed", result.stdout)
    assert passed is not None
    assert int(passed[1]) >= 20
    assert "failed" not in result.stdout
    assert "skipped" not in result.stdout
