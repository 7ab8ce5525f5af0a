"""SLSA provenance out of GitHub's attestations: which commit and which run an artifact is from.

The signature is not verified here, which takes Sigstore's trust root and its transparency log: what
is said is a label, and is called unverified. A statement about another artifact is not taken.

https://slsa.dev/spec/v1.0/provenance, https://docs.github.com/en/rest/repos/attestations
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from opsboard.records import Claim
from opsboard.records.claims import Strength, stated
from opsboard.records.identity import ci_run, commit, is_commit, repository
from opsboard_adapters.github.claims import RUN_PATH, RepositoryHost

RULE: Final = "GitHub attestation, unverified signature"
SLSA: Final = "https://slsa.dev/provenance/"
MAX_PAYLOAD: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class AttestedSource:
    """Where an artifact comes from, as an attestation says: *repository* as identities write it."""

    repository: str
    sha: str
    run_url: str
    predicate_type: str

    def claims(self, host: RepositoryHost) -> tuple[Claim, ...]:
        """Return the commit and the run that the artifact is made of."""
        parts = urlsplit(self.run_url)
        match = RUN_PATH.match(parts.path) if host.has(parts.netloc) else None
        run = ci_run(host.of(match["name"]), match["run"], RULE, Strength.LABEL) if match else None
        return stated(commit(self.repository, self.sha, RULE, Strength.LABEL), run)


def provenance_in(attestations: object, digest: str) -> AttestedSource | None:
    """Return the provenance of the artifact *digest*; ``None`` where none is told, and where two
    attestations contradict each other.
    """
    found = {one for each in _list(attestations) if (one := _read(each, digest)) is not None}
    commits = {(one.repository, one.sha) for one in found}
    if len(commits) != 1:
        return None
    return max(found, key=lambda one: one.run_url)


def _read(attestation: object, digest: str) -> AttestedSource | None:
    envelope = _map(_map(_map(attestation).get("bundle")).get("dsseEnvelope"))
    payload = str(envelope.get("payload") or "")
    if len(payload) > MAX_PAYLOAD:
        return None
    try:
        statement = _map(json.loads(base64.b64decode(payload, validate=True)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    predicate_type = str(statement.get("predicateType") or "")
    subjects = {
        _map(_map(one).get("digest")).get("sha256") for one in _list(statement.get("subject"))
    }
    if not predicate_type.startswith(SLSA) or digest.removeprefix("sha256:") not in subjects:
        return None
    predicate = _map(statement.get("predicate"))
    where, sha = _source(predicate)
    metadata = _map(_map(predicate.get("runDetails")).get("metadata"))
    run_url = str(metadata.get("invocationId") or "")
    return AttestedSource(where, sha, run_url, predicate_type) if sha else None


def _source(predicate: Mapping[str, Any]) -> tuple[str, str]:
    """Return repository and commit that were built: those of the workflow, where it is named.

    Other dependencies, such as a workflow that is used, have commits too. Of several, none of which
    is the workflow's own, none is taken.
    """
    definition = _map(predicate.get("buildDefinition"))
    workflow = _map(_map(definition.get("externalParameters")).get("workflow"))
    source = _map(_map(predicate.get("invocation")).get("configSource"))
    own = repository(str(workflow.get("repository") or _bare(source.get("uri")) or ""))
    found = dict.fromkeys((*_commits(definition.get("resolvedDependencies")), *_commits([source])))
    fitting = [one for one in found if not own or one[0] == own]
    return fitting[0] if len(fitting) == 1 else ("", "")


def _commits(dependencies: object) -> Iterator[tuple[str, str]]:
    for one in map(_map, _list(dependencies)):
        digest = _map(one.get("digest"))
        sha = str(digest.get("gitCommit") or digest.get("sha1") or "").lower()
        where = repository(_bare(one.get("uri")))
        if is_commit(sha) and where:
            yield where, sha


def _bare(uri: object) -> str:
    """Return the address of a repository without the ref behind it."""
    text = str(uri or "")
    before, separator, _ = text.rpartition("@")
    return before if separator and before.count("/") > 2 else text


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
