"""Where an artifact comes from, by the attestations that GitHub keeps: which commit, which run.

The signature is not verified here, which takes Sigstore's trust root and its transparency log: what
is said is a label, and is called unverified (:mod:`opsboard_adapters.attestations`).

https://docs.github.com/en/rest/repos/attestations
"""

from typing import Final
from urllib.parse import urlsplit

from opsboard.records import Claim
from opsboard.records.claims import Strength, stated
from opsboard.records.identity import ci_run, commit
from opsboard_adapters.attestations.provenance import Provenance, open_provenance
from opsboard_adapters.github.claims import RUN_PATH, RepositoryHost

RULE: Final = "GitHub attestation, unverified signature"


def provenance_in(attestations: object, digest: str) -> Provenance | None:
    """Return the provenance of the artifact *digest*; ``None`` where none names its source, and
    where two attestations contradict each other.
    """
    listed = attestations if isinstance(attestations, list) else ()
    told = [one for each in listed if (one := open_provenance(each, {digest})) is not None]
    found = [one for one in told if one.source is not None and one.source.repository]
    sources = {(one.source.repository, one.source.sha) for one in found if one.source}
    return max(found, key=lambda one: one.invocation) if len(sources) == 1 else None


def claims_of(provenance: Provenance, host: RepositoryHost) -> tuple[Claim, ...]:
    """Return the commit and the run that an artifact is made of, as *provenance* says."""
    source = provenance.source
    parts = urlsplit(provenance.invocation)
    match = RUN_PATH.match(parts.path) if host.has(parts.netloc) else None
    run = ci_run(host.of(match["name"]), match["run"], RULE, Strength.LABEL) if match else None
    made_of = commit(source.uri, source.sha, RULE, Strength.LABEL) if source else None
    return stated(made_of, run)
