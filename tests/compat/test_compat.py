"""What is scripted against is as it was in 9af61d2, but for what ``docs/renames.toml`` says."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from opsboard.commands.json_versions import CURRENT, RENAMED, VERSIONS, render

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = ("status", "act", "audit")


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    """The surface of 9af61d2, whose demo was given the one mend that its world has had since.

    Its jobs that run by the calendar draw from a stream of their own, without which another world
    stood at the time that is recorded.
    """
    return _read(Path(__file__).with_name("before.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    """The surface of the program, with the JSON of today."""
    return _recorded()


@pytest.fixture(scope="module")
def in_schema_1() -> dict[str, Any]:
    """The JSON of before, as the program has it."""
    return _recorded("--schema", "1")


@pytest.fixture(scope="module")
def renames() -> dict[str, Any]:
    return tomllib.loads((ROOT / "docs" / "renames.toml").read_text("utf-8"))


def _recorded(*words: str) -> dict[str, Any]:
    paths = os.pathsep.join(map(str, (*filter(None, sys.path), ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.compat.record", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return _read(done.stdout.decode())


def _read(text: str) -> dict[str, Any]:
    surface: dict[str, Any] = json.loads(text)
    return surface


def _renamed(shape: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return *shape* with its paths as *names* says: old path -> new last part."""
    return {
        part: {_path(path, names): held for path, held in shape[part].items()}
        for part in ("paths", "words")
    }


def _path(path: str, names: Mapping[str, str]) -> str:
    old, new = "", ""
    for part in path.split("."):
        old = f"{old}.{part}" if old else part
        bare = old.removesuffix("[]").removesuffix("[]")
        name = names.get(bare, part.rstrip("[]")) + part[len(part.rstrip("[]")) :]
        new = f"{new}.{name}" if new else name
    return new


def _without_added(shape: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Return *shape* without what the *added* paths and words of ``docs/renames.toml`` name."""
    words = {
        path: [word for word in held if word not in added["words"].get(path, ())]
        for path, held in shape["words"].items()
    }
    return {
        "paths": _without_paths(shape["paths"], added["json"]),
        "words": _without_paths(words, added["json"]),
    }


def _without_paths(held: Mapping[str, Any], added: Iterable[str]) -> dict[str, Any]:
    """Return what of *held* is neither at a path of *added* nor below one; ``*`` is any text."""
    return {
        path: value
        for path, value in held.items()
        if not any(_is_below(path, pattern) for pattern in added)
    }


def _is_below(path: str, pattern: str) -> bool:
    text = re.escape(pattern).replace(r"\*", ".*")
    return re.fullmatch(rf"{text}(?:[.\[{{<].*)?", path) is not None


def _without_version(shape: Mapping[str, Any]) -> dict[str, Any]:
    words = {path: held for path, held in shape["words"].items() if path != "schema"}
    return {"paths": shape["paths"], "words": words}


# --- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schema_1_is_the_json_of_before(
    before: dict[str, Any], in_schema_1: dict[str, Any], renames: dict[str, Any], name: str
) -> None:
    assert _without_added(in_schema_1[name], renames["added"]) == before[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_json_of_today_differs_by_the_written_renames(
    before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any], name: str
) -> None:
    expected = _renamed(before[name], renames["json"][name])
    found = _without_added(now[name], renames["added"])
    assert _without_version(found) == _without_version(expected)
    assert now[name]["words"]["schema"] == [f"opsboard.{name}/{CURRENT}"]
    assert now[name] != before[name]


def test_the_table_of_the_program_is_the_written_one(renames: dict[str, Any]) -> None:
    """One is read from the past on, the other back to it; both say the same."""
    for name in DOCUMENTS:
        back = {_path(old, renames["json"][name]): old for old in renames["json"][name]}
        last = {path: old.rpartition(".")[2] for path, old in back.items()}
        assert RENAMED[f"opsboard.{name}"] == last


def test_a_document_without_renames_is_the_same_in_both_versions() -> None:
    fields = {"exit_code": 0, "panes": {"builds": [{"hint": "a field of its own"}]}}
    first, second = (json.loads(render("opsboard.status", fields, one)) for one in VERSIONS)
    assert (first.pop("schema"), second.pop("schema")) == ("opsboard.status/1", "opsboard.status/2")
    assert first == second == fields


def test_what_is_an_adapters_own_is_never_renamed() -> None:
    own = {"findings": "x", "timeout": 1}
    plan = {"timeout": 60.0, "payload": own, "values": own, "precondition": own}
    told = json.loads(render("opsboard.act", {"plans": [plan]}, 1))
    assert told["plans"] == [{"patience": 60.0, **{key: own for key in plan if key != "timeout"}}]


# --- everything else -----------------------------------------------------------------------------


def _expected(before: Any, names: Mapping[str, str]) -> Any:
    """Return *before* with its keys as *names* says."""
    return {names.get(key, key): held for key, held in before.items()}


@pytest.mark.parametrize("name", ["alert_ids", "exit_codes", "variables"])
def test_nothing_differs(before: dict[str, Any], now: dict[str, Any], name: str) -> None:
    assert now[name] == before[name]


def test_themes_have_gained_what_is_written_and_nothing_else(
    before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any]
) -> None:
    added = renames["added"]["themes"]["keys"]
    assert now["themes"]["names"] == before["themes"]["names"]
    assert now["themes"]["keys"] == sorted([*before["themes"]["keys"], *added])


def test_entry_points(before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any]) -> None:
    expected = {
        group: sorted([*names, *renames["added"]["entry_points"].get(group, ())])
        for group, names in before["entry_points"].items()
    }
    assert now["entry_points"] == expected


def test_config_keys(before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any]) -> None:
    expected = {_path(path, renames["config"]): held for path, held in before["config"].items()}
    for path, types in renames["added"]["types"].items():
        expected[path] = {**expected[path], "types": sorted([*expected[path]["types"], *types])}
    assert _without_paths(now["config"], renames["added"]["config"]) == expected


def test_key_bindings(before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any]) -> None:
    found = _without_paths(now["keymap"], renames["added"]["keymap"])
    expected = _expected(before["keymap"], renames["keymap"])
    for action_id, keys in renames["moved_keys"].items():
        kept = [key for key in expected[action_id]["keys"] if key not in keys]
        kept += renames["added"]["keys"].get(action_id, [])
        expected[action_id] = {**expected[action_id], "keys": kept}
    for action_id, words in renames["moved_commands"].items():
        kept = [word for word in expected[action_id]["commands"] if word not in words]
        expected[action_id] = {**expected[action_id], "commands": kept}
    for action_id in renames["added"]["arguments"]:
        words = [command.partition(" ")[0] for command in found[action_id]["commands"]]
        found[action_id] = {**found[action_id], "commands": words}
    assert found == expected


def test_filter_fields(
    before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any]
) -> None:
    names = renames["filter"]
    expected = {
        pane: sorted(names.get(field, field) for field in fields)
        for pane, fields in before["filter_fields"].items()
        if pane != "short names"
    }
    added = renames["added"]["filter"]
    found = {
        pane: sorted({*now["filter_fields"][pane]} - {*added.get(pane, ())}) for pane in expected
    }
    assert found == expected
    short = [
        [one, names.get(meant, meant)] for one, meant in before["filter_fields"]["short names"]
    ]
    assert all(pair in now["filter_fields"]["short names"] for pair in short)


def test_flags(before: dict[str, Any], now: dict[str, Any], renames: dict[str, Any]) -> None:
    added = renames["added"]["flags"]
    expected = {
        command: sorted({*flags, *added.get(command, ())})
        for command, flags in before["flags"].items()
    }
    found = {name: flags for name, flags in now["flags"].items() if name not in added["commands"]}
    assert found == expected
