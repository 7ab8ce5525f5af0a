"""The identities of ``docs/adapters.md``: put into the example of that page, installed, joined."""

import json
from typing import Any

import pytest

from opsboard.records import Strength, identity
from tests.docs.test_action_guide import MODULE, PARTS, patched
from tests.docs.test_adapter_guide import FILES, PAGE, Guide

SHA = "fa2dec5f" * 5


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    files = {**FILES, MODULE: patched(FILES[MODULE], PARTS["identities"])}
    guide = Guide(tmp_path_factory.mktemp("guide"), files)
    note = {"repository": "https://github.com/Acme/Shop.git", "run": 42, "commit": SHA}
    (guide.dumps / "users.json").write_text(json.dumps(note), encoding="utf-8")
    short = {"repository": "https://github.com/acme/shop", "run": 43, "commit": SHA[:7]}
    (guide.dumps / "orders.json").write_text(json.dumps(short), encoding="utf-8")
    return guide


def test_its_records_state_them_in_the_one_form(guide: Guide) -> None:
    result = guide.opsboard("status", "--json", "--pane", "backups")
    found: dict[str, Any] = {one["name"]: one for one in _records(json.loads(result.stdout))}
    users, orders = found["users.dump"], found["orders.dump"]
    assert [(one["type"], one["scope"], one["value"]) for one in users["inputs"]] == [
        ("run", "github.com/acme/shop", "42"),
        ("commit", "github.com/acme/shop", SHA),
    ]
    assert [one["type"] for one in orders["inputs"]] == ["run"]
    assert [(one["type"], one["value"]) for one in orders["outputs"]] == [("backup", "orders.dump")]


def _records(document: object) -> list[dict[str, Any]]:
    """Return the records in what ``status --json`` prints, wherever they are."""
    if isinstance(document, dict):
        if document.get("kind") == "backup":
            return [document]
        return [one for part in document.values() for one in _records(part)]
    return (
        [one for part in document for one in _records(part)] if isinstance(document, list) else []
    )


def test_it_passes_the_suite(guide: Guide) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=strict"]
    result = guide.run("-m", "pytest", *options, "test_conformance.py", "-k", "identities or json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 passed" in result.stdout, result.stdout


def test_the_page_names_every_function_and_strength() -> None:
    section = PAGE.partition("## Identities")[2].partition("\n## ")[0]
    makers = [
        name
        for name, value in vars(identity).items()
        if getattr(value, "__module__", "") == identity.__name__
        and not name.startswith("_")
        and getattr(value, "__annotations__", {}).get("return") not in (str, bool)
    ]
    assert {"commit", "image", "dataset"} <= set(makers)
    for name in makers:
        assert f"`{name}`" in section, name
    for strength in Strength:
        assert f"`{strength.name}`" in section or f"Strength.{strength.name}" in section


def test_the_module_of_the_page_is_short_with_them() -> None:
    lines = patched(FILES[MODULE], PARTS["identities"]).splitlines()
    assert len([line for line in lines if line.strip()]) < 70
