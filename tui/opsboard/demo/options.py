"""Which demo world is served: seed, port, fixed time and size.

The command line parses these, and the process that shows the demo hands them to the process that
serves it. This module is imported by both, so it imports no server and no simulation.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from opsboard.text.suggestions import did_you_mean_or_list

DEFAULT_SEED: Final = 7
"""The seed of the world that the README and the screenshots show."""
MOST: Final = 200_000
"""Pods, builds or models that a demo may have: more than the memory of a small machine holds."""
_SCALED: Final = ("pods", "builds", "models")


@dataclass(frozen=True, slots=True)
class DemoScale:
    """The least number of pods, builds and models; 0 adds none to the usual world.

    *churn* is the share of pods (0 to 1) that restart each second. For load tests.
    """

    pods: int = 0
    builds: int = 0
    models: int = 0
    churn: float = 0.0

    @classmethod
    def parse(cls, text: str, churn: float = 0.0) -> "DemoScale":
        """Read ``pods=10000,builds=5000``. Raises :exc:`ValueError`, whose text says the fault."""
        scale = cls(churn=churn)
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = part.partition("=")
            scale = replace(scale, **{_known(name.strip()): _number(name, value.strip())})
        return scale


def _known(name: str) -> str:
    if name not in _SCALED:
        raise ValueError(f"--scale: there is no {name!r}; {did_you_mean_or_list(name, _SCALED)}")
    return name


def _number(name: str, value: str) -> int:
    if not value.isdecimal() or len(value) > len(str(MOST)) or int(value) > MOST:
        raise ValueError(f"--scale: {name}={value} is no whole number from 0 to {MOST:,}")
    return int(value)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to serve and where.

    *port* 0 is any free port of loopback. With *at*, the world's clock stands still at that time;
    without, it goes with the machine's.
    """

    seed: int = DEFAULT_SEED
    port: int = 0
    at: datetime | None = None
    scale: DemoScale = field(default_factory=DemoScale)

    def arguments(self) -> list[str]:
        """Return these options as arguments of ``opsboard demo``."""
        arguments = [f"--seed={self.seed}", f"--port={self.port}", f"--churn={self.scale.churn}"]
        counts = {name: getattr(self.scale, name) for name in _SCALED}
        arguments.append("--scale=" + ",".join(f"{name}={n}" for name, n in counts.items()))
        return arguments if self.at is None else [*arguments, f"--at={self.at.isoformat()}"]
