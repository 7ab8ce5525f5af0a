"""The pull requests that a record is of, or that its commits came by."""

from collections.abc import Sequence

from opsboard.lineage.index import LineageIndex
from opsboard.records import Record
from opsboard.records.claims import COMMIT, PULL_REQUEST, Identity, Strength


def pull_requests_of(record: Record, index: LineageIndex) -> Sequence[Identity]:
    """Return the pull requests of *record*: those that it states, else those of its commits.

    A commit is of a pull request that it is the head of, or that was merged as it. What is only a
    candidate leads nowhere.
    """
    claims = [one for one in (*record.inputs, *record.outputs) if _is_solid(one.strength)]
    stated = [Identity(*index.identity(one)) for one in claims if one.type == PULL_REQUEST]
    if stated:
        return tuple(dict.fromkeys(stated))
    commits = [index.identity(one) for one in claims if one.type == COMMIT]
    refs = (ref for one in commits for ref in (*index.makers(one), *index.consumers(one)))
    records = (index.record(ref) for ref in dict.fromkeys(refs))
    found = (
        Identity(*index.identity(claim))
        for one in records
        if one is not None
        for claim in one.outputs
        if claim.type == PULL_REQUEST
    )
    return tuple(sorted(dict.fromkeys(found)))


def _is_solid(strength: Strength) -> bool:
    return strength is not Strength.CANDIDATE
