"""What a record is called where it must not be taken for a namesake.

``deploy #5`` exists in every repository and ``checkout`` in every namespace: whatever names the
target of an action uses :attr:`RecordKind.qualified_name`, so that key hint, menu, form and plan
all say the same: ``acme/shop deploy #5``, ``shop/checkout``.
"""

from typing import NamedTuple

from opsboard.records import Record


def within(repository: str, name: str) -> str:
    """Return both, but not the repository twice: some servers have it in the name."""
    return name if not repository or name.startswith(repository) else f"{repository} {name}"


def without_host(repository: str) -> str:
    """Return *repository* as its own host calls it: ``github.com/acme/api`` is ``acme/api``."""
    host, _, path = repository.partition("/")
    return path if path and "." in host else repository


class Place(NamedTuple):
    """Where a record is: each empty where it is in none, or nobody knows."""

    cluster: str = ""
    namespace: str = ""


def place_of_fields(record: Record) -> Place:
    """Return what the fields of these names say."""
    return Place(getattr(record, "cluster", ""), getattr(record, "namespace", ""))


def within_namespace(record: Record) -> str:
    """Return the name of *record* with its namespace, where it has one."""
    namespace = getattr(record, "namespace", "")
    return f"{namespace}/{record.name}" if namespace else record.name


def cluster_or_source(record: Record) -> str:
    """Return the cluster that *record* is in, or else its source."""
    return getattr(record, "cluster", "") or record.source
