"""What is, and was, true of a world: to hold to it what a board says of a time, and what it joins.

    >>> truth = WorldTruth(world)
    >>> truth.at(when)[ref]                  # the true values of some fields of the record of *ref*
    >>> truth.changes(since, until)          # deployments, aliases, builds, drift, in their order
    >>> truth.outages(since, until)          # when nothing of a workload was ready
    >>> truth.identities()[ref]              # what the thing of *ref* is made of, runs or is about
    >>> truth.joins()                        # the pairs of records that truly hang together

Times are exact. A board learns of a change later, and need not know all of the fields.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from opsboard.demo.world import true_facts as true
from opsboard.demo.world.change_log import Facts, TrueChange
from opsboard.demo.world.ci import DemoWorkflowRun
from opsboard.demo.world.true_identities import true_identities
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Identity, Ref


class TrueJoin(NamedTuple):
    """Two records that truly hang together, in the order of their refs, by *identity*."""

    first: Ref
    second: Ref
    identity: Identity


class TrueOutage(NamedTuple):
    """No pod of the workload *ref* was ready from *since* until *until*."""

    ref: Ref
    since: datetime
    until: datetime


class WorldTruth:
    """The truth about *world*, as it stands now and as far back as it goes."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world

    @property
    def since(self) -> datetime:
        """When the world began: before that nothing is known."""
        return self._world.created_at

    # --- states -----------------------------------------------------------------------------------

    def at(self, when: datetime) -> dict[Ref, Facts]:
        """Return what was true at *when*, by ref; what was not there is left out."""
        log = self._world.change_log
        found = {ref: facts for ref in log.refs() if (facts := log.facts(ref, when)) is not None}
        for run in self._runs():
            if (facts := true.run_facts(run, when)) is not None:
                found[true.run_ref(run)] = facts
        return found

    def of(self, ref: Ref, when: datetime) -> Facts | None:
        """Return what was true of one thing at *when*; ``None`` where it was not there."""
        facts = self._world.change_log.facts(ref, when)
        if facts is None:
            run = next((one for one in self._runs() if true.run_ref(one) == ref), None)
            facts = true.run_facts(run, when) if run is not None else None
        return facts

    def changes(self, since: datetime, until: datetime) -> list[TrueChange]:
        """Return what changed after *since*, until *until*, in the order of time."""
        found = self._world.change_log.changes(since, until)
        for run in self._runs():
            found += _turns(run, since, until)
        return sorted(found, key=lambda change: (change.at, change.ref))

    def outages(self, since: datetime, until: datetime) -> list[TrueOutage]:
        """Return when workloads that should run had no pod that was ready, within two times."""
        found: list[TrueOutage] = []
        down: dict[Ref, datetime] = {
            ref: since for ref, facts in self.at(since).items() if _is_down(facts)
        }
        for change in self.changes(since, until):
            if _is_down(change.facts):
                down.setdefault(change.ref, change.at)
            elif change.ref in down:
                found.append(TrueOutage(change.ref, down.pop(change.ref), change.at))
        found += (TrueOutage(ref, began, until) for ref, began in down.items())
        return sorted(found, key=lambda outage: (outage.since, outage.ref))

    def _runs(self) -> Iterator[DemoWorkflowRun]:
        for repository in self._world.repositories.values():
            yield from repository.runs

    # --- joins ------------------------------------------------------------------------------------

    def identities(self) -> dict[Ref, frozenset[Identity]]:
        """Return what each thing is made of, makes, runs or is about, as the world is now.

        See :mod:`opsboard.demo.world.true_identities`.
        """
        return true_identities(self._world)

    def joins(self) -> frozenset[TrueJoin]:
        """Return all pairs of records that share an identity: one is made of what the other is."""
        by_identity: dict[Identity, list[Ref]] = {}
        for ref, identities in self.identities().items():
            for identity in identities:
                by_identity.setdefault(identity, []).append(ref)
        return frozenset(
            TrueJoin(first, second, identity)
            for identity, refs in by_identity.items()
            for first in refs
            for second in refs
            if first < second
        )


def _is_down(facts: Facts | None) -> bool:
    return bool(facts and facts.get("desired") and not facts.get("ready"))


def _turns(run: DemoWorkflowRun, since: datetime, until: datetime) -> Iterator[TrueChange]:
    """Yield the changes of the state of *run*: it changes at the times of its jobs alone."""
    attempts = [*run.previous_attempts, run]
    times = {run.created_at}
    for attempt in attempts:
        times |= {attempt.triggered_at or run.created_at}
        for job in attempt.jobs:
            times |= {job.queued_at, job.starts_at, job.ends_at}
            times |= {job.waits_since} if job.waits_since else set()
    before: Facts | None = None
    for at in sorted(time for time in times if run.created_at <= time <= until):
        facts = true.run_facts(run, at)
        if facts != before and at > since:
            yield TrueChange(at, true.run_ref(run), facts)
        before = facts
