"""Which demo is asked for. Light: the process that only shows the demo imports no server."""

from dataclasses import dataclass, field
from datetime import datetime

from opsboard.demo.world.rng import DEFAULT_SEED
from opsboard.demo.world.scale import DemoScale


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Which world, where. With *at*, its clock stands still at that time."""

    seed: int = DEFAULT_SEED
    port: int = 0
    at: datetime | None = None
    scale: DemoScale = field(default_factory=DemoScale)

    def arguments(self) -> list[str]:
        """Return the order as ``opsboard demo`` reads it from its command line."""
        words = [f"--seed={self.seed}", f"--port={self.port}", f"--churn={self.scale.churn}"]
        counts = {name: getattr(self.scale, name) for name in ("pods", "builds", "models")}
        words.append("--scale=" + ",".join(f"{name}={count}" for name, count in counts.items()))
        return words if self.at is None else [*words, f"--at={self.at.isoformat()}"]
