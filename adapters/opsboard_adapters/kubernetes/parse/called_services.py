"""The services that a workload calls, by hosts in the variables and arguments of its template.

Of each value only the host is taken, and only where it can be the name of a Service of the same
cluster (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/): ``payments``,
``payments.shop``, ``payments.shop.svc.cluster.local``. What comes from a Secret or a ConfigMap is
not known.
"""

import re
from collections.abc import Iterator
from typing import Final

from opsboard.records import Claim, Strength, stated
from opsboard.records.identity import service_address
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.served_models import literal_values
from opsboard_adapters.kubernetes.structs import V1PodContainer, V1Workload

_LABEL: Final = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = rf"{_LABEL}(?:\.[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?){{0,6}}\.?"
_URL: Final = re.compile(
    rf"[a-z][a-z0-9+.-]*://(?:[^\s/@,]*@)?(?P<host>{_NAME})(?=[:/?#,\s'\"]|\Z)", re.IGNORECASE
)
_WITH_PORT: Final = re.compile(
    rf"(?:\A|(?<=[\s=,'\"]))(?P<host>{_NAME}):\d{{1,5}}(?=[/,\s'\"]|\Z)", re.IGNORECASE
)
_IN_CLUSTER: Final = re.compile(
    rf"(?:\A|(?<=[\s=,'\"/@]))(?P<host>{_LABEL}(?:\.{_LABEL})+\.svc(?:\.[a-z0-9.-]+)?)(?![\w-])",
    re.IGNORECASE,
)
_BARE: Final = re.compile(_NAME, re.IGNORECASE)
_NAMES_A_HOST: Final = re.compile(r"(?:\A|_)(?:HOST|HOSTNAME|ADDR|ADDRESS|ENDPOINT|SERVICE)\Z")
_PUBLIC: Final = frozenset({
    "com", "net", "org", "io", "dev", "app", "cloud", "ai", "co", "edu", "gov", "info", "local",
    "internal", "localhost", "test", "example",
})  # fmt: skip
"""Ends of names of two parts that are no namespaces."""
_NO_SERVICES: Final = frozenset({"localhost", "kubernetes"})
MOST: Final = 40
"""Services that are stated for one workload."""


def called_services(cluster: ClusterContext, item: V1Workload) -> tuple[Claim, ...]:
    """Return the addresses of the services that the pods of *item* are told of."""
    namespace = item.metadata.namespace
    found: dict[tuple[str, str], None] = {}
    for container in item.spec.template.spec.containers:
        for host in _hosts(container):
            if (named := service_of_host(host, namespace)) is not None:
                found[named] = None
    rule = "host in the pod template"
    claims = (service_address(cluster.server, *one, rule, Strength.LABEL) for one in found)
    return stated(*claims)[:MOST]


def own_address(cluster: ClusterContext, item: V1Workload) -> tuple[Claim, ...]:
    """Return the address of the Service that *item* is probably behind: that of its name."""
    meta = item.metadata
    rule = "name of the workload"
    return stated(
        service_address(cluster.server, meta.namespace, meta.name, rule, Strength.CANDIDATE)
    )


def _hosts(container: V1PodContainer) -> Iterator[str]:
    for name, value in literal_values(container).items():
        yield from hosts_in(value)
        if _NAMES_A_HOST.search(name) and _BARE.fullmatch(value):
            yield value
    for text in (*container.command, *container.args):
        yield from hosts_in(text)


def hosts_in(text: str) -> Iterator[str]:
    """Yield the hosts that *text* names: in URLs, before ports, and with ``.svc`` in them."""
    for pattern in (_URL, _WITH_PORT, _IN_CLUSTER):
        yield from (match["host"] for match in pattern.finditer(text[:4_096]))


def service_of_host(host: str, namespace: str) -> tuple[str, str] | None:
    """Return namespace and name of the Service that *host* is in a pod of *namespace*.

    ``None`` for what is a name on the internet, or may be one.
    """
    labels = host.rstrip(".").lower().split(".")
    if "svc" in labels[2:]:
        at = labels.index("svc", 2)
        return labels[at - 1], labels[at - 2]
    if len(labels) == 1:
        return None if labels[0] in _NO_SERVICES else (namespace, labels[0])
    if len(labels) == 2 and labels[1] not in _PUBLIC:
        return labels[1], labels[0]
    return None
