"""What the UI's tests keep of the environment: the place where snapshots are compared."""

import os
from collections.abc import Mapping

import pytest


@pytest.fixture(scope="session")
def snapshot_environment() -> Mapping[str, str]:
    """Return what pytest-textual-snapshot has set for itself, before a test clears it."""
    return {key: text for key, text in os.environ.items() if key.startswith("TEXTUAL_SNAPSHOT_")}


@pytest.fixture(autouse=True)
def snapshot_place(
    snapshot_environment: Mapping[str, str], own_world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Give it back."""
    for name, value in snapshot_environment.items():
        monkeypatch.setenv(name, value)
