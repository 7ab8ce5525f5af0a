"""Adapters by entry point."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from opsboard.adapter import GROUP
from opsboard.config import registry


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, EntryPoint]]:
    points: dict[str, EntryPoint] = {}
    registry.load_adapter.cache_clear()
    monkeypatch.setattr(registry, "_entry_points", lambda: points)
    yield points
    registry.load_adapter.cache_clear()


def _point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_built_in_ones_are_found() -> None:
    assert {"github", "kubernetes", "mlflow"} <= set(registry.adapter_names())


def test_a_broken_adapter_is_an_error_line(entries: dict[str, EntryPoint]) -> None:
    entries["gone"] = _point("gone", "no_such_module:Thing")
    entries["wrong"] = _point("wrong", "pathlib:Path")
    entries["fine"] = _point("fine", "opsboard.config.broken_source:BrokenSourceAdapter")
    loaded, errors = registry.load_all_adapters()
    assert list(loaded) == ["fine"]
    assert "ModuleNotFoundError" in str(errors[0])
    assert "no subclass of Adapter" in str(errors[1])


def test_an_unknown_name(entries: dict[str, EntryPoint]) -> None:
    with pytest.raises(registry.RegistryError, match="no adapter called 'nope'"):
        registry.load_adapter("nope")
