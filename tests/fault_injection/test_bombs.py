"""Responses that would fill the memory: they are reported, and harm no other source.

The program runs in a process of its own, whose peak memory is read from the kernel.
"""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fault_injection.behaviours import Behaviour
from tests.fault_injection.conftest import by_name
from tests.fault_injection.stage import SOURCES, AppHarness, Settings

MIB = 1 << 20
LARGEST = 300 * MIB
"""What the program may take, over all of its sources."""

PROBE = """
import sys
from opsboard.cli import main
try:
    code = main(sys.argv[1:])
finally:
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            sys.stderr.write(line.split()[1])
raise SystemExit(code)
"""


def _packed(head: bytes, unit: bytes, size: int) -> bytes:
    """Return *size* bytes as gzip: *head*, and *unit* over and over."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    chunk = unit * (MIB // len(unit))
    parts = [packer.compress(head)]
    parts += [packer.compress(chunk) for _ in range(size // len(chunk))]
    return b"".join([*parts, packer.flush()])


HEADS = {
    "github": b'{"total_count": 1, "workflow_runs": [',
    "clusters": b'{"metadata": {"resourceVersion": "5"}, "items": [',
    "mlflow": b'{"registered_models": [',
}
UNITS: dict[str, tuple[bytes, int]] = {
    "blanks": (b" ", 1_700 * MIB),
    "numbers": (b"0,", 23 * MIB),
    "objects": (b"{},", 23 * MIB),
    "records": (b'{"name":"x","metadata":{"name":"x"},"id":1},', 23 * MIB),
    "nulls": (b"null,", 23 * MIB),
    "brackets": (b"[", 23 * MIB),
    "one text": (b"x", 23 * MIB),
}


@cache
def _bomb(source: str, unit: str) -> bytes:
    filling, size = UNITS[unit]
    head = b'{"items": "' if unit == "one text" else HEADS[source]
    return _packed(head, filling, size)


def _throwing(bomb: bytes) -> Behaviour:
    async def throw(_app: ASGIApp, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bomb})

    return throw


Status = Callable[[Settings], tuple[dict[str, Any], int]]


@pytest.fixture
def status(tmp_path: Path) -> Status:
    """Return what ``opsboard status`` says in a process of its own, and the bytes that it took."""

    def run(settings: Settings) -> tuple[dict[str, Any], int]:
        config = settings.write(tmp_path)
        done = subprocess.run(
            [sys.executable, "-c", PROBE, "--config", str(config), "status", "--json"],
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout), int(done.stderr.split()[-1]) * 1_024

    return run


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
@pytest.mark.parametrize("unit", UNITS)
def test_bombs_from_all_sources_at_once(unit: str, stage: AppHarness, status: Status) -> None:
    for source, path in SOURCES.items():
        stage.fault_proxy.inject(path, _throwing(_bomb(source, unit)))
    document, taken = status(Settings.at(stage))
    assert taken < LARGEST, f"{taken / MIB:.0f} MiB"
    for told in document["sources"]:
        assert told["condition"] in {"broken", "unreachable"}, told["message"]
        assert told["message"]
        assert told["hint"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_bomb_holds_up_no_other_source(source: str, stage: AppHarness, status: Status) -> None:
    stage.fault_proxy.inject(SOURCES[source], _throwing(_bomb(source, "blanks")))
    document, _ = status(Settings.at(stage))
    conditions = {name: told["condition"] for name, told in by_name(document).items()}
    assert conditions == {**dict.fromkeys(SOURCES, "live"), source: "broken"}
