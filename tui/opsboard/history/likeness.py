"""What two records have in common where nothing joins them: the place, the name, the cluster.

It joins nothing: it only says how far a change may be from a failure.
"""

from collections.abc import Sequence
from typing import Final

from opsboard.records import Record


def place_of(record: Record) -> tuple[str, str]:
    """Return the cluster and the namespace of *record*, empty where it is in none."""
    fields = record.__dict__
    namespace = str(fields.get("namespace") or "")
    return (str(fields.get("cluster") or ""), namespace) if namespace else ("", "")


_CLUSTER_NAMESPACES: Final = frozenset({
    "ingress-nginx", "cert-manager", "traefik", "cilium", "kyverno", "linkerd", "external-dns",
})  # fmt: skip


def is_infrastructure(record: Record, subject: Record) -> bool:
    """Tell whether *record* is of what the cluster of *subject* needs itself: DNS, ingress.

    Of its own namespaces (``kube-...``), and of those that operators are usually installed in
    (``...-system``, as kubebuilder and the distributions name them).
    """
    cluster, namespace = place_of(record)
    if not cluster or cluster != place_of(subject)[0]:
        return False
    own = namespace.startswith("kube-") or namespace.endswith("-system")
    return own or namespace in _CLUSTER_NAMESPACES


def own_name(record: Record) -> str:
    """Return the name of what *record* is of: that of a drift has its version and measure too."""
    return str(record.__dict__.get("model") or record.name)


def is_namesake(one: str, other: str) -> bool:
    """Tell whether one name begins with all words of the other: ``checkout-limits``, ``checkout``.

    The owner of a repository does not count.
    """
    first, second = (_words(name) for name in (one, other))
    short, long = sorted((first, second), key=len)
    return bool(short) and long[: len(short)] == short


def _words(name: str) -> Sequence[str]:
    return name.rpartition("/")[2].casefold().replace("_", "-").replace(" ", "-").split("-")
