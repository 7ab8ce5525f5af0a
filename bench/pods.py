"""From exec to a complete pane of pods, beside ``kubectl get pods -A`` on the same server."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.harness import BenchOptions, Sandbox, new_sandbox
from bench.report import Figure, milliseconds
from bench.terminal import Terminal, first_shown
from opsboard.demo.options import DemoOptions, DemoScale
from opsboard.demo.process import running_demo

TITLE: Final = re.compile(r"Pods ([\d,]+)")
SETTLED: Final = 3.0
"""Seconds for which the number of pods stays the same when all are there."""

CONFIG: Final = '[sources.cluster]\nadapter = "kubernetes"\nkubeconfig = {}\ncontexts = [{}]\n'


@dataclass(frozen=True, slots=True)
class Server:
    """A cluster, by the kubeconfig and context that lead to it, and a config that shows it."""

    name: str
    kubeconfig: Path
    context: str
    config: Path


def measure(options: BenchOptions) -> list[Figure]:
    """Return the figures for the demo, and for the user's own server if there is one."""
    figures = []
    with new_sandbox() as sandbox:
        with demo_server(sandbox, options.pods) as server:
            figures.append(_figure(sandbox, server, options))
        if options.kubeconfig is not None:
            server = _server(sandbox, options.kubeconfig, "your server")
            figures.append(_figure(sandbox, server, options))
    return figures


@contextmanager
def demo_server(sandbox: Sandbox, pods: int, churn: float = 0.0) -> Iterator[Server]:
    """Serve a demo in which each of two clusters has *pods* pods; yield the first of them."""
    with running_demo(DemoOptions(scale=DemoScale(pods=2 * pods, churn=churn))) as config:
        yield _server(sandbox, config.with_name("kubeconfig.json"), "the demo")


def _server(sandbox: Sandbox, kubeconfig: Path, name: str) -> Server:
    context = _current_context(kubeconfig)
    config = sandbox.home / "pods.toml"
    words = (json.dumps(str(kubeconfig.absolute())), json.dumps(context) if context else "")
    config.write_text(CONFIG.format(*words), encoding="utf-8")
    return Server(name, kubeconfig.absolute(), context, config)


def _current_context(kubeconfig: Path) -> str:
    import yaml  # noqa: PLC0415 - JSON is YAML too

    document = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    return str(document.get("current-context", ""))


def _figure(sandbox: Sandbox, server: Server, options: BenchOptions) -> Figure:
    runs = max(3, options.runs // 2)
    board: list[float] = []
    kubectl: list[float] = []
    shown = listed = 0
    for number in range(runs + 1):
        seconds, shown = complete_pane(sandbox, server)
        if options.kubectl is not None:
            took, listed = _kubectl(sandbox, server, options.kubectl)
        if number:  # the first is to have files cached
            board.append(seconds)
            kubectl += [took] if options.kubectl is not None else []
    if options.kubectl is not None and shown != listed:
        raise RuntimeError(f"the pane shows {shown} pods, kubectl lists {listed}")
    return Figure(
        f"{shown:,} pods on {server.name}: exec → complete pane",
        milliseconds(board),
        "ms",
        milliseconds(kubectl) if kubectl else None,
        "`kubectl get pods -A`:" if kubectl else "kubectl is not there",
        most=1.0,
    )


def complete_pane(sandbox: Sandbox, server: Server) -> tuple[float, int]:
    """Return the seconds until the pane counts all pods, and their number."""
    with open_pods(sandbox, server) as terminal:
        count = settled_count(terminal)
        at = first_shown(terminal.chunks, _counts(count))
    assert at is not None  # it has been seen
    return at, count


@contextmanager
def open_pods(sandbox: Sandbox, server: Server) -> Iterator[Terminal]:
    """Start the board, and ask for the pods as soon as it is there."""
    with Terminal(sandbox.command("--config", str(server.config)), sandbox.env) as terminal:
        terminal.sees("Help")
        terminal.press(":pods\r")
        yield terminal


def settled_count(terminal: Terminal) -> int:
    """Wait until the pane counts the same for a while; return the number."""
    count, begin, since = 0, time.monotonic(), time.monotonic()
    while not count or time.monotonic() - since < SETTLED:
        terminal.watch(0.5)
        found = TITLE.search(shown := terminal.screen())
        now = int(found[1].replace(",", "")) if found else 0
        if now != count:
            count, since = now, time.monotonic()
        if time.monotonic() - begin > 120:
            raise TimeoutError(f"no pods came:\n{shown}")
    return count


def _counts(count: int) -> Callable[[str], bool]:
    return lambda shown: f"Pods {count:,}" in shown


def _kubectl(sandbox: Sandbox, server: Server, kubectl: str) -> tuple[float, int]:
    context: Sequence[str] = ("--context", server.context) if server.context else ()
    command = [kubectl, "--kubeconfig", str(server.kubeconfig), *context, "get", "pods", "-A"]
    begin = time.perf_counter()
    done = subprocess.run(
        [*command, "--no-headers"], env=dict(sandbox.env), capture_output=True, check=True
    )
    return time.perf_counter() - begin, len(done.stdout.splitlines())
