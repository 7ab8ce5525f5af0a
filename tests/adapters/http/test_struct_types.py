"""Structs that several threads decode for the first time at once."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import opsboard_adapters
from tests.patience import PATIENCE

RACE: Final = """
import sys
from threading import Barrier, Thread

from msgspec import defstruct, field
from opsboard_adapters.http.struct_types import convert_to, decoder_of

sys.setswitchinterval(1e-6)
right = []
JSON = b'{"c19": [{"b19": {"a19": [1]}}]}'
PLAIN = {"c19": [{"b19": {"a19": [1]}}]}


def race(number):
    numbers = [(f"a{n}", list[int], field(default_factory=list)) for n in range(20)]
    inner = defstruct(f"Inner{number}", numbers)
    middle = defstruct(f"Middle{number}", [(f"b{n}", inner | None, None) for n in range(20)])
    rows = [(f"c{n}", list[middle], field(default_factory=list)) for n in range(20)]
    outer = defstruct(f"Outer{number}", rows)
    start = Barrier(4)

    def decode():
        start.wait()
        right.append(decoder_of(outer).decode(JSON).c19[0].b19.a19 == [1])

    def convert():
        start.wait()
        right.append(convert_to(PLAIN, outer).c19[0].b19.a19 == [1])

    threads = [Thread(target=work) for work in (decode, convert, decode, convert)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


for number in range(100):
    race(number)
print(len(right), all(right))
"""
"""In a process of its own: what it is about ends the process."""


def test_threads_that_decode_the_same_at_once_do_not_end_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RACE], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "400 True\n", "")


def test_nobody_else_makes_a_struct_ready() -> None:
    """Nor does what decodes to plain values, which needs no type."""
    makes_ready = re.compile(
        r"msgspec\.convert\(|msgspec\.\w+\.decode\([^\n]*type="
        r"|msgspec\.\w+\.Decoder\((?!dict\[str, Any\]\))"
        r"|from msgspec(?:\.\w+)? import [^\n]*\b(?:convert|Decoder|decode)\b"
    )
    root = Path(opsboard_adapters.__file__).parents[2]
    modules = [*(root / "adapters").rglob("*.py"), *(root / "tui").rglob("*.py")]
    found = {file.name for file in modules if makes_ready.search(file.read_text("utf-8"))}
    assert found == {"struct_types.py"}
