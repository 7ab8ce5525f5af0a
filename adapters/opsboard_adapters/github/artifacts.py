"""What GitHub knows of the images in use: attested provenance, and where they are deployed.

Digests come from other sources (:meth:`ArtifactsPoller.enrich`): what runs in a cluster. All new
ones are asked about with one request for each owner; what is known of a digest is kept for ever.
An owner for whom this is not there, or not permitted, is asked once and then left alone until
somebody asks for news: what a server refuses while it is faulty is there again afterwards.

https://docs.github.com/en/rest/orgs/attestations, https://docs.github.com/en/rest/orgs/artifact-metadata
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from opsboard.adapter import Change, Forbidden, NotFound
from opsboard.records import Artifact, Status
from opsboard.records.claims import IMAGE, Identity, stated
from opsboard.records.identity import image
from opsboard_adapters import http
from opsboard_adapters.attestations.provenance import Provenance
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.provenance import claims_of, provenance_in
from opsboard_adapters.listing.completeness import ScopeDiff

SCOPE: Final = "artifacts"
BATCH: Final = 200
"""Digests in one request; GitHub takes 1,024."""
MAX_DIGESTS: Final = 1_000
METADATA_AT_ONCE: Final = 20
"""Digests whose records of deployment are asked for in one poll."""
AGAIN_AFTER: Final = timedelta(hours=1)
"""After how long a digest is asked about again, of which nothing is known."""
DEPLOYED_AGAIN: Final = timedelta(hours=1)
MISSING_AGAIN: Final = timedelta(hours=6)
"""After how long it is asked again where a digest is deployed, if it was, and if it was not."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Known:
    """What is known of one digest."""

    provenance: Provenance | None = None
    deployed_to: tuple[str, ...] = ()
    deployments_at: datetime | None = None
    asked_at: dict[str, datetime] = field(default_factory=dict)
    """By owner: when its attestations were asked for."""


class ArtifactsPoller:
    """Polls what GitHub knows of digests. Without any in use, nothing is requested."""

    active = False
    repository = ""
    scope = SCOPE

    def __init__(self, source: str, host: RepositoryHost, api: GitHubApi) -> None:
        self._source = source
        self._host = host
        self._api = api
        self.wanted: Callable[[], Sequence[str]] = tuple
        """Returns the repositories whose owners are asked."""
        self._digests: tuple[str, ...] = ()
        self._known: dict[str, _Known] = {}
        self._absent: set[tuple[str, str]] = set()
        self._diff = ScopeDiff(SCOPE)

    def report_again(self) -> None:
        """Report everything at the next poll."""
        self._diff.report_again()

    def ask_again(self) -> None:
        """Ask at the next poll for what was refused, and for what no attestation was known of."""
        self._absent.clear()
        for known in self._known.values():
            known.asked_at.clear()

    def enrich(self, identities: Iterable[Identity]) -> None:
        """Take note of the images among *identities*."""
        digests = sorted(one.value for one in identities if one.type == IMAGE)
        self._digests = tuple(digests[:MAX_DIGESTS])

    async def poll(self) -> Sequence[Change]:
        """Ask about digests that are not known yet; return what has changed."""
        self._known = {digest: self._known.get(digest) or _Known() for digest in self._digests}
        for owner in sorted({name.partition("/")[0] for name in self.wanted()}, key=str.casefold):
            await self._ask_attestations(owner)
            await self._ask_metadata(owner)
        records = (self._record(*one) for one in self._known.items())
        return self._diff.replace([one for one in records if one is not None])

    async def _ask_attestations(self, owner: str) -> None:
        now = self._api.now()
        due = [
            digest
            for digest, known in self._known.items()
            if known.provenance is None
            and ((at := known.asked_at.get(owner)) is None or now - at >= AGAIN_AFTER)
        ][:BATCH]
        if not due or (owner, "attestations") in self._absent:
            return
        body: dict[str, Any] = {"subject_digests": due, "predicate_type": "provenance"}
        found = await self._optional(owner, "attestations", body=body)
        if found is None:
            return
        by_digest = found.get("attestations_subject_digests")
        for digest in due:
            known = self._known[digest]
            known.asked_at[owner] = now
            attested = by_digest.get(digest) if isinstance(by_digest, dict) else None
            known.provenance = provenance_in(attested, digest)

    async def _ask_metadata(self, owner: str) -> None:
        """Ask where digests are deployed: GitHub tells the present, so it is asked again."""
        now = self._api.now()
        due = [
            digest
            for digest, known in self._known.items()
            if known.deployments_at is None
            or now - known.deployments_at
            >= (DEPLOYED_AGAIN if known.deployed_to else MISSING_AGAIN)
        ]
        for digest in due[:METADATA_AT_ONCE]:
            if (owner, "metadata") in self._absent:
                return
            found = await self._optional(owner, "metadata", digest)
            if found is None:
                return
            records = found.get("deployment_records")
            places = map(_place, records if isinstance(records, list) else ())
            known = self._known[digest]
            known.deployments_at = now
            known.deployed_to = tuple(dict.fromkeys(filter(None, places)))

    async def _optional(
        self, owner: str, what: str, digest: str = "", body: object = None
    ) -> dict[str, Any] | None:
        """Return GitHub's answer; ``None``, from now on, where *what* is not there."""
        try:
            if body is not None:
                answer = await self._api.search(f"orgs/{owner}/attestations/bulk-list", body)
            else:
                path = f"orgs/{owner}/artifacts/{digest}/metadata/deployment-records"
                answer = await self._api.get_cached(path)
        except (Forbidden, NotFound) as error:
            self._absent.add((owner, what))
            _log.info("%s of %s are not to be had: %s", what, owner, error.message)
            return None
        return http.read_json(answer)

    def _record(self, digest: str, known: _Known) -> Artifact | None:
        found = known.provenance
        if found is None and not known.deployed_to:
            return None
        return Artifact(
            source=self._source,
            id=digest,
            name=digest[:19],
            status=Status.OK,
            digest=digest,
            repository=found.source.repository if found and found.source else "",
            predicate_type=found.predicate_type if found else "",
            deployed_to=known.deployed_to,
            inputs=claims_of(found, self._host) if found else (),
            outputs=stated(image(digest, "GitHub: subject digest")),
        )


def _place(record: object) -> str:
    """Return where a record of deployment says that it is: ``production in eu-1: shop/cart``."""
    if not isinstance(record, dict):
        return ""
    environment, cluster, name = (
        str(record.get(key) or "") for key in ("logical_environment", "cluster", "deployment_name")
    )
    place = f"{environment} in {cluster}" if environment and cluster else environment or cluster
    return f"{place}: {name}" if place and name else place or name
