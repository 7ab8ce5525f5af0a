"""Infrastructure as code: the states that Terraform keeps of the company, and who applies to them.

They draw from a generator of their own, so that the rest of the world is the same without them.
"""

from datetime import timedelta
from typing import Final

from opsboard.demo.world.company import SERVICES
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.states import DemoState, DemoStateLock, DemoStateResource
from opsboard.demo.world.world import DemoWorld

PRODUCTION: Final = "production"
STAGING: Final = "staging"
SHARED: Final = "shared"
"""The state of what both clusters use: repositories of images, a domain."""

WITH_DATABASE: Final = ("checkout", "catalog", "payments", "ledger")
"""Services for whose database Terraform writes the credentials and the settings into a cluster."""
MOVED: Final = "checkout"
"""The service whose database the last apply in production has moved."""
MOVED_BEFORE: Final = timedelta(minutes=11)
"""How long before the world began that was: two minutes before its next roll-out went wrong."""
APPLIER: Final = "Terraform"
"""The field manager of what Terraform's provider writes into a cluster."""

_RUNNER: Final = "ci@runner-3"
_FIRST_APPLY: Final = timedelta(minutes=10, seconds=30)
"""From the beginning of the world on: while somebody looks for the first time."""
_APPLY_SECONDS: Final = 75.0
_TUNED: Final = ("aws_eks_node_group.general", "aws_elasticache_cluster.sessions")
"""What is changed every now and then."""


class InfrastructureController:
    """Creates the states of the company, and applies to them as its pipelines do."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self.rng = SeededRandom("infrastructure")

    def seed(self) -> None:
        """Add the states, and schedule what becomes of them."""
        for cluster in self.world.clusters.values():
            self._add(cluster.environment, cluster.name, _of_cluster(), timedelta(hours=5))
        self._add(SHARED, "", _shared(), timedelta(days=2))
        self._move_database(self.world.states[PRODUCTION])
        at = self.world.now + _FIRST_APPLY
        self.world.event_queue.call_at(at, self._begin_apply)

    def lock(self, state: DemoState, who: str) -> None:
        """Let *who* hold the lock of *state*."""
        state.lock = DemoStateLock(self.rng.uid(), who, self.world.now)

    def apply(self, state: DemoState, changed: str) -> None:
        """Change the resource *changed*, write *state* and release its lock."""
        state.resources[changed].changes += 1
        state.write(self.world.now)
        state.lock = None
        self.world.log_state(state)

    def _add(
        self, name: str, cluster: str, resources: list[DemoStateResource], age: timedelta
    ) -> None:
        state = DemoState(
            name,
            cluster,
            self.rng.uid(),
            self.rng.randint(20, 90),
            self.world.now - age,
            {one.address: one for one in resources},
        )
        for one in resources:
            one.id = self.rng.hex(17)
        self.world.states[name] = state
        self.world.log_state(state)

    def _move_database(self, state: DemoState) -> None:
        """Let the last apply have moved a database, and written where it is now into settings."""
        at = self.world.now - MOVED_BEFORE
        for kind in ("aws_db_instance.service", "kubernetes_config_map_v1.settings"):
            state.resources[f'{kind}["{MOVED}"]'].changes += 1
        state.write(at)
        for config in self.world.clusters[state.cluster].configs.values():
            if (config.kind, config.name) == ("ConfigMap", f"{MOVED}-config"):
                config.changed_at, config.manager = at, APPLIER
                self.world.log_config(config)
        self.world.log_state(state)

    def _begin_apply(self) -> None:
        state = self.world.states[STAGING]
        self.lock(state, _RUNNER)
        self.world.event_queue.call_later(_APPLY_SECONDS, lambda: self._end_apply(state))

    def _end_apply(self, state: DemoState) -> None:
        self.apply(state, self.rng.choice(_TUNED))
        self.world.event_queue.call_later(self.rng.uniform(600, 1_800), self._begin_apply)


def _of_cluster() -> list[DemoStateResource]:
    """Return what there is for each cluster."""
    each = (
        ("aws_db_instance", "service"),
        ("kubernetes_config_map_v1", "settings"),
        ("kubernetes_secret_v1", "credentials"),
    )
    single = (
        ("aws_eks_cluster", "main"),
        ("aws_eks_node_group", "general"),
        ("aws_elasticache_cluster", "sessions"),
        ("aws_security_group", "database"),
    )
    return [
        *(DemoStateResource(*one) for one in single),
        *(DemoStateResource(*one, name) for one in each for name in WITH_DATABASE),
    ]


def _shared() -> list[DemoStateResource]:
    """Return what both clusters use."""
    names = [f"{one.team}/{one.name}" for one in SERVICES]
    return [
        DemoStateResource("aws_route53_zone", "public"),
        DemoStateResource("aws_s3_bucket", "artifacts"),
        *(DemoStateResource("aws_ecr_repository", "service", name) for name in names),
    ]
