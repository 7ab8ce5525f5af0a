"""Services, Ingresses, and the certificates that a controller of the clusters gets for these."""

from datetime import timedelta
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import (
    Object,
    condition,
    new_object,
    owner_reference,
    stamp,
)
from opsboard.demo.kubernetes.objects.pod_template import selector
from opsboard.demo.world.clusters import DemoCluster, DemoWorkload

PUBLIC: Final = ("storefront", "checkout", "search")
"""Services with an Ingress."""
_UNREADY: Final = ("staging-eu", "search")
"""Where a certificate waits for its order."""


def service_object(workload: DemoWorkload) -> Object:
    """Return the Service in front of *workload*."""
    made = _new(resources.SERVICES, workload)
    number = int(uuid5(NAMESPACE_DNS, f"{workload.uid}.ip").hex[:4], 16)
    made["spec"] = {
        "type": "ClusterIP",
        "clusterIP": f"10.96.{number // 256}.{number % 256}",
        "ports": [{"port": workload.service.port, "protocol": "TCP"}],
        "selector": selector(workload),
    }
    made["status"] = {"loadBalancer": {}}
    return made


def ingress_object(workload: DemoWorkload) -> Object | None:
    """Return the Ingress of *workload*, if it is public."""
    if workload.name not in PUBLIC:
        return None
    made = _new(resources.INGRESSES, workload)
    host = _host(workload)
    made["spec"] = {
        "ingressClassName": "nginx",
        "rules": [{"host": host}],
        "tls": [{"hosts": [host], "secretName": f"{workload.name}-tls"}],
    }
    made["status"] = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}
    return made


def certificate_object(workload: DemoWorkload) -> Object | None:
    """Return the Certificate of the Ingress of *workload*, a custom resource."""
    ingress = ingress_object(workload)
    if ingress is None:
        return None
    owner = owner_reference(
        ingress["apiVersion"], ingress["kind"], workload.name, ingress["metadata"]["uid"]
    )
    uid = str(uuid5(NAMESPACE_DNS, f"{workload.uid}.certificates"))
    name = f"{workload.name}-tls"
    made = new_object(
        resources.CERTIFICATES, name, workload.namespace, uid, workload.created_at, owner=owner
    )
    ready = (workload.cluster.name, workload.name) != _UNREADY
    told = condition(
        "Ready",
        holds=ready,
        at=workload.created_at,
        reason="Ready" if ready else "Pending",
        message="Certificate is up to date" if ready else "Waiting for the order to complete",
    )
    made["spec"] = {"secretName": name, "dnsNames": [_host(workload)]}
    made["status"] = {
        "conditions": [told],
        "notAfter": stamp(workload.created_at + timedelta(days=365)),
    }
    return made


def certificate_definition(cluster: DemoCluster) -> Object:
    """Return the CustomResourceDefinition of the certificates."""
    one = resources.CERTIFICATES
    uid = str(uuid5(NAMESPACE_DNS, f"{cluster.uid}.certificates"))
    made = new_object(
        resources.DEFINITIONS, f"{one.plural}.{one.group}", "", uid, cluster.created_at
    )
    made["spec"] = {
        "group": one.group,
        "scope": "Namespaced",
        "names": {"plural": one.plural, "kind": one.kind, "shortNames": list(one.short)},
    }
    made["status"] = {"conditions": [condition("Established", holds=True, at=cluster.created_at)]}
    return made


def _host(workload: DemoWorkload) -> str:
    return f"{workload.name}.{workload.cluster.name}.harbourside.example"


def _new(resource: resources.FakeApiResource, workload: DemoWorkload) -> Object:
    uid = str(uuid5(NAMESPACE_DNS, f"{workload.uid}.{resource.plural}"))
    return new_object(resource, workload.name, workload.namespace, uid, workload.created_at)
