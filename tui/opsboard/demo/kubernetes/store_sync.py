"""Keeps the store of a cluster in step with the world."""

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.batch import cron_job_object, job_object
from opsboard.demo.kubernetes.objects.configs import RESOURCE_OF as RESOURCE_OF_CONFIG
from opsboard.demo.kubernetes.objects.configs import config_object
from opsboard.demo.kubernetes.objects.core import (
    account_object,
    event_object,
    namespace_object,
    node_object,
)
from opsboard.demo.kubernetes.objects.networking import (
    certificate_definition,
    certificate_object,
    ingress_object,
    service_object,
)
from opsboard.demo.kubernetes.objects.pods import pod_object
from opsboard.demo.kubernetes.objects.policies import autoscaler_object, budget_object
from opsboard.demo.kubernetes.objects.storage import claim_objects
from opsboard.demo.kubernetes.objects.workloads import (
    RESOURCE_OF,
    revision_objects,
    workload_object,
)
from opsboard.demo.kubernetes.store import ClusterStore
from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoConfig,
    DemoCronJob,
    DemoEvent,
    DemoJob,
    DemoPod,
    DemoWorkload,
)
from opsboard.demo.world.world import ClusterChange, ClusterObject, DemoWorld


class FakeStoreSync:
    """Fills the store of one cluster, and updates it at each change of the world."""

    def __init__(self, world: DemoWorld, cluster: DemoCluster) -> None:
        self.cluster = cluster
        self.store = ClusterStore()
        self._fill()
        world.subscribe(self._touched)

    def _fill(self) -> None:
        cluster = self.cluster
        for name, uid in cluster.namespaces.items():
            self.store.put(resources.NAMESPACES, namespace_object(cluster, name, uid))
        for node in cluster.nodes:
            self.store.put(resources.NODES, node_object(cluster, node))
        self.store.put(resources.DEFINITIONS, certificate_definition(cluster))
        for things in (
            cluster.workloads,
            cluster.pods,
            cluster.cron_jobs,
            cluster.jobs,
            cluster.events,
            cluster.configs,
        ):
            for thing in things.values():
                self._put(thing)

    def _touched(self, touch: ClusterChange) -> None:
        if touch.subject.cluster is not self.cluster:
            return
        if touch.deleted:
            self._drop(touch.subject)
        else:
            self._put(touch.subject)

    def _put(self, thing: ClusterObject) -> None:
        match thing:
            case DemoPod():
                self.store.put(resources.PODS, pod_object(thing))
            case DemoWorkload():
                self.store.put_owned(thing.uid, revision_objects(thing))
                self.store.put(RESOURCE_OF[thing.kind], workload_object(thing))
                self.store.put(resources.ACCOUNTS, account_object(thing))
                self._put_around(thing)
            case DemoJob():
                self.store.put(resources.JOBS, job_object(thing))
            case DemoCronJob():
                self.store.put(resources.CRON_JOBS, cron_job_object(thing))
            case DemoConfig():
                self.store.put(RESOURCE_OF_CONFIG[thing.kind], config_object(thing))
            case DemoEvent():
                self.store.put(resources.EVENTS, event_object(thing))

    def _put_around(self, workload: DemoWorkload) -> None:
        for resource, made in (
            (resources.AUTOSCALERS, autoscaler_object(workload)),
            (resources.BUDGETS, budget_object(workload)),
            (resources.SERVICES, service_object(workload)),
            (resources.INGRESSES, ingress_object(workload)),
            (resources.CERTIFICATES, certificate_object(workload)),
        ):
            if made is not None:
                self.store.put(resource, made)
        for claim in claim_objects(workload):
            self.store.put(resources.CLAIMS, claim)

    def _drop(self, thing: ClusterObject) -> None:
        key = thing.namespace, thing.name
        match thing:
            case DemoPod():
                self.store.drop(resources.PODS, key)
            case DemoJob():
                self.store.drop(resources.JOBS, key)
            case DemoEvent():
                self.store.drop(resources.EVENTS, key)
