"""A connected GitHub host: what changes there, and one thing from near."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from opsboard.adapter import (
    BudgetUpdate,
    Change,
    Check,
    Complete,
    Condition,
    Context,
    Detail,
    Due,
    Form,
    Health,
    LogLine,
    Malformed,
    NotFound,
    Permit,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Report,
    Request,
    ScopeRemoved,
    Source,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
    Upsert,
    background,
)
from opsboard.records import JSON, Ref
from opsboard_adapters.github import checks, logs
from opsboard_adapters.github.actions.runner import action_runner
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.deployments import DeploymentsPoller
from opsboard_adapters.github.detail import DetailReader
from opsboard_adapters.github.login import GitHubLogin
from opsboard_adapters.github.organisations import OrganisationPoller
from opsboard_adapters.github.rate_limits import counting_requests
from opsboard_adapters.github.runs import RunsPoller
from opsboard_adapters.github.scheduler import Poller, PollScheduler, PollSlot
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.translate import GitHubTranslator

BATCH: Final = 50
"""Looks that are made before the quickest are considered again."""
RESERVED: Final = 100
"""Requests of a minute that are kept for repositories where something moves."""
CROWDED: Final = 1.0
"""Seconds to wait where so much was asked of late that nothing may be."""
CERTAIN: Final = 2
"""Answers in a row that a repository is not there, until its records are let go."""
TOLERATED: Final = 1.25
"""Times that a rest may be longer than was told; a board allows for more than that."""
_FEW: Final = 3
_BUG: Final = "this is a fault of the adapter; the program's log has more"
_log = logging.getLogger(__name__)
_urgency = attrgetter("urgency")


@dataclass(frozen=True, slots=True)
class _Outcome:
    slot: PollSlot
    changes: Sequence[Change]
    error: SourceError | None = None


class GitHubSource(Source):
    """Many repositories of one host, through one login."""

    def __init__(
        self,
        settings: GitHubSettings,
        context: Context,
        api: GitHubApi,
        translator: GitHubTranslator,
        login: GitHubLogin,
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._translator = translator
        self._login = login
        self._actions = action_runner(api, context, settings, translator.web)
        self._scheduler = PollScheduler(settings, authenticated=bool(login))
        now = context.now()
        self._organisations = [
            OrganisationPoller(name, api, settings.repositories_per_organisation)
            for name in dict.fromkeys(settings.organisations)
        ]
        pollers: list[Poller] = list(self._organisations)
        self._slots = {poller.scope: self._scheduler.slot(poller, now) for poller in pollers}
        self._spent: BudgetUpdate | None = None
        self._promised: dict[str, float] = {}
        self._named: set[str] = set()
        self._add(settings.repositories)

    # --- what changes ---

    async def changes(self) -> AsyncIterator[Change]:
        now = self._context.now()
        self._spent = None
        self._promised.clear()
        for slot in self._slots.values():
            slot.poller.report_again()
            slot.expedite(now)
        for change in self._announced():
            yield change
        while True:
            async for change in self._batch(self._due()):
                yield change
            await self._rest()

    def _due(self) -> list[PollSlot]:
        """Return the turns to take now, the most urgent first, within what is no burst."""
        now = self._context.now()
        room = self._api.limits.available_now(now)
        due = sorted((t for t in self._slots.values() if t.due_at <= now), key=_urgency)
        spare = max(room - RESERVED, 0)
        quiet = set([slot for slot in due if not slot.poller.active][:spare])
        taken = [slot for slot in due if slot.poller.active or slot in quiet]
        return taken[: min(BATCH, room)]

    async def _rest(self) -> None:
        """Wait for the next turn. Who is woken before that is asked for news: then all are due."""
        began = self._context.now()
        next_at = min(slot.due_at for slot in self._slots.values())
        pause = (next_at - began).total_seconds()
        if pause <= 0.0:
            if self._due():
                return
            pause = CROWDED
        await self._context.pause(pause)
        now = self._context.now()
        if (now - began).total_seconds() < pause * 0.9:
            for slot in self._slots.values():
                slot.expedite(now)

    async def _batch(self, due: Sequence[PollSlot]) -> AsyncIterator[Change]:
        """Make the looks of *due* side by side; tell what they bring, in the order it arrives."""
        tasks = [asyncio.create_task(self._take(slot)) for slot in due]
        errors: list[SourceError] = []
        try:
            for arrival in asyncio.as_completed(tasks):
                outcome = await arrival
                if outcome.error is not None:
                    errors.append(outcome.error)
                for change in outcome.changes:
                    yield change
        finally:
            for task in tasks:
                task.cancel()
        self._scheduler.plan(self._slots.values(), due, self._api.limits, self._context.now())
        for change in (*self._after(due), *self._promises(), *self._budget()):
            yield change
        self._give_up(due, errors)

    async def _take(self, slot: PollSlot) -> _Outcome:
        first = slot.interval == 0.0
        try:
            with background(), counting_requests() as bill:
                changes = await slot.poller.poll()
        except SourceError as error:
            return self._failed(slot, error)
        except Exception as error:
            _log.exception("%s: %s", self._context.name, slot.poller.scope)
            cause = f"{type(error).__name__}: {error}"[:200]
            return self._failed(
                slot, Malformed(f"{slot.poller.scope} cannot be read: {cause}", _BUG)
            )
        changed = any(isinstance(change, Upsert | Complete) for change in changes)
        self._scheduler.succeeded(slot, self._context.now(), bill, changed=changed)
        if changed and not first:
            self._nudge(slot.poller.repository)
        return _Outcome(slot, changes)

    def _failed(self, slot: PollSlot, error: SourceError) -> _Outcome:
        self._scheduler.failed(slot, missing=isinstance(error, NotFound))
        return _Outcome(slot, self._failure(slot, error), error)

    def _failure(self, slot: PollSlot, error: SourceError) -> Sequence[Change]:
        """Tell of *error*. What is missing may be back in a moment; said twice, it is gone."""
        report = Report(error.health, slot.poller.scope)
        if not slot.missing:
            return (report,)
        self._ask_for_names()
        if slot.missing != CERTAIN:
            return (report,)
        slot.poller.report_again()
        return (Complete(slot.poller.scope, frozenset()), report)

    def _ask_for_names(self) -> None:
        """Ask the organisations soon: a repository that is missing may have left, or a new name."""
        for poller in self._organisations:
            self._scheduler.expedite(self._slots[poller.scope], self._context.now())

    def _nudge(self, repository: str) -> None:
        """Look at all of *repository* soon: a run that moves may have deployed."""
        for scope in (f"runs:{repository}", f"deployments:{repository}"):
            if (other := self._slots.get(scope)) is not None:
                self._scheduler.expedite(other, self._context.now())

    def _give_up(self, due: Sequence[PollSlot], errors: Sequence[SourceError]) -> None:
        """Raise what concerns the host as a whole; one failing repository is only reported."""
        for error in errors:
            if isinstance(error, Throttled | Unauthenticated):
                raise error
        enough = min(_FEW, len(self._slots))
        if len(errors) == len(due) >= enough and all(isinstance(e, Unreachable) for e in errors):
            raise errors[0]

    def _promises(self) -> Sequence[Change]:
        """Tell how long each scope rests, where that is quite other than was told before."""
        found: list[Change] = []
        for scope, slot in self._slots.items():
            rest = (slot.due_at - slot.polled_at).total_seconds()
            told = self._promised.get(scope, 0.0)
            looked = slot.interval and not slot.failures
            if looked and not told / 2 <= rest <= told * TOLERATED:
                self._promised[scope] = rest
                found.append(Due(scope, rest))
        return found

    def _budget(self) -> Sequence[Change]:
        budget = self._api.limits.budget
        spent = BudgetUpdate(budget) if budget else None
        if spent is None or spent == self._spent:
            return ()
        self._spent = spent
        return (spent,)

    # --- which repositories ---

    def _after(self, due: Sequence[PollSlot]) -> Sequence[Change]:
        """Follow what the organisations have brought: new repositories, left ones, pushes."""
        looked = [slot.poller for slot in due if isinstance(slot.poller, OrganisationPoller)]
        if not looked:
            return ()
        for poller in looked:
            for repository in poller.pushed:
                self._nudge(repository)
        wanted = self._wanted()
        self._add(wanted)
        return [*self._announced(), *self._drop(set(wanted))]

    def _announced(self) -> Sequence[Change]:
        """Name the scopes that were never looked at, so that nobody thinks this is all."""
        new = self._slots.keys() - self._named
        self._named |= new
        starting = Health(condition=Condition.STARTING)
        return [Report(starting, scope) for scope in self._slots if scope in new]

    def _wanted(self) -> Sequence[str]:
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
            self._promised.pop(scope, None)
        self._named.difference_update(left)
        return [ScopeRemoved(scope) for scope in left]

    # --- one thing ---

    async def detail(self, ref: Ref) -> Detail:
        return await DetailReader(self._api, self._translator, self._context.now).detail(ref)

    async def raw(self, ref: Ref) -> JSON:
        return await DetailReader(self._api, self._translator, self._context.now).raw(ref)

    def logs(self, ref: Ref, *, follow: bool = False, tail: int = 1_000) -> AsyncIterator[LogLine]:
        return logs.read_lines(self._api, self._context, ref, follow=follow, tail=tail)

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api, self._login)

    # --- acting ---

    async def form(self, request: Request) -> Form:
        return await self._actions.form(request)

    async def plan(self, request: Request) -> Plan:
        return await self._actions.plan(request)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        receipt = await self._actions.execute(plan, permit)
        self._nudge(str(plan.payload["repository"]))
        return receipt

    def observe(self, plan: Plan, receipt: Receipt) -> AsyncIterator[Progress]:
        return self._actions.observe(plan, receipt)

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        return await self._actions.reconcile(plan)
