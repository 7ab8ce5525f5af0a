"""Records the surface of the program that is on the path: ``python -m tests.compat.record``.

It knows no module of the program but ``opsboard.cli``, so that it records any version::

    PYTHONPATH=OLD/tui:OLD/adapters:OLD/themes:. python -m tests.compat.record > before.json

With ``--schema N``, each command that prints JSON is asked for that version of it, and only that is
recorded: nothing else depends on it. The demo's
clock stands still and its world is that of one seed, so two runs record the same.
"""

import argparse
import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.compat.shapes import Shape, schema_shape, shape_of

AT: Final = "2026-11-26T12:00:00Z"
COMMANDS: Final = (
    "", "status", "act", "audit", "audit verify", "audit settle", "doctor", "init",
    "config schema", "config path", "demo",
)  # fmt: skip
PLANS: Final = (
    "rollback fraud-detector",
    "restart cart --environment production",
    "scale cart --environment production --set replicas=3",
    "retrain fraud-detector",
    "nonsense x",
)
"""Acts that are planned only."""
ROLLBACK: Final = "act rollback fraud-detector --yes --reason recorded"
SCENARIOS: Final = (
    "--nonsense", "nonsense", "status --config /nowhere/config.toml", "status --pane models",
    "status --filter nope:x", "status --filter status:ok --pane models", "doctor", "doctor nobody",
    "act rollback nothing --yes", "act rollback fraud-detector --yes", "act rollback",
    "act rollback fraud-detector --read-only --yes --reason r",
    "act rollback fraud-detector --set nonsense=1 --yes", "audit", "audit --last 0", "audit verify",
    "audit verify --head nonsense", "audit settle nothing", "config path", "config schema",
    "init --print", "demo --at nonsense",
)  # fmt: skip
"""Command lines of which the exit code is recorded."""
UNREACHABLE: Final = """\
[sources.mlflow]
adapter = "mlflow"
tracking_uri = "http://127.0.0.1:9"
"""


def main() -> int:
    """Print what is recorded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--schema", default="")
    schema = parser.parse_args().schema
    with tempfile.TemporaryDirectory(prefix="opsboard-compat-") as folder:
        home = Path(folder)
        os.environ.update(HOME=folder, NO_COLOR="1", COLUMNS="100")
        for name in ("OPSBOARD_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        os.chdir(folder)
        with _demo() as config:
            os.environ["OPSBOARD_CONFIG"] = config
            surface = _json(schema)
            if not schema:
                surface |= {"exit_codes": _exit_codes(home), **_static()}
    json.dump(surface, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
    return 0


def run(words: str) -> tuple[int, str]:
    """Run ``opsboard WORDS`` in this process; return its exit code and what it prints."""
    from opsboard.cli import main as opsboard

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            code = opsboard(words.split() + _patience(words))
        except SystemExit as error:  # of argparse
            code = int(error.code or 0)
    return int(code), out.getvalue()


def _patience(words: str) -> list[str]:
    """Return the flag by which a busy machine is given the time that the demo takes to answer."""
    asks = words.startswith(("status", "act ")) and "--config" not in words
    return ["--wait-fresh", "240"] if asks and "--help" not in words else []


@contextlib.contextmanager
def _demo() -> Iterator[str]:
    """Serve the demo's world; yield the path of the config for it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "opsboard", "demo", "--serve", "--at", AT], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        first = server.stdout.readline().decode()
        found = re.search(r"/\S+\.toml", first)
        assert found is not None, first
        yield found[0]
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()


# --- JSON ----------------------------------------------------------------------------------------


def _json(schema: str) -> dict[str, Any]:
    version = f" --schema {schema}" if schema else ""
    status = _documents([f"status --json{version}"])
    alerts = [alert["id"] for alert in status[0]["panes"]["alerts"]]
    act = _documents([f"act {one} --plan --json{version}" for one in PLANS])
    act += _documents([f"{ROLLBACK} --json{version}"])
    return {
        "status": shape_of(status),
        "act": shape_of(act),
        "audit": shape_of(_documents([f"audit --json{version}"])),
        "alert_ids": sorted(alerts),
        "config": schema_shape(json.loads(run("config schema")[1])),
    }


def _documents(command_lines: Sequence[str]) -> list[Any]:
    return [json.loads(run(words)[1]) for words in command_lines]


# --- the command line ----------------------------------------------------------------------------


def _exit_codes(home: Path) -> dict[str, int]:
    codes = {words: run(words)[0] for words in SCENARIOS}
    config = home / "unreachable.toml"
    config.write_text(UNREACHABLE, "utf-8")
    config.chmod(0o600)
    for words in ("status", "act rollback fraud-detector --yes --reason r", "doctor"):
        code, _ = run(f"{words} --config {config}")
        codes[f"{words} --config UNREACHABLE"] = code
    return codes


def _flags() -> dict[str, list[str]]:
    """Return the flags of each command, as its help has them."""
    return {
        command or "opsboard": sorted(
            set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*\b", run(f"{command} --help")[1]))
        )
        for command in COMMANDS
    }


# --- what the tree says --------------------------------------------------------------------------


def _static() -> dict[str, Any]:
    import opsboard

    root = Path(opsboard.__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "flags": _flags(),
        "keymap": dict(_keymap((root / "docs" / "keys.md").read_text("utf-8"))),
        "filter_fields": dict(_filter_fields((root / "docs" / "filter.md").read_text("utf-8"))),
        "themes": _themes(root / "themes" / "opsboard_themes"),
        "entry_points": {
            "scripts": sorted(project["scripts"]),
            **{group: sorted(names) for group, names in project["entry-points"].items()},
        },
        "variables": sorted(_variables(root)),
    }


def _rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _keymap(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the id of each action, with its default keys and its commands."""
    for row in _rows(text):
        if len(row) == 4 and (ids := _quoted(row[3])):
            yield ids[0], {"keys": _quoted(row[0]), "commands": _quoted(row[1])}


def _filter_fields(text: str) -> Iterator[tuple[str, Any]]:
    for row in _rows(text.split("## Fields")[1]):
        if len(row) == 2 and row[0] != "pane":
            yield row[0], _quoted(row[1])
    short = re.search(r"^Short names: (.*)$", text, re.MULTILINE)
    assert short is not None
    yield "short names", re.findall(r"`(\w+)` for `(\w+)`", short[1])


def _themes(folder: Path) -> dict[str, Any]:
    documents = {
        file.stem: tomllib.loads(file.read_text("utf-8")) for file in folder.glob("*.toml")
    }
    shape: Shape = shape_of(documents.values())
    return {"names": sorted(documents), "keys": sorted(shape["paths"])}


def _variables(root: Path) -> set[str]:
    """Return the variables of the environment that are the program's own."""
    texts = (file.read_text("utf-8") for file in (root / "tui").rglob("*.py"))
    return {name for text in texts for name in re.findall(r"\bOPSBOARD_[A-Z_]+\b", text)}


if __name__ == "__main__":
    sys.exit(main())
