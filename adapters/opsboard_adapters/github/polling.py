"""Polls the repositories of one host: which, when, and what changed.

The repositories are those of the settings and those that the configured organisations have. Each
has a poller for its runs and one for its deployments; :mod:`.scheduler` says when each is due.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opsboard.adapter import (
    BudgetUpdate,
    Change,
    Complete,
    Condition,
    Context,
    Due,
    Health,
    Malformed,
    NotFound,
    Report,
    ScopeRemoved,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
    Upsert,
    background,
    read_since,
)
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.artifacts import ArtifactsPoller
from opsboard_adapters.github.commit_facts import CommitFacts
from opsboard_adapters.github.deployments import DeploymentsPoller
from opsboard_adapters.github.last_scopes import LAST, LastScopes
from opsboard_adapters.github.organisations import OrganisationPoller
from opsboard_adapters.github.rate_limits import counting_requests
from opsboard_adapters.github.runs import RunsPoller
from opsboard_adapters.github.scheduler import Poller, PollScheduler, PollSlot
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.translate import GitHubTranslator

BATCH: Final = 50
"""Polls in one batch, after which active pollers are considered again."""
RESERVED: Final = 100
"""Requests of a minute that are reserved for active repositories."""
CROWDED: Final = 1.0
"""Seconds to wait where the requests of the last minute leave room for none."""
CERTAIN: Final = 2
"""Consecutive "not found" answers after which the records of a repository are removed."""
TOLERATED: Final = 1.25
"""How much longer than announced an interval may be; a board tolerates more than that."""
_FEW: Final = 3
_BUG: Final = "this is a fault of the adapter; the program's log has more"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    slot: PollSlot
    changes: Sequence[Change]
    error: SourceError | None = None
    answered: int = 0


class RepositoryPolling:
    """The pollers of one source, and the changes that they report."""

    def __init__(
        self,
        settings: GitHubSettings,
        context: Context,
        api: GitHubApi,
        translator: GitHubTranslator,
        *,
        facts: CommitFacts | None = None,
        images: ArtifactsPoller | None = None,
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._translator = translator
        self._scheduler = PollScheduler(settings, authenticated=api.limits.authenticated)
        now = context.now()
        self._organisations = [
            OrganisationPoller(name, api, settings.repositories_per_organisation)
            for name in dict.fromkeys(settings.organisations)
        ]
        self._facts = facts
        self._images = images
        pollers: list[Poller] = list(self._organisations)
        for one in (facts, images):
            if one is not None:
                one.wanted = self.wanted
                pollers.append(one)
        self._slots = {poller.scope: self._scheduler.slot(poller, now) for poller in pollers}
        self._last = LastScopes(self._slots, context.now)
        self._reported_budget: BudgetUpdate | None = None
        self._announced_intervals: dict[str, float] = {}
        self._named: set[str] = set()
        self._add(settings.repositories)

    async def changes(self) -> AsyncIterator[Change]:
        """Poll for ever; yield what changes. Begins with a full report of everything."""
        now = self._context.now()
        self._reported_budget = None
        self._announced_intervals.clear()
        self._last.report_again()
        for slot in self._slots.values():
            slot.poller.report_again()
        self._expedite_all(now)
        for change in self._starting():
            yield change
        while True:
            async for change in self._poll_batch(self._due()):
                yield change
            await self._pause()

    def _due(self) -> list[PollSlot]:
        """Return the slots to poll now, the most urgent first, without making a burst."""
        now = self._context.now()
        available = self._api.limits.available_now(now)
        waiting = [slot for slot in self._slots.values() if slot.due_at <= now]
        due = [slot for slot in waiting if not self._last.is_held_back(slot)]
        due.sort(key=lambda slot: slot.urgency)
        spare = max(available - RESERVED, 0)
        quiet = set([slot for slot in due if not slot.poller.active][:spare])
        taken = [slot for slot in due if slot.poller.active or slot in quiet]
        return taken[: min(BATCH, available)]

    async def _pause(self) -> None:
        """Wait until the next slot is due. A wake-up before that is a request for news: poll
        everything.
        """
        began = self._context.now()
        for slot in self._last.unanswered():
            slot.expedite(began)
        next_at = min(s.due_at for s in self._slots.values() if not self._last.is_held_back(s))
        pause = (next_at - began).total_seconds()
        if pause <= 0.0:
            if self._due():
                return
            pause = CROWDED
        await self._context.pause(pause)
        now = self._context.now()
        if (now - began).total_seconds() < pause * 0.9 and not self.is_enriching:
            self._expedite_all(now)

    def _expedite_all(self, now: datetime) -> None:
        """Poll everything *now*, and ask again for what was not to be had."""
        for one in (self._facts, self._images):
            if one is not None:
                one.ask_again()
        for slot in self._slots.values():
            slot.expedite(now)

    async def _poll_batch(self, due: Sequence[PollSlot]) -> AsyncIterator[Change]:
        """Poll the *due* slots side by side; yield their changes as they arrive."""
        tasks = [asyncio.create_task(self._poll_one(slot)) for slot in due]
        failed: list[tuple[PollSlot, SourceError]] = []
        try:
            for arrival in asyncio.as_completed(tasks):
                outcome = await arrival
                if outcome.error is not None:
                    failed.append((outcome.slot, outcome.error))
                for change in outcome.changes:
                    yield change
                outcome.slot.answered = outcome.answered
        finally:
            for task in tasks:
                task.cancel()
        self._scheduler.plan(self._slots.values(), due, self._api.limits, self._context.now())
        for change in (*self._follow_organisations(due), *self._intervals(), *self._budget()):
            yield change
        for change in self._last.follow_failures(failed):
            yield change
        self._raise_host_errors(due, failed)

    async def _poll_one(self, slot: PollSlot) -> _Outcome:
        first, stated = slot.interval == 0.0, self._last.stated
        began = self._context.now()
        try:
            with background(), counting_requests() as cost:
                changes = [read_since(change, began) for change in await slot.poller.poll()]
        except SourceError as error:
            return self._failed(slot, error, stated)
        except Exception as error:
            _log.exception("%s: %s", self._context.name, slot.poller.scope)
            cause = f"{type(error).__name__}: {error}"[:200]
            unreadable = Malformed(f"{slot.poller.scope} cannot be read: {cause}", _BUG)
            return self._failed(slot, unreadable, stated)
        changed = any(isinstance(change, Upsert | Complete) for change in changes)
        self._scheduler.succeeded(slot, self._context.now(), cost, changed=changed)
        if changed and not first:
            self.expedite(slot.poller.repository)
        self._follow_commits(slot, changes)
        has_more = slot.poller is self._facts and self._facts.has_more
        return _Outcome(slot, changes, answered=slot.answered if has_more else stated)

    def _follow_commits(self, slot: PollSlot, changes: Sequence[Change]) -> None:
        """Ask about new commits, and build runs again whose default branch is known now."""
        if self._facts is None:
            return
        if slot.poller is self._facts:
            for repository in self._facts.renewed:
                self.expedite(repository)
        elif slot.poller.repository and self._facts.note(slot.poller.repository, changes):
            self._scheduler.expedite(self._slots[self._facts.scope], self._context.now())

    def _failed(self, slot: PollSlot, error: SourceError, stated: int) -> _Outcome:
        self._scheduler.failed(slot, missing=isinstance(error, NotFound))
        return _Outcome(slot, self._failure(slot, error), error, stated)

    def _failure(self, slot: PollSlot, error: SourceError) -> Sequence[Change]:
        """Report *error*. What is missing once may be back in a moment; missing twice, its records
        go.
        """
        report = Report(error.health, slot.poller.scope)
        if not slot.missing:
            return (report,)
        self._expedite_organisations()
        if slot.missing != CERTAIN:
            return (report,)
        slot.poller.report_again()
        return (ScopeRemoved(slot.poller.scope), report)  # 404 is what a lost right looks like, too

    def _expedite_organisations(self) -> None:
        """Poll the organisations soon: a missing repository may have left, or been renamed."""
        for poller in self._organisations:
            self._scheduler.expedite(self._slots[poller.scope], self._context.now())

    def expedite(self, repository: str) -> None:
        """Poll all of *repository* soon: an active run may have deployed."""
        for scope in (f"runs:{repository}", f"deployments:{repository}"):
            if (other := self._slots.get(scope)) is not None:
                self._scheduler.expedite(other, self._context.now())

    def note_stated(self) -> None:
        """Poll the last scopes as soon as that may be: others have stated something."""
        self._last.stated += 1

    @property
    def is_enriching(self) -> bool:
        """Whether they have yet to be polled since then."""
        return any(self._last.unanswered())

    def _raise_host_errors(
        self, due: Sequence[PollSlot], failed: Sequence[tuple[PollSlot, SourceError]]
    ) -> None:
        """Raise errors that concern the whole host; one failing repository is only reported."""
        for _, error in failed:
            if isinstance(error, Throttled | Unauthenticated):
                raise error
        polled = [slot for slot in due if slot.poller.scope not in LAST]
        errors = [error for slot, error in failed if slot.poller.scope not in LAST]
        enough = min(_FEW, len(self._last.others()))
        if len(errors) == len(polled) >= enough and all(isinstance(e, Unreachable) for e in errors):
            raise errors[0]

    def _intervals(self) -> Sequence[Change]:
        """Report how long each scope rests, where that differs much from what was last reported."""
        found: list[Change] = []
        for scope, slot in self._slots.items():
            rest = (slot.due_at - slot.polled_at).total_seconds()
            announced = self._announced_intervals.get(scope, 0.0)
            polled = slot.interval and not slot.failures
            if polled and not announced / 2 <= rest <= announced * TOLERATED:
                self._announced_intervals[scope] = rest
                found.append(Due(scope, rest))
        return found

    def _budget(self) -> Sequence[Change]:
        budget = self._api.limits.budget
        update = BudgetUpdate(budget) if budget else None
        if update is None or update == self._reported_budget:
            return ()
        self._reported_budget = update
        return (update,)

    # --- which repositories ---

    def _follow_organisations(self, due: Sequence[PollSlot]) -> Sequence[Change]:
        """Follow up on polled organisations: new repositories, removed ones, and pushes."""
        polled = [slot.poller for slot in due if isinstance(slot.poller, OrganisationPoller)]
        if not polled:
            return ()
        for poller in polled:
            for repository in poller.pushed:
                self.expedite(repository)
        wanted = self.wanted()
        self._add(wanted)
        return [*self._starting(), *self._drop(set(wanted))]

    def _starting(self) -> Sequence[Change]:
        """Report the scopes that were never polled as starting, so that the board knows of them."""
        new = self._slots.keys() - self._named
        self._named |= new
        starting = Health(condition=Condition.STARTING)
        return [Report(starting, scope) for scope in self._slots if scope in new]

    def wanted(self) -> Sequence[str]:
        """Return the repositories that are polled."""
        found = [name for poller in self._organisations for name in poller.repositories]
        return tuple(dict.fromkeys([*self._settings.repositories, *found]))

    def _add(self, repositories: Sequence[str]) -> None:
        now = self._context.now()
        for repository in repositories:
            for poller in self._pollers(repository):
                if poller.scope not in self._slots:
                    self._slots[poller.scope] = self._scheduler.slot(poller, now)

    def _pollers(self, repository: str) -> Sequence[Poller]:
        limit = self._settings.runs_per_repository
        runs = RunsPoller(repository, self._api, self._translator, limit)
        if not self._settings.deployments:
            return (runs,)
        return (runs, DeploymentsPoller(repository, self._api, self._translator))

    def _drop(self, wanted: set[str]) -> Sequence[Change]:
        left = [
            scope
            for scope, slot in self._slots.items()
            if slot.poller.repository and slot.poller.repository not in wanted
        ]
        for scope in left:
            del self._slots[scope]
            self._announced_intervals.pop(scope, None)
        self._named.difference_update(left)
        return [ScopeRemoved(scope) for scope in left]
