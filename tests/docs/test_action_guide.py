"""The action of ``docs/adapters.md``: put into the example of that page, installed, and used."""

import json
import re
from pathlib import Path

import pytest

from tests.docs.test_adapter_guide import FILES, PAGE, Guide

MODULE = "opsboard_backups.py"
PARTS = dict(re.findall(r"<!-- part: (\w+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))


def with_action() -> str:
    """Return the module of the page as it is once the reader has done what the page says."""
    source = FILES[MODULE]
    assert source.count("class BackupSource") == 1
    source = source.replace("class BackupSource", f"{PARTS['action']}\n\nclass BackupSource")
    return patched(source, PARTS["wiring"])


def patched(text: str, diff: str) -> str:
    """Return *text* with *diff*: removed and kept lines are each found once, in their order."""
    at = 0
    for line in diff.splitlines():
        mark, content = line[:1], line[1:] + "\n"
        if mark == "+":
            text = text[:at] + content + text[at:]
        else:
            assert text.count(content) == 1, content
            at = text.index(content)
        if mark == "-":
            text = text[:at] + text[at + len(content) :]
        else:
            at += len(content)
    return text


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    return Guide(tmp_path_factory.mktemp("guide"), {**FILES, MODULE: with_action()})


def test_an_adapter_with_an_action_is_short() -> None:
    """All told: settings, a kind with columns, record, source, adapter, payload, action."""
    lines = [line for line in with_action().splitlines() if line.strip()]
    assert len(lines) < 100
    action = [line for line in PARTS["action"].splitlines() if line.strip()]
    assert len(action) < 50


def test_it_passes_the_conformance_suite(guide: Guide) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=strict"]
    result = guide.run(
        "-m", "pytest", *options, "test_conformance.py", "-k", "plan or permit or row"
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "test_planning_and_looking_only_read" in (guide.run(
        "-m", "pytest", *options, "--collect-only", "test_conformance.py").stdout)  # fmt: skip


def test_its_plan_is_printed_and_changes_nothing(guide: Guide) -> None:
    result = guide.opsboard("act", "delete", "orders.dump", "--plan", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "orders.dump" in json.dumps(json.loads(result.stdout))
    assert (guide.dumps / "orders.dump").exists()


def test_it_is_carried_out_and_on_record(guide: Guide) -> None:
    result = guide.opsboard("act", "delete", "users.dump", "--yes", "--reason", "too large")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "succeeded: it is gone" in result.stderr
    assert not (guide.dumps / "users.dump").exists()
    assert "delete" in guide.run("-m", "opsboard", "audit").stdout


def test_the_page_names_all_phases_and_duties() -> None:
    from opsboard.adapter.actions import Action

    phases = set(re.findall(r"^\| `(\w+)\(", PAGE.partition("### The phases")[2], re.MULTILINE))
    own = {"invalid_values", "precondition_failed", "pace", "read_payload", "write_payload"}
    methods = {name for name, value in vars(Action).items() if callable(value)}
    assert phases == {name for name in methods if not name.startswith("_")} - own


def test_a_diff_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="gone"):
        patched("here\n", "-gone\n+new\n")
