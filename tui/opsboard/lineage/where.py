"""Where a commit is: built by which runs, in which images, live in which environments.

It is live where what runs is made of it, of the commit that it was merged as, or of one that is
known to contain it; which of these is said. Where nobody knows, that is the answer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from opsboard.environments.rules import in_full
from opsboard.lineage.containment import Containment
from opsboard.lineage.edges import edges_out_of, own_nodes
from opsboard.lineage.graph import Node
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.origin import origin_of
from opsboard.lineage.reversals import Reversal, pick_texts, reversal_texts, reversals
from opsboard.lineage.rollout import commits_of_pods, is_rolling_out, is_scaled_to_zero
from opsboard.lineage.verify import is_image_node
from opsboard.lineage.walk import solid_downstream
from opsboard.records import Build, Deployment, Identity, PullRequest, Record, Ref, Service
from opsboard.records.claims import COMMIT, WORKLOAD
from opsboard.records.commits import short_sha

SHORTEST: Final = 4
"""Digits of a SHA that are enough to look for it, as with git."""
LONGEST: Final = 64
"""Digits of a SHA-256, the longest that git has."""
_MOST_QUOTED: Final = 60


class Presence(StrEnum):
    """Whether a commit is live somewhere."""

    LIVE = "live"
    PARTLY = "being rolled out"
    NOT_YET = "not yet"
    UNKNOWN = "unknown"


_UNTOLD: Final = (Presence.UNKNOWN, "nothing says for sure which commit some of the pods run")


class CommitPlace(NamedTuple):
    """Whether the commit is live in *environment*, by the record *ref* or the service of it.

    *how* says by what that is known, or why it is not. *since* is when what serves there now was
    rolled out; with *since_at_latest*, it was not later than that. *beside* says which commits
    revert it, or are a cherry-pick of it, and are deployed there or may be. *reverted* is whether
    what serves there now is without it, since another commit reverts it; ``None`` where nobody
    knows.
    """

    environment: str
    presence: Presence
    name: str
    ref: Ref
    how: str
    since: datetime | None = None
    since_at_latest: bool = False
    beside: tuple[str, ...] = ()
    reverted: bool | None = False


class CommitWhereabouts(NamedTuple):
    """Where one *commit* is. *merged_as* are the commits that it became where it was merged."""

    commit: Identity
    merged_as: tuple[Identity, ...] = ()
    builds: tuple[Ref, ...] = ()
    images: tuple[Node, ...] = ()
    places: tuple[CommitPlace, ...] = ()

    def where(self, presence: Presence) -> list[CommitPlace]:
        """Return the places in which it is so."""
        return [one for one in self.places if one.presence is presence]


def sha_digits(text: str) -> str:
    """Return the digits of the SHA, or of its beginning, that *text* is, or that a URL ends in.

    Raises :exc:`ValueError`, which says what would be one.
    """
    wanted = text.strip().lower()
    if "/commit" in wanted:
        path = wanted.partition("?")[0].partition("#")[0].rstrip("/")
        wanted = path.rpartition("/")[2].removeprefix("commits").removeprefix("commit")
    if not wanted:
        raise ValueError("name a commit, such as 4f2a9c1")
    if not SHORTEST <= len(wanted) <= LONGEST or set(wanted) - set("0123456789abcdef"):
        quoted = text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}..."
        digits = f"{SHORTEST} to {LONGEST} hexadecimal digits of it"
        raise ValueError(f"{quoted!r} is no commit: give {digits}")
    return wanted


def find_commits(index: LineageIndex, digits: str) -> list[Identity]:
    """Return the commits whose SHA begins with *digits*; several if there are few, or in a fork."""
    return index.starting_with(COMMIT, digits)


def not_stated(digits: str) -> str:
    """Return the sentence for a commit that nothing is known of."""
    return f"nothing on the board states a commit {digits}"


def whereabouts(
    index: LineageIndex,
    containment: Containment,
    commit: Identity,
    services: Iterable[Service] = (),
) -> CommitWhereabouts:
    """Return where *commit* is, as far as that is known for sure.

    *services* are those on the board: an environment of one of the same repository that does not
    say what it runs is told as unknown.
    """
    merged = _merged_as(index, commit)
    content = (commit, *merged)
    reached = [solid_downstream(index, own, 3) for one in content for own in own_nodes(index, one)]
    refs = dict.fromkeys(ref for some in reached for ref in some.refs())
    nodes = dict.fromkeys(node for some in reached for node in some.nodes)
    places = [
        place
        for record in index.records()
        if isinstance(record, Deployment)
        and (place := _place(index, containment, record, content)) is not None
    ]
    places += _untold(services, commit.scope, places)
    return CommitWhereabouts(
        commit,
        merged,
        tuple(ref for ref in refs if isinstance(index.record(ref), Build)),
        tuple(node for node in nodes if is_image_node(index, node)),
        tuple(sorted(places, key=lambda one: (list(Presence).index(one.presence), one.environment,
                                              one.name, one.ref))),
    )  # fmt: skip


def _merged_as(index: LineageIndex, commit: Identity) -> tuple[Identity, ...]:
    """Return the commits that pull requests with *commit* as their head were merged as."""
    found: dict[Identity, None] = {}
    for own in own_nodes(index, commit):
        for edge in edges_out_of(index, own):
            pull = index.record(edge.downstream) if isinstance(edge.downstream, Ref) else None
            if edge.is_candidate or not isinstance(pull, PullRequest):
                continue
            claims = (index.identity(one) for one in pull.outputs if one.type == COMMIT)
            found.update((Identity(*one), None) for one in claims if one != commit)
    return tuple(found)


def _is_workload(index: LineageIndex, record: Record) -> bool:
    return any(one.type == WORKLOAD for one in index.represented(record))


# --- places --------------------------------------------------------------------------------------


def _place(
    index: LineageIndex, containment: Containment, record: Deployment, content: Sequence[Identity]
) -> CommitPlace | None:
    """Return whether *content* is live by *record*; ``None`` where that is of other code."""
    scope = content[0].scope
    deployed = [one for one in origin_of(index, record).commits if one.scope == scope]
    if not deployed:
        return None
    if _is_workload(index, record) and is_rolling_out(record):
        presence, how = _while_rolled_out(index, containment, record, content, deployed)
    else:
        presence, how = _together([_presence(containment, content, one) for one in deployed])
        if is_scaled_to_zero(record) and presence is not Presence.UNKNOWN:
            presence, how = Presence.NOT_YET, "it is scaled to 0: nothing runs"
    return CommitPlace(
        in_full(record.environment),
        presence,
        record.name,
        record.ref,
        how,
        record.deployed_at or record.updated_at,
        record.deployed_at is None and record.updated_at is not None,
        *_beside(containment, content, deployed, presence),
    )


def _beside(
    containment: Containment,
    content: Sequence[Identity],
    deployed: Sequence[Identity],
    presence: Presence,
) -> tuple[tuple[str, ...], bool | None]:
    """Return what is told beside the answer, and whether *content* is reverted.

    Where *content* is not there, a revert of it says nothing.
    """
    picks = [text for one in deployed for text in pick_texts(containment, content, one)]
    if presence not in {Presence.LIVE, Presence.PARTLY}:
        return tuple(dict.fromkeys(picks)), False
    found = [reversals(containment, content, one) for one in deployed]
    texts = [text for some in found for text in reversal_texts(some)]
    each = {_is_reverted(some) for some in found}
    return tuple(dict.fromkeys((*texts, *picks))), each.pop() if len(each) == 1 else None


def _is_reverted(found: Sequence[Reversal]) -> bool | None:
    stands = {one.stands for one in found}
    return True if True in stands else None if None in stands else False


def _while_rolled_out(
    index: LineageIndex,
    containment: Containment,
    record: Deployment,
    content: Sequence[Identity],
    coming: Sequence[Identity],
) -> tuple[Presence, str]:
    """Return whether *content* is live by *record*, of which *coming* is being rolled out."""
    under_way = f"{'/'.join(short_sha(one.value) for one in coming)} is being rolled out"
    after, _ = _together([_presence(containment, content, one) for one in coming])
    told: list[Identity | None] = list(coming) if len(coming) > 1 else []
    running = commits_of_pods(index, record) or told
    if running:
        answers = [_presence(containment, content, one) if one else _UNTOLD for one in running]
        before, how = _together(answers)
    else:
        before, how = Presence.UNKNOWN, "nothing says for sure what runs until then"
    presence = Presence.PARTLY if after is Presence.LIVE and before is not after else before
    return presence, how if set(running) == set(coming) else f"{under_way}; {how}"


def _presence(
    containment: Containment, content: Sequence[Identity], deployed: Identity
) -> tuple[Presence, str]:
    commit, *merged = content
    short = short_sha(deployed.value)
    if deployed == commit:
        return Presence.LIVE, "it is deployed"
    if deployed in merged:
        return Presence.LIVE, f"it was merged as {short}, which is deployed"
    known = [containment.contains(commit.scope, one.value, deployed.value) for one in content]
    if True in known:
        return Presence.LIVE, f"{short} is deployed, which contains it"
    if None not in known or (merged and known[1:] == [False] * len(merged)):
        return Presence.NOT_YET, f"{short} is deployed, which does not contain it"
    return Presence.UNKNOWN, f"{short} is deployed; no source has compared the two"


def _together(answers: Sequence[tuple[Presence, str]]) -> tuple[Presence, str]:
    """Return what several commits that run at once come to."""
    found = {presence for presence, _ in answers}
    how = "; ".join(dict.fromkeys(how for _, how in answers))
    if len(found) == 1:
        return found.pop(), how
    return (Presence.PARTLY if Presence.LIVE in found else Presence.UNKNOWN), how


def _untold(
    services: Iterable[Service], scope: str, places: Iterable[CommitPlace]
) -> list[CommitPlace]:
    """Return the environments of services of the repository *scope* that do not say what runs."""
    told = {place.ref for place in places}
    return [
        CommitPlace(
            state.environment,
            Presence.UNKNOWN,
            service.name,
            service.ref,
            "nothing says for sure which commit runs there",
            state.since,
            state.since_at_latest,
        )
        for service in services
        if service.repository == scope and scope
        for state in service.environments
        if not told & {witness.ref for witness in state.witnesses}
    ]
