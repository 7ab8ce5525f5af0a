"""How much is measured, and beside what."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """*kubectl* is the program, if there is one; *kubeconfig* names a server of your own."""

    runs: int = 9
    pods: int = 10_000
    kubectl: str | None = None
    kubeconfig: Path | None = None
