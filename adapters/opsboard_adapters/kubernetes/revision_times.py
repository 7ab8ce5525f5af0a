"""Since when StatefulSets and DaemonSets run their revision, as their ControllerRevisions tell it.

One is created when its template is rolled out for the first time. A rollback uses an old one again:
it gives it a new number, and then ``managedFields`` of the number are younger than the object. So
the creation of one that was never used again is when its only roll-out began; of any other one,
that is not known.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.pager import pages
from opsboard_adapters.kubernetes.parse.workloads import TEMPLATE_GENERATION_ANNOTATION
from opsboard_adapters.kubernetes.protocol import ListRequest
from opsboard_adapters.kubernetes.resources import APPS, api_path
from opsboard_adapters.kubernetes.structs import V1RevisionMetadata, controller_of
from opsboard_adapters.listing.completeness import SkippedRecords

WITH_REVISIONS: Final = frozenset({"StatefulSet", "DaemonSet"})
FEW: Final = 3
"""Namespaces that are listed one by one."""
RevisionKey = tuple[str, str, str]
"""Namespace, ``Kind/name`` of the workload, and the revision as its record has it."""


class RevisionTimes:
    """What is known of the revisions of a cluster, and which are asked for."""

    def __init__(self) -> None:
        self._since: dict[RevisionKey, str] = {}
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}
        """Workload -> the revision and generation of which it was last asked for."""
        self._wanted: dict[RevisionKey, None] = {}
        self._is_wanted = asyncio.Event()
        self._answered: set[RevisionKey] = set()

    def since(self, namespace: str, workload: str, number: str, generation: int) -> str:
        """Return when a revision was rolled out for the first and only time, in RFC 3339.

        ``""`` where that is not known, or not yet, and where the *number* is not. It is asked for
        again whenever the spec of the workload has changed: a rollback may have used the revision
        again.
        """
        if not number:
            return ""
        key = namespace, workload, number
        before = self._seen.get(key[:2])
        if before != (number, generation):
            if before and before[0] != number:
                self._since.pop((*key[:2], before[0]), None)
                self._since.pop(key, None)
            self._seen[key[:2]] = number, generation
            self._wanted[key] = None
            self._is_wanted.set()
        return self._since.get(key, "")

    def note(self, item: V1RevisionMetadata) -> None:
        """Take in a ControllerRevision."""
        kind, name = controller_of(item)
        if kind not in WITH_REVISIONS:
            return
        meta = item.metadata
        number = meta.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
        if kind == "StatefulSet":
            number = meta.name.removeprefix(f"{name}-")
        key = meta.namespace, f"{kind}/{name}", number
        if not number or self._seen.get(key[:2], ("", 0))[0] != number:
            return
        self._answered.add(key)
        numbered = {one.time for one in meta.managed_fields if one.fields_v1.revision is not None}
        if numbered == {meta.creation_timestamp} and meta.creation_timestamp:
            self._since[key] = meta.creation_timestamp
        else:
            self._since.pop(key, None)

    async def next_wanted(self) -> list[RevisionKey]:
        """Return what is asked for, as soon as anything is."""
        await self.wait_wanted()
        self._is_wanted.clear()
        wanted, self._wanted = list(self._wanted), {}
        self._answered.difference_update(wanted)
        return wanted

    async def wait_wanted(self) -> None:
        """Wait until anything is asked for."""
        await self._is_wanted.wait()

    def is_lacking(self, wanted: Iterable[RevisionKey]) -> bool:
        """Tell whether no answer had one of *wanted*, which is still of interest."""
        return any(map(self._lacks, wanted))

    def ask_again(self, wanted: Iterable[RevisionKey]) -> None:
        """Ask again for what of *wanted* no answer had."""
        self._wanted.update(dict.fromkeys(filter(self._lacks, wanted)))
        if self._wanted:
            self._is_wanted.set()

    def _lacks(self, key: RevisionKey) -> bool:
        return key not in self._answered and self._seen.get(key[:2], ("", 0))[0] == key[2]


def places_of(wanted: Iterable[RevisionKey], configured: Sequence[str]) -> list[str]:
    """Return the namespaces to list for what is *wanted*; ``""`` stands for all of them.

    All are listed at once where that is allowed and takes fewer requests.
    """
    found = sorted({namespace for namespace, _, _ in wanted})
    return found if configured or len(found) <= FEW else [""]


async def read_revisions(client: ClusterClient, namespace: str, times: RevisionTimes) -> None:
    """Take the revisions of *namespace*, or of all (``""``), in. Raises :exc:`SourceError`."""
    path = api_path(APPS, "controllerrevisions", namespace)
    listing = ListRequest(path, V1RevisionMetadata, SkippedRecords(path), metadata_only=True)
    async for page in pages(client, listing):
        for item in page.objects:
            times.note(item)
