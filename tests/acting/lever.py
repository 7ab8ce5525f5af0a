"""A small world with one lever, an adapter that pulls it, and a reach to that."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from pydantic import BaseModel

from opsboard.acting.actor import Actor, current_actor
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.coordinator import ActionCoordinator
from opsboard.acting.starting.judges import JudgesOf, no_judges
from opsboard.adapter import (
    ActionSpec,
    Adapter,
    Change,
    Check,
    Clock,
    Context,
    Detail,
    Discovery,
    Finding,
    Form,
    HostEnviron,
    Input,
    Option,
    Permit,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Severity,
    Source,
    SourceError,
    SourceSettings,
    TrainingInputs,
    Verdict,
)
from opsboard.adapter.permit import require_permit
from opsboard.board.state import Board
from opsboard.collect.collector import Collector
from opsboard.collect.redact import Redactor
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import Settings
from opsboard.records import Activity, Deployment, Kind, Model, Record, Ref
from tests.board import NOW, deployment

T = TypeVar("T")
NOT_KNOWN = "whether it was ever healthy cannot be known"
REF = Ref("k8s", Kind.DEPLOYMENT, "web")
PULL = ActionSpec("rollback", "Roll back", "Pull the lever.", frozenset({Kind.DEPLOYMENT}))
AGAIN = ActionSpec("restart", "Restart", "Pull it again.", frozenset({Kind.DEPLOYMENT}))


class StillClock:
    """A clock that jumps ahead when somebody sleeps."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class LeverSource(Source):
    """Its lever stands at a number. What goes wrong is put into its attributes."""

    def __init__(self) -> None:
        self.stands = 7
        self.pulled: list[str] = []
        self.error: Exception | None = None
        """Raised instead of pulling, after it was sent."""
        self.error_unsent: Exception | None = None
        """Raised before anything is sent."""
        self.error_after: Exception | None = None
        """Raised after it was pulled."""
        self.settling: list[SourceError] = []
        self.verdict = Verdict.SUCCEEDED
        self.ends = asyncio.Event()
        self.ends.set()
        self.before_pull: Callable[[], None] = lambda: None
        self.after_pull: Callable[[], None] = lambda: None
        self.answer = "pulled"
        self.latest = "3"
        self.numbered = False
        """Whether plans tell what versions are known by, and whether the goal is well."""
        self.severity = Severity.NOTE
        self.uid = ""
        self.options: tuple[int, ...] = ()
        self.trained: TrainingInputs | SourceError = TrainingInputs()
        self.model = Model(source="ml", id="fraud", name="fraud", environment="production")

    def changes(self) -> AsyncIterator[Change]:
        raise NotImplementedError

    def checks(self) -> AsyncIterator[Check]:
        raise NotImplementedError

    async def detail(self, ref: Ref) -> Detail:
        record: Record = deployment()
        if ref.kind is Kind.MODEL:
            record = replace(self.model, latest=self.latest)
        return Detail(record=cast("Any", record))

    async def training_inputs(self, ref: Ref) -> TrainingInputs:
        if isinstance(self.trained, SourceError):
            raise self.trained
        return self.trained

    async def form(self, request: Request) -> Form:
        options = tuple(Option(value=str(n), note=f"lever {n}") for n in self.options)
        if options:
            return Form(inputs=(Input(name="to", type="choice", options=options),))
        return Form(inputs=(Input(name="to", type="integer", default="6"),))

    async def plan(self, request: Request) -> Plan:
        to = request.values.get("to", "6")
        return Plan(
            made_at=NOW,
            action=request.action,
            title="Roll back",
            ref=request.ref,
            target="Deployment shop/web",
            name="web",
            environment="production",
            before=f"revision {self.stands}",
            after=f"revision {to}",
            precondition={"stands": str(self.stands)},
            payload={"to": int(to), "secret": "hunter2-hunter2"},
            target_id=self.uid,
            **(self._numbers(to) if self.numbered else {}),
        )

    def _numbers(self, to: str) -> dict[str, Any]:
        told = Finding(severity=self.severity, text=NOT_KNOWN)
        return {
            "origin": (str(self.stands),), "destination": (to,),
            "findings": (told,), "about_destination": (told.text,),
        }  # fmt: skip

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        with permit.used_for(plan):
            if self.error_unsent is not None:
                raise self.error_unsent
            require_permit(permit, "pulling the lever")
            self.before_pull()
            if self.error is not None:
                raise self.error
            if str(self.stands) != plan.precondition["stands"]:
                raise PreconditionFailed(f"it stands at {self.stands} now", "plan it again")
            self.pulled.append(plan.id)
            self.stands = plan.payload["to"]
            self.after_pull()
            if self.error_after is not None:
                raise self.error_after
        return Receipt(message=self.answer)

    async def observe(self, plan: Plan, receipt: Receipt) -> AsyncIterator[Progress]:
        yield Progress(message="moving", done=1, total=2)
        await self.ends.wait()
        yield Progress(message="arrived", done=2, total=2, verdict=self.verdict)

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        if self.settling:
            raise self.settling.pop(0)
        if self.stands == plan.payload["to"]:
            return ReconcileResult(
                outcome=ReconcileOutcome.DONE,
                message="it was pulled",
                receipt=Receipt(message="pulled"),
            )
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message="it was not pulled")


class HowTo(BaseModel):
    """How a lever trains."""

    what: str = ""


class Lever(Adapter[SourceSettings]):
    """Offers to pull."""

    name = "lever"
    title = "Lever"
    settings = SourceSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.DEPLOYMENT})
    actions = (PULL, AGAIN)
    recipe: ClassVar[type[BaseModel] | None] = HowTo

    @classmethod
    def disabled_reason(cls, offer: ActionSpec, record: Record, settings: SourceSettings) -> str:
        paused = isinstance(record, Deployment) and record.paused
        return "it is paused" if paused and offer is AGAIN else ""

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        return ()

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: SourceSettings, context: Context) -> AsyncIterator[Source]:
        yield LeverSource()


class DirectEngine:
    """Implements :class:`opsboard.acting.engine_port.Reach` in the test's own loop."""

    def __init__(self, sources: dict[str, LeverSource], **settings: Any) -> None:
        self.sources = sources
        self.settings = SourceSettings(**settings)
        self.told: list[Activity] = []
        self.refreshed: list[str | None] = []

    def resolved(self, source: str) -> ResolvedSource | None:
        known = source in self.sources
        return ResolvedSource(source, Lever, self.settings) if known else None

    async def wait_for_sources(self) -> None:
        return

    async def collector(self, source: str) -> Collector:
        if source not in self.sources:
            raise SourceError(f"there is no source called {source!r}")
        return cast("Collector", _Asked(self.sources[source], self.resolved(source)))

    async def collectors(self) -> Sequence[Collector]:
        return [await self.collector(name) for name in self.sources]

    def refresh(self, source: str | None = None) -> None:
        self.refreshed.append(source)

    def publish(self, activities: Sequence[Activity], at: datetime) -> None:
        self.told += activities

    async def run_in_engine(self, work: Coroutine[Any, Any, T]) -> T:
        return await work

    @property
    def last(self) -> Activity:
        """What was told last."""
        return self.told[-1]


class _Asked:
    def __init__(self, source: Source, resolved: ResolvedSource | None) -> None:
        self._source = source
        self.resolved = resolved

    async def source(self) -> Source:
        return self._source

    async def ask(self, question: Callable[[Source], Coroutine[Any, Any, T]]) -> T:
        return await question(self._source)


class Stand:
    """Operations on a lever, with all that they are made of."""

    def __init__(
        self, folder: Path, settings: Settings | None = None, *, actor: Actor | None = None,
        read_only: bool = False, clock: Clock | None = None, lever: LeverSource | None = None,
        board: Board | None = None, judges: JudgesOf = no_judges, **source: Any,
    ) -> None:  # fmt: skip
        self.clock = StillClock()
        self.lever = lever or LeverSource()
        self.engine = DirectEngine({"k8s": self.lever, "ml": self.lever}, **source)
        clock = clock or self.clock
        self.audit = AuditLog(folder, actor or current_actor({}), clock)
        self.redactor = Redactor()
        board = board or Board()
        self.coordinator = ActionCoordinator(
            self.engine, self.audit, clock, self.redactor, settings or Settings(),
            read_only=read_only, on_board=board.get, seen=board.failures, judges=judges,
        )  # fmt: skip

    async def plan(self, action: str = "rollback", **values: str) -> Plan:
        return await self.coordinator.plan(Request(action=action, ref=REF, values=values))

    def told(self) -> list[tuple[str, str]]:
        """Event and result of every entry on record."""
        return [(str(e.event), str(e.result or "")) for e in self.audit.entries()]


async def checked(coordinator: ActionCoordinator, plan: Plan) -> Plan:
    """Return *plan* once all has been told of whether it will start."""
    async for found in coordinator.start_checks(plan):
        plan = found
    return plan
