"""What holds for every test: nobody's own files, environment or terminal matters."""

import os
from pathlib import Path

import pytest

_KEPT = frozenset(
    {"PATH", "LANG", "LC_ALL", "TMPDIR", "CI", "SSL_CERT_FILE", "PYTHONPATH", "VIRTUAL_ENV"}
)


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an empty home and an environment that says nothing."""
    for name in tuple(os.environ):
        if name not in _KEPT and not name.startswith(("OPSBOARD_TEST_", "PYTEST_", "PIP_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
