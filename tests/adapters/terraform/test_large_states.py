"""A state of 50 MB is read within 200 MiB beyond what the program has."""

import json
import subprocess
import sys
from pathlib import Path

CODE = """
import json, resource, sys
from opsboard_adapters.terraform.fingerprints import Fingerprints
from opsboard_adapters.terraform.state import read_state

def peak():
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

before = peak()
with open(sys.argv[1], "rb") as file:
    body = file.read()
state = read_state(body, Fingerprints(b"a key"), 2_000)
print(json.dumps([len(body), state.managed, state.more, peak() - before]))
"""


def test_fifty_megabytes_take_less_than_two_hundred(tmp_path: Path) -> None:
    attributes = {f"attribute{number}": "x" * 500 for number in range(10)}
    file = tmp_path / "large.tfstate"
    with file.open("w") as writer:
        writer.write('{"version": 4, "serial": 1, "lineage": "x", "resources": [')
        for number in range(10_000):
            instance = {"attributes": attributes, "sensitive_attributes": []}
            one = {"mode": "managed", "type": "a", "name": f"n{number}", "instances": [instance]}
            writer.write(("," if number else "") + json.dumps(one))
        writer.write("]}")
    words = [sys.executable, "-c", CODE, str(file)]
    done = subprocess.run(words, capture_output=True, check=True, timeout=120)
    size, managed, more, mebibytes = json.loads(done.stdout)
    assert size > 50_000_000
    assert (managed, more) == (10_000, 8_000)
    assert mebibytes < 200
