"""Check that an installed opsboard works on the Python that runs this.

    python tests/smoke.py                   # with the extra demo: the demo, each pane, one act
    python tests/smoke.py --without-demo    # without it: what a first start prints

It runs the ``opsboard`` beside that Python. Standard library only, so that it can run where
nothing but the wheel is installed.
"""

import contextlib
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "opsboard")
PANES = ("builds", "deployments", "models", "alerts")
ACT = ("restart", "cart", "--environment", "staging", "--reason", "smoke test", "--yes")
SECONDS = 300
CONFIG = re.compile(r"^# also in (\S+) until", re.MULTILINE)
READY = b"Builds"


def main() -> int:
    version = ".".join(map(str, sys.version_info[:3]))
    with tempfile.TemporaryDirectory(prefix="opsboard-smoke-") as home:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
        }
        if "--without-demo" in sys.argv:
            check_without_demo(env)
            print(
                f"{version}: without the demo: set-up is explained, the demo says what to install"
            )
            return 0
        with serving(env) as config:
            for pane in PANES:
                print(f"{version}: {pane}: {rows(pane, config, env)} rows", flush=True)
            run(["act", *ACT, "--config", config], env)
            print(f"{version}: act {' '.join(ACT[:4])}: succeeded", flush=True)
        print(f"{version}: board: {shown(env)} bytes to the terminal, and left by q", flush=True)
    return 0


def check_without_demo(env: Mapping[str, str]) -> None:
    """Fail unless a first start explains the set-up, and ``opsboard demo`` says what to install."""
    for words, code in (([], 0), (["demo"], 1)):
        ended = subprocess.run(
            [PROGRAM, *words],
            env=env,
            cwd=env["HOME"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode == code, (words, ended)
        assert "pip install 'opsboard[demo]'" in ended.stdout + ended.stderr, (words, ended)
        assert "Traceback" not in ended.stderr, (words, ended)


@contextlib.contextmanager
def serving(env: Mapping[str, str]) -> Iterator[str]:
    """Serve the demo world; yield the path of a config for it."""
    command = [PROGRAM, "demo", "--serve"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = CONFIG.search(process.stdout.readline())
            assert found, "the first line of the demo names its config"
            yield found[1]
        finally:
            process.terminate()


def run(words: list[str], env: Mapping[str, str]) -> str:
    """Run opsboard with *words*; return what it printed. Only a status may end with 1."""
    ended = subprocess.run(
        [PROGRAM, *words], env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    good = {0, 1} if words[0] == "status" else {0}
    if ended.returncode not in good:
        raise SystemExit(
            f"opsboard {' '.join(words)}: exit code {ended.returncode}\n{ended.stderr}"
        )
    return ended.stdout


def rows(pane: str, config: str, env: Mapping[str, str]) -> int:
    """Return how many records *pane* has; there have to be some, of sources that all are live."""
    told = json.loads(
        run(["status", "--json", "--wait-fresh", "120", "--pane", pane, "--config", config], env)
    )
    ailing = [one["name"] for one in told["sources"] if one["condition"] != "live"]
    assert not ailing, f"not live: {ailing}"
    count = len(told["panes"][pane])
    assert count, f"{pane} is empty"
    return count


def shown(env: Mapping[str, str]) -> int:
    """Open the board of the demo in a terminal, and leave it; return the bytes that it sent."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(PROGRAM, [PROGRAM, "demo"], {**env, "COLUMNS": "120", "LINES": "36"})  # noqa: S606
    seen = read_until(terminal, READY)
    os.write(terminal, b"q")
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code == 0, f"the board ended with {code}"
    return len(seen)


def read_until(terminal: int, wanted: bytes) -> bytes:
    """Return what comes from *terminal* until *wanted* has come."""
    end = time.monotonic() + SECONDS
    seen = b""
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise SystemExit(f"the board did not show {wanted!r}: {seen[-500:]!r}")
        seen += os.read(terminal, 65_536)
    return seen


if __name__ == "__main__":
    raise SystemExit(main())
