"""ConfigMaps and Secrets: each service has one, and somebody changes an entry now and then.

They draw from a generator of their own, so that the rest of the world is the same without them.
"""

from datetime import timedelta
from typing import Final

from opsboard.demo.world.clusters import DemoCluster, DemoConfig
from opsboard.demo.world.company import SERVICES, DemoService
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.world import DemoWorld

LEADER: Final = "leader-election"
ROOT_CERTIFICATE: Final = "kube-root-ca.crt"
LEASE_SECONDS: Final = 15.0
SECRET_VALUE: Final = "canary-of-the-demo"  # noqa: S105 - nobody logs in with it
"""What all Secrets hold: it must not be seen anywhere."""

_MANAGERS: Final = ("kubectl-edit", "argocd-controller", "helm", "kubectl-client-side-apply")
_ENTRIES: Final = ("LOG_LEVEL", "FEATURES", "TIMEOUT_MS", "RETRIES")


class ConfigController:
    """Creates the configuration of the company, and changes it as people and programs do."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self.rng = SeededRandom("configs")

    def seed(self) -> None:
        """Add what each cluster has, and schedule what becomes of it."""
        for cluster in self.world.clusters.values():
            for service in SERVICES:
                self._add_of_service(cluster, service)
            for namespace in cluster.namespaces:
                values = {"ca.crt": "-----BEGIN CERTIFICATE-----"}
                self._add(cluster, namespace, ROOT_CERTIFICATE, "ConfigMap", values)
            self._renew(self._add(cluster, "kube-system", LEADER, "ConfigMap", {}))
        self._schedule()

    def change(self, config: DemoConfig, key: str, value: str, manager: str) -> None:
        """Set an entry of *config*, as *manager* does it."""
        config.values = {**config.values, key: value}
        config.changed_at, config.manager = self.world.now, manager
        self.world.mark_changed(config)

    def _add_of_service(self, cluster: DemoCluster, service: DemoService) -> None:
        values = dict.fromkeys(_ENTRIES, "1")
        self._add(cluster, service.team, f"{service.name}-config", "ConfigMap", values)
        password = {"PASSWORD": SECRET_VALUE}
        self._add(cluster, service.team, f"{service.name}-credentials", "Secret", password)
        release = self._add(
            cluster, service.team, f"sh.helm.release.v1.{service.name}.v1", "Secret",
            {"release": SECRET_VALUE},
        )  # fmt: skip
        release.type = "helm.sh/release.v1"

    def _add(
        self, cluster: DemoCluster, namespace: str, name: str, kind: str, values: dict[str, str]
    ) -> DemoConfig:
        age = timedelta(hours=self.rng.uniform(30, 2_000))
        config = DemoConfig(
            cluster,
            namespace,
            name,
            kind,
            self.rng.uid(),
            created_at=max(cluster.created_at, self.world.now - age),
            changed_at=self.world.now - timedelta(hours=self.rng.uniform(1, 29)),
            manager=self.rng.choice(_MANAGERS),
            values=values,
            type="Opaque" if kind == "Secret" else "",
        )
        cluster.configs[config.uid] = config
        self.world.log_config(config)
        return config

    def _schedule(self) -> None:
        self.world.event_queue.call_later(self.rng.uniform(300, 1_500), self._change_one)

    def _change_one(self) -> None:
        cluster = self.rng.choice(list(self.world.clusters.values()))
        service = self.rng.choice(SERVICES)
        config = next(
            one for one in cluster.configs.values() if one.name == f"{service.name}-config"
        )
        value = str(self.rng.randint(1, 100))
        self.change(config, self.rng.choice(_ENTRIES), value, self.rng.choice(_MANAGERS))
        self._schedule()

    def _renew(self, config: DemoConfig) -> None:
        config.leader_since = self.world.now
        self.world.mark_changed(config)
        self.world.event_queue.call_later(LEASE_SECONDS, lambda: self._renew(config))
