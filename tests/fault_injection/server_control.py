"""The client of the fault server: starts its process, and controls it over HTTP."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from tests.fault_injection.fault_server import CONTROL_PATH
from tests.patience import PATIENCE

ROOT: Final = Path(__file__).parents[2]


class ServerControl:
    """Controls the fault server at *url*."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url
        self._client = client

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass in the world."""
        self._order("advance", seconds=seconds)

    def change(self, name: str = "") -> dict[str, Any]:
        """Change the world."""
        told: dict[str, Any] = self._order("change", name=name)
        return told

    def mark(self, target: str) -> dict[str, Any]:
        """Change something in *target* that a board must show."""
        told: dict[str, Any] = self._order("mark", target=target)
        return told

    def inject(self, target: str, names: Sequence[str], share: float = 1.0) -> None:
        """Inject the faults *names* into a *share* (0 to 1) of the exchanges with *target*."""
        self._order("faults", target=target, names=list(names), share=share)

    def clear_faults(self, target: str) -> None:
        """End the faults of *target*."""
        self.inject(target, ())

    def busy(self, targets: Sequence[str]) -> int:
        """Return how many requests to *targets* are under way, watches aside."""
        busy = self._order("state")["busy"]
        return sum(busy[target] for target in targets)

    def answered(self, target: str) -> dict[str, int]:
        """Return the paths that were asked for and answered right since the last mark."""
        answered: dict[str, int] = self._order("state")["answered"][target]
        return answered

    def landed(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the requests that have changed the world, from number *since* on."""
        told: list[dict[str, Any]] = self._order("landed", since=since)
        return told

    def injected(self) -> dict[str, int]:
        """Return how often each fault was injected."""
        told: dict[str, int] = self._order("injected")
        return told

    def _order(self, order: str, **told: Any) -> Any:
        response = self._client.post(f"{self.url}{CONTROL_PATH}{order}", json=told)
        return response.raise_for_status().json()


@contextmanager
def fault_server(seed: int) -> Iterator[ServerControl]:
    """Run a fault server in a process of its own while the context lasts."""
    process = subprocess.Popen(
        (sys.executable, "-m", "tests.fault_injection.fault_server", str(seed)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        url = process.stdout.readline().strip()
        assert url, "the fault server did not start"
        with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
            yield ServerControl(url, client)
    finally:
        process.stdin.close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
