"""Which open alerts are of one outage, and which of them is the cause.

By solid joins only: what is about something that another alert's subject is made of stands below
that; several uses of one image, and measures of one version of a model, belong together; and the
run of CI at a commit belongs to what runs of that commit, where that is one thing. Names and times
join nothing here. Where nothing is known for sure, each alert stands for itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from opsboard.environments.rules import in_full
from opsboard.lineage.edges import stated_edges
from opsboard.lineage.graph import Node
from opsboard.lineage.index import LineageIndex, represents, runs
from opsboard.lineage.origin import origin_of
from opsboard.lineage.walk import solid_upstream
from opsboard.records import Alert, AlertState, Drift, Identity, Record, Ref
from opsboard.records.claims import RUN

MOST: Final = 200
"""Open alerts that are looked at, the worst and latest first: of more, no list is read."""
_DEPTH: Final = 6
_PRODUCTION: Final = "production"


class Outage(NamedTuple):
    """The alert *head* and its *members*, others *of* one thing: a cause, a commit, an image."""

    head: Ref
    members: tuple[Ref, ...]
    of: str

    @property
    def text(self) -> str:
        """What stands beside the head while the members are folded away."""
        return f"+{len(self.members)} of the same {self.of}"


class _Subject(NamedTuple):
    """What an alert is about: all that it is made of, and what may be the same of another."""

    alert: Alert
    record: Record
    above: frozenset[Node]
    images: frozenset[Node] = frozenset()
    commits: frozenset[Identity] = frozenset()
    versions: frozenset[Node] = frozenset()

    @property
    def is_run(self) -> bool:
        """Whether it is a run of CI: it may tell of an outage, and is never the cause of one."""
        return represents(self.record.kind, RUN) and not runs(self.record.kind)


_Link: TypeAlias = tuple[Ref, Ref, str]


class OutageGroups:
    """The groups of the open alerts of a board, kept for as long as nothing that they follow from
    changes: which alerts are open, what is stated, and the records that the alerts are about."""

    def __init__(self) -> None:
        self._basis: tuple[object, ...] = ()
        self._groups: tuple[Outage, ...] = ()

    def of(self, index: LineageIndex, alerts: Iterable[Alert]) -> tuple[Outage, ...]:
        """Return what :func:`outages` does."""
        listed = tuple(one for one in alerts if one.state is AlertState.OPEN)
        about = tuple(index.record(one.about) if one.about else None for one in listed)
        basis = (id(index), index.generation, listed, about)
        if basis != self._basis:
            self._groups = outages(index, listed)
            self._basis = basis
        return self._groups


def outages(index: LineageIndex, alerts: Iterable[Alert]) -> tuple[Outage, ...]:
    """Return the groups of the open ones of *alerts*, each with what is behind the others first.

    What somebody has taken note of is in no group: nothing that is open hides behind it.
    """
    listed = sorted((one for one in alerts if one.state is AlertState.OPEN), key=_urgency)[:MOST]
    if len(listed) < 2:
        return ()
    about = {one.about for one in listed}
    found = {
        alert.ref: subject
        for alert in listed
        if (subject := _subject_of(index, alert, about)) is not None
    }
    links = [*_made_of_another(found), *_same(found)]
    links += _runs_of(found, _components(found, links))
    return tuple(
        _outage([found[ref] for ref in refs], links)
        for refs in _components(found, links)
        if len(refs) > 1
    )


def _urgency(alert: Alert) -> tuple[int, bool, float, Ref]:
    elsewhere = in_full(alert.environment) != _PRODUCTION
    return (-alert.status.severity, elsewhere, -alert.since.timestamp(), alert.ref)


def _subject_of(index: LineageIndex, alert: Alert, alerting: set[Ref | None]) -> _Subject | None:
    """Return what *alert* is about, where anything is known of that for sure."""
    record = index.record(alert.about) if alert.about is not None else None
    if record is None:
        return None
    if isinstance(record, Drift):
        direct = (edge for edge in stated_edges(index, record) if not edge.is_candidate)
        above = frozenset(edge.upstream for edge in direct)
        return _Subject(alert, record, above, versions=above)
    origin = origin_of(index, record)
    stated = getattr(record, "commit", "")
    if stated and origin.commits and stated not in {one.value for one in origin.commits}:
        return None  # what it is made of serves on; what fails is of another commit
    above = frozenset(solid_upstream(index, record.ref, _DEPTH).nodes) & alerting - {record.ref}
    images = frozenset(origin.images) if runs(record.kind) else frozenset()
    return _Subject(alert, record, above, images, frozenset(origin.commits))


# --- what joins two ------------------------------------------------------------------------------


def _made_of_another(found: Mapping[Ref, _Subject]) -> list[_Link]:
    of = {one.record.ref: ref for ref, one in found.items()}
    return [
        (of[node], ref, "cause")
        for ref, one in found.items()
        for node in one.above
        if isinstance(node, Ref) and node in of
    ]


def _same(found: Mapping[Ref, _Subject]) -> list[_Link]:
    """Return those that use one image, or measure one version, each with the first that does."""
    links: list[_Link] = []
    first: dict[Node, Ref] = {}
    for ref, one in found.items():
        for word, nodes in (("image", one.images), ("version", one.versions)):
            links += [(first[node], ref, word) for node in nodes if node in first]
            for node in nodes:
                first.setdefault(node, ref)
    return links


def _runs_of(found: Mapping[Ref, _Subject], groups: Sequence[frozenset[Ref]]) -> list[_Link]:
    """Return the runs at the commit of what runs; of several things of one commit, nobody knows."""
    links: list[_Link] = []
    live = [[found[ref] for ref in refs if not found[ref].is_run] for refs in groups]
    alone = [one for refs in groups if len(refs) == 1 for one in map(found.__getitem__, refs)]
    for run in (one for one in alone if one.is_run):
        same = [each for each in live if any(run.commits & other.commits for other in each)]
        if len(same) == 1:
            links.append((same[0][0].alert.ref, run.alert.ref, "commit"))
    return links


def _components(found: Mapping[Ref, _Subject], links: Iterable[_Link]) -> list[frozenset[Ref]]:
    """Return the sets of alerts that *links* join, in the order of *found*."""
    group = {ref: {ref} for ref in found}
    for one, other, _ in links:
        if group[one] is not group[other]:
            group[one] |= group[other]
            for ref in tuple(group[other]):
                group[ref] = group[one]
    return list(dict.fromkeys(map(frozenset, group.values())))


def _outage(subjects: list[_Subject], links: Iterable[_Link]) -> Outage:
    """Return the group of *subjects*: what the others are made of first, and runs of CI last."""
    refs = {one.record.ref for one in subjects}
    ordered = sorted(
        subjects, key=lambda one: (one.is_run, len(one.above & refs), _urgency(one.alert))
    )
    head, *others = (one.alert.ref for one in ordered)
    alerts = {head, *others}
    words = {word for one, other, word in links if one in alerts and other in alerts}
    return Outage(head, tuple(others), words.pop() if len(words) == 1 else "cause")
