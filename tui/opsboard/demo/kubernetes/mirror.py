"""Keeps the store of a cluster like the world."""

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.render.batch import cron_object, task_object
from opsboard.demo.kubernetes.render.pods import pod_object
from opsboard.demo.kubernetes.render.policies import autoscaler_object, budget_object
from opsboard.demo.kubernetes.render.rest import namespace_object, node_object, notice_object
from opsboard.demo.kubernetes.render.workloads import (
    RESOURCE_OF,
    revision_objects,
    workload_object,
)
from opsboard.demo.kubernetes.store import Store
from opsboard.demo.world.clusters import Cluster, Cron, Notice, Pod, Task, Workload
from opsboard.demo.world.world import Thing, Touch, World


class Mirror:
    """The store of one cluster, filled with what there is, and told of what changes."""

    def __init__(self, world: World, cluster: Cluster) -> None:
        self.cluster = cluster
        self.store = Store()
        self._fill()
        world.observe(self._touched)

    def _fill(self) -> None:
        cluster = self.cluster
        for name, uid in cluster.namespaces.items():
            self.store.put(resources.NAMESPACES, namespace_object(cluster, name, uid))
        for node in cluster.nodes:
            self.store.put(resources.NODES, node_object(cluster, node))
        for things in (
            cluster.workloads,
            cluster.pods,
            cluster.crons,
            cluster.tasks,
            cluster.notices,
        ):
            for thing in things.values():
                self._put(thing)

    def _touched(self, touch: Touch) -> None:
        if touch.thing.cluster is not self.cluster:
            return
        if touch.gone:
            self._drop(touch.thing)
        else:
            self._put(touch.thing)

    def _put(self, thing: Thing) -> None:
        match thing:
            case Pod():
                self.store.put(resources.PODS, pod_object(thing))
            case Workload():
                self.store.put_owned(thing.uid, revision_objects(thing))
                self.store.put(RESOURCE_OF[thing.kind], workload_object(thing))
                self._put_bounds(thing)
            case Task():
                self.store.put(resources.JOBS, task_object(thing))
            case Cron():
                self.store.put(resources.CRON_JOBS, cron_object(thing))
            case Notice():
                self.store.put(resources.EVENTS, notice_object(thing))

    def _put_bounds(self, workload: Workload) -> None:
        for resource, made in (
            (resources.AUTOSCALERS, autoscaler_object(workload)),
            (resources.BUDGETS, budget_object(workload)),
        ):
            if made is not None:
                self.store.put(resource, made)

    def _drop(self, thing: Thing) -> None:
        key = thing.namespace, thing.name
        match thing:
            case Pod():
                self.store.drop(resources.PODS, key)
            case Task():
                self.store.drop(resources.JOBS, key)
            case Notice():
                self.store.drop(resources.EVENTS, key)
