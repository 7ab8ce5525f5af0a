"""The controllers that move a world: what a CI server, a cluster and a training platform would do.

The world (:class:`~opsboard.demo.world.world.DemoWorld`) is data and an event queue. It knows
none of its controllers, and these know no server.
"""

from dataclasses import dataclass

from opsboard.demo.world.configs import ConfigController
from opsboard.demo.world.cron_jobs import CronJobController
from opsboard.demo.world.delivery import DeliveryController
from opsboard.demo.world.infrastructure import InfrastructureController
from opsboard.demo.world.kubelet import DemoKubelet
from opsboard.demo.world.rollouts import RolloutController
from opsboard.demo.world.training import TrainingController
from opsboard.demo.world.user_actions import UserActions
from opsboard.demo.world.world import DemoWorld


@dataclass(frozen=True, slots=True)
class WorldControllers:
    """The controllers of one world.

    The fake servers send what their clients ask for here: a patched workload to :attr:`rollouts`,
    a new job to :attr:`cron_jobs`, a re-run to :attr:`user_actions`, an alias to :attr:`training`.
    """

    kubelet: DemoKubelet
    rollouts: RolloutController
    delivery: DeliveryController
    training: TrainingController
    cron_jobs: CronJobController
    user_actions: UserActions
    configs: ConfigController
    infrastructure: InfrastructureController

    @classmethod
    def of(cls, world: DemoWorld) -> "WorldControllers":
        """Return controllers of *world* that have not scheduled anything yet."""
        kubelet = DemoKubelet(world)
        rollouts = RolloutController(world, kubelet)
        delivery = DeliveryController(world, rollouts)
        training = TrainingController(world)
        return cls(
            kubelet=kubelet,
            rollouts=rollouts,
            delivery=delivery,
            training=training,
            cron_jobs=CronJobController(world, kubelet),
            user_actions=UserActions(world, delivery, training),
            configs=ConfigController(world),
            infrastructure=InfrastructureController(world),
        )

    def start(self) -> None:
        """Schedule what happens without anybody asking: pushes, nightly runs, trainings."""
        self.delivery.start()
        self.training.start()
