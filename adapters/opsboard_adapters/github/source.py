"""A connected GitHub host: what changes there, and one thing from near."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from opsboard.adapter import (
    Change,
    Check,
    Complete,
    Condition,
    Context,
    Detail,
    Due,
    Form,
    Gone,
    Health,
    LogLine,
    Malformed,
    NotFound,
    Permit,
    Plan,
    Progress,
    Receipt,
    Report,
    Request,
    Settlement,
    Source,
    SourceError,
    Spent,
    Throttled,
    Unauthenticated,
    Unreachable,
    Upsert,
    background,
)
from opsboard.records import JSON, Ref
from opsboard_adapters.github import checks, logs
from opsboard_adapters.github.act.acting import Acting
from opsboard_adapters.github.act.site import Site
from opsboard_adapters.github.api import Api
from opsboard_adapters.github.deployments import DeploymentsLook
from opsboard_adapters.github.detail import Close
from opsboard_adapters.github.limits import billed
from opsboard_adapters.github.login import Login
from opsboard_adapters.github.organisations import OrganisationLook
from opsboard_adapters.github.pace import Look, Pace, Turn
from opsboard_adapters.github.runs import RunsLook
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.translate import Translator

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
    turn: Turn
    changes: Sequence[Change]
    error: SourceError | None = None


class GitHubSource(Source):
    """Many repositories of one host, through one login."""

    def __init__(
        self,
        settings: GitHubSettings,
        context: Context,
        api: Api,
        translator: Translator,
        login: Login,
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._translator = translator
        self._login = login
        self._acting = Acting(Site(api, context, translator, settings))
        self._pace = Pace(settings, authenticated=bool(login))
        now = context.now()
        self._organisations = [
            OrganisationLook(name, api, settings.repositories_per_organisation)
            for name in dict.fromkeys(settings.organisations)
        ]
        looks: list[Look] = list(self._organisations)
        self._turns = {look.scope: self._pace.turn(look, now) for look in looks}
        self._spent: Spent | None = None
        self._promised: dict[str, float] = {}
        self._named: set[str] = set()
        self._add(settings.repositories)

    # --- what changes ---

    async def changes(self) -> AsyncIterator[Change]:
        now = self._context.now()
        self._spent = None
        self._promised.clear()
        for turn in self._turns.values():
            turn.look.retell()
            turn.hurry(now)
        for change in self._announced():
            yield change
        while True:
            async for change in self._batch(self._due()):
                yield change
            await self._rest()

    def _due(self) -> list[Turn]:
        """Return the turns to take now, the most urgent first, within what is no burst."""
        now = self._context.now()
        room = self._api.limits.room(now)
        due = sorted((t for t in self._turns.values() if t.due_at <= now), key=_urgency)
        spare = max(room - RESERVED, 0)
        quiet = set([turn for turn in due if not turn.look.active][:spare])
        taken = [turn for turn in due if turn.look.active or turn in quiet]
        return taken[: min(BATCH, room)]

    async def _rest(self) -> None:
        """Wait for the next turn. Who is woken before that is asked for news: then all are due."""
        began = self._context.now()
        next_at = min(turn.due_at for turn in self._turns.values())
        pause = (next_at - began).total_seconds()
        if pause <= 0.0:
            if self._due():
                return
            pause = CROWDED
        await self._context.pause(pause)
        now = self._context.now()
        if (now - began).total_seconds() < pause * 0.9:
            for turn in self._turns.values():
                turn.hurry(now)

    async def _batch(self, due: Sequence[Turn]) -> AsyncIterator[Change]:
        """Make the looks of *due* side by side; tell what they bring, in the order it arrives."""
        tasks = [asyncio.create_task(self._take(turn)) for turn in due]
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
        self._pace.plan(self._turns.values(), due, self._api.limits, self._context.now())
        for change in (*self._after(due), *self._promises(), *self._budget()):
            yield change
        self._give_up(due, errors)

    async def _take(self, turn: Turn) -> _Outcome:
        first = turn.interval == 0.0
        try:
            with background(), billed() as bill:
                changes = await turn.look.look()
        except SourceError as error:
            return self._failed(turn, error)
        except Exception as error:
            _log.exception("%s: %s", self._context.name, turn.look.scope)
            cause = f"{type(error).__name__}: {error}"[:200]
            return self._failed(turn, Malformed(f"{turn.look.scope} cannot be read: {cause}", _BUG))
        changed = any(isinstance(change, Upsert | Complete) for change in changes)
        self._pace.done(turn, self._context.now(), bill, changed=changed)
        if changed and not first:
            self._nudge(turn.look.repository)
        return _Outcome(turn, changes)

    def _failed(self, turn: Turn, error: SourceError) -> _Outcome:
        self._pace.failed(turn, missing=isinstance(error, NotFound))
        return _Outcome(turn, self._failure(turn, error), error)

    def _failure(self, turn: Turn, error: SourceError) -> Sequence[Change]:
        """Tell of *error*. What is missing may be back in a moment; said twice, it is gone."""
        report = Report(error.health, turn.look.scope)
        if not turn.missing:
            return (report,)
        self._ask_for_names()
        if turn.missing != CERTAIN:
            return (report,)
        turn.look.retell()
        return (Complete(turn.look.scope, frozenset()), report)

    def _ask_for_names(self) -> None:
        """Ask the organisations soon: a repository that is missing may have left, or a new name."""
        for look in self._organisations:
            self._pace.nudge(self._turns[look.scope], self._context.now())

    def _nudge(self, repository: str) -> None:
        """Look at all of *repository* soon: a run that moves may have deployed."""
        for scope in (f"runs:{repository}", f"deployments:{repository}"):
            if (other := self._turns.get(scope)) is not None:
                self._pace.nudge(other, self._context.now())

    def _give_up(self, due: Sequence[Turn], errors: Sequence[SourceError]) -> None:
        """Raise what concerns the host as a whole; one failing repository is only reported."""
        for error in errors:
            if isinstance(error, Throttled | Unauthenticated):
                raise error
        enough = min(_FEW, len(self._turns))
        if len(errors) == len(due) >= enough and all(isinstance(e, Unreachable) for e in errors):
            raise errors[0]

    def _promises(self) -> Sequence[Change]:
        """Tell how long each scope rests, where that is quite other than was told before."""
        found: list[Change] = []
        for scope, turn in self._turns.items():
            rest = (turn.due_at - turn.looked_at).total_seconds()
            told = self._promised.get(scope, 0.0)
            looked = turn.interval and not turn.failures
            if looked and not told / 2 <= rest <= told * TOLERATED:
                self._promised[scope] = rest
                found.append(Due(scope, rest))
        return found

    def _budget(self) -> Sequence[Change]:
        budget = self._api.limits.budget
        spent = Spent(budget) if budget else None
        if spent is None or spent == self._spent:
            return ()
        self._spent = spent
        return (spent,)

    # --- which repositories ---

    def _after(self, due: Sequence[Turn]) -> Sequence[Change]:
        """Follow what the organisations have brought: new repositories, left ones, pushes."""
        looked = [turn.look for turn in due if isinstance(turn.look, OrganisationLook)]
        if not looked:
            return ()
        for look in looked:
            for repository in look.pushed:
                self._nudge(repository)
        wanted = self._wanted()
        self._add(wanted)
        return [*self._announced(), *self._drop(set(wanted))]

    def _announced(self) -> Sequence[Change]:
        """Name the scopes that were never looked at, so that nobody thinks this is all."""
        new = self._turns.keys() - self._named
        self._named |= new
        starting = Health(condition=Condition.STARTING)
        return [Report(starting, scope) for scope in self._turns if scope in new]

    def _wanted(self) -> Sequence[str]:
        found = [name for look in self._organisations for name in look.repositories]
        return tuple(dict.fromkeys([*self._settings.repositories, *found]))

    def _add(self, repositories: Sequence[str]) -> None:
        now = self._context.now()
        for repository in repositories:
            for look in self._looks(repository):
                if look.scope not in self._turns:
                    self._turns[look.scope] = self._pace.turn(look, now)

    def _looks(self, repository: str) -> Sequence[Look]:
        limit = self._settings.runs_per_repository
        runs = RunsLook(repository, self._api, self._translator, limit)
        if not self._settings.deployments:
            return (runs,)
        return (runs, DeploymentsLook(repository, self._api, self._translator))

    def _drop(self, wanted: set[str]) -> Sequence[Change]:
        left = [
            scope
            for scope, turn in self._turns.items()
            if turn.look.repository and turn.look.repository not in wanted
        ]
        for scope in left:
            del self._turns[scope]
            self._promised.pop(scope, None)
        self._named.difference_update(left)
        return [Gone(scope) for scope in left]

    # --- one thing ---

    async def detail(self, ref: Ref) -> Detail:
        return await Close(self._api, self._translator, self._context.now).detail(ref)

    async def raw(self, ref: Ref) -> JSON:
        return await Close(self._api, self._translator, self._context.now).raw(ref)

    def logs(self, ref: Ref, *, follow: bool = False, tail: int = 1_000) -> AsyncIterator[LogLine]:
        return logs.read_lines(self._api, self._context, ref, follow=follow, tail=tail)

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api, self._login)

    # --- acting ---

    async def form(self, request: Request) -> Form:
        return await self._acting.form(request)

    async def plan(self, request: Request) -> Plan:
        return await self._acting.plan(request)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        receipt = await self._acting.execute(plan, permit)
        self._nudge(str(plan.payload["repository"]))
        return receipt

    def follow(self, plan: Plan, receipt: Receipt) -> AsyncIterator[Progress]:
        return self._acting.follow(plan, receipt)

    async def settle(self, plan: Plan) -> Settlement:
        return await self._acting.settle(plan)
