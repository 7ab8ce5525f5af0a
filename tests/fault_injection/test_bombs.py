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
from tests.patience import PATIENCE

MIB = 1 << 20
LARGEST = 300 * MIB
"""What the program may take, over all of its sources."""

GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""RFC 1952: deflate, no flags, no time, no system."""

WORDS = ("--json", "--wait-fresh", "120")
"""A busy machine is given the time that it takes."""

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
    """Return *size* bytes as gzip: *head*, and *unit* over and over.

    A chunk that is flushed in full looks back at nothing before it: it is packed once, and put
    together as often as it takes.
    """
    chunk = unit * (MIB // len(unit))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
    count = size // len(chunk)
    checksum = zlib.crc32(head)
    for _ in range(count):
        checksum = zlib.crc32(chunk, checksum)
    length = (len(head) + count * len(chunk)) % (1 << 32)
    end = packer.flush() + checksum.to_bytes(4, "little") + length.to_bytes(4, "little")
    return GZIP_HEADER + first + again * count + end


HEADS = {
    "github": b'{"total_count": 1, "workflow_runs": [',
    "clusters": b'{"metadata": {"resourceVersion": "5"}, "items": [',
    "mlflow": b'{"registered_models": [',
}
UNITS: dict[str, tuple[bytes, int]] = {
    "blanks": (b" ", 2 * LARGEST),
    "numbers": (b"0,", 23 * MIB),
    "objects": (b"{},", 23 * MIB),
    "records": (b'{"name":"x","metadata":{"name":"x"},"id":1},', 23 * MIB),
    "nulls": (b"null,", 23 * MIB),
    "brackets": (b"[", 23 * MIB),
    "one text": (b"x", 23 * MIB),
}
SLOW = frozenset({"blanks", "brackets", "one text", "records"})
"""What takes a processor longest, and is refused by the same limits as the others."""


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


def test_what_is_packed_is_whole() -> None:
    assert zlib.decompress(_packed(b"head", b"ab", 3 * MIB), zlib.MAX_WBITS | 16) == (
        b"head" + b"ab" * (3 * MIB // 2)
    )


Status = Callable[[Settings], tuple[dict[str, Any], int]]


@pytest.fixture
def status(tmp_path: Path) -> Status:
    """Return what ``opsboard status`` says in a process of its own, and the bytes that it took."""

    def run(settings: Settings) -> tuple[dict[str, Any], int]:
        config = settings.write(tmp_path)
        done = subprocess.run(
            [sys.executable, "-c", PROBE, "--config", str(config), "status", *WORDS],
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )
        for word in ("Traceback", "Warning", "never awaited"):
            assert word not in done.stderr, done.stderr
        return json.loads(done.stdout), int(done.stderr.split()[-1]) * 1_024

    return run


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
@pytest.mark.parametrize(
    "unit",
    [pytest.param(unit, marks=pytest.mark.long) if unit in SLOW else unit for unit in UNITS],
)
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
