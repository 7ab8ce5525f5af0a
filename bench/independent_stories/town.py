"""What a story is written with: a company drawn from a seed, its records, and what happens."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, TypeVar

from opsboard.demo.world.stories import EventKey, Story, StoryEvent, StoryGap
from opsboard.records import Record, Ref

R = TypeVar("R", bound=Record)
Step: TypeAlias = Callable[[Record | None], Record | None]
"""From what a source said of a record to what it says then."""

POLLED: Final = {"kubernetes": 1, "github": 60, "mlflow": 60, "registry": 300}
"""Seconds until a board has what a source says, at most."""
_WORDS: Final = (
    "checkout", "cart", "search", "billing", "ledger", "payouts", "pricing", "catalog", "mail",
    "identity", "sessions", "orders", "stock", "routing", "invoices", "reviews", "quotes",
    "refunds",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A service of a team: where it runs and where it is built."""

    name: str
    team: str
    cluster: str
    environment: str
    namespace: str

    @property
    def repository(self) -> str:
        return f"northwind/{self.name}"

    @property
    def server(self) -> str:
        return f"https://{self.cluster}.k8s.northwind.example:6443"


@dataclass
class Town:
    """The records as they are now, all that happened, and the dice."""

    seed: int
    dice: random.Random
    first: dict[Ref, Record] = field(default_factory=dict)
    planned: list[tuple[datetime, Ref, Step, str]] = field(default_factory=list)
    noise: set[EventKey] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = self.dice.sample(_WORDS, 12)
        self.noon = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(
            days=self.dice.randrange(60), seconds=self.dice.randrange(86_400)
        )
        cluster = self.dice.choice(("prod-eu", "prod-us", "live"))
        self.chance = random.Random(f"calls {self.seed}")  # noqa: S311 - no secret
        self.mine = Place(names[0], "apollo", cluster, "production", "apollo")
        self.neighbours = [
            Place(name, "apollo", cluster, "production", "apollo") for name in names[1:5]
        ]
        self.others = [
            Place(name, team, cluster, "production", team)
            for name, team in zip(
                names[5:9], ("borealis", "borealis", "cassini", "dione"), strict=True
            )
        ]
        self.stage = [
            Place(name, "apollo", "stage-eu", "staging", "apollo-stg") for name in names[:3]
        ]
        called = [*self.neighbours, *self.others]
        self.calls = self.chance.sample(called, self.chance.randrange(2, 5))
        """What the pods of :attr:`mine` are told the address of, as nearly all pods are of some."""
        self._serial = self.dice.randrange(40_000, 90_000)

    def number(self) -> int:
        self._serial += self.dice.randrange(1, 9)
        return self._serial

    def hexes(self, count: int) -> str:
        return "".join(self.dice.choice("0123456789abcdef") for _ in range(count))

    def digest(self) -> str:
        return f"sha256:{self.hexes(64)}"

    def between(self, low: float, high: float) -> timedelta:
        """Return so many minutes, with as many short ones as long ones by their logarithm."""
        return timedelta(minutes=low * (high / low) ** self.dice.random())

    def within(self, since: datetime, until: datetime) -> datetime:
        return since + self.dice.random() * (until - since)

    def put(self, record: R) -> R:
        """Have *record* from the beginning."""
        self.first[record.ref] = record
        return record

    def say(self, at: datetime, record: Record, actor: str = "") -> EventKey:
        """Have a source say *record* from *at* on."""
        self.planned.append((at, record.ref, lambda _: record, actor))
        return EventKey(record.ref, at)

    def amend(self, at: datetime, of: type[R], ref: Ref, step: Callable[[R], R]) -> EventKey:
        """Have a source say from *at* on what *step* makes of the record as it was then."""

        def amended(known: Record | None) -> Record | None:
            if not isinstance(known, of):
                raise TypeError(f"{ref} is {known!r} at {at}")
            return step(known)

        self.planned.append((at, ref, amended, ""))
        return EventKey(ref, at)

    def drop(self, at: datetime, ref: Ref) -> None:
        self.planned.append((at, ref, lambda _: None, ""))

    def told(
        self,
        family: str,
        summary: str,
        symptom: Ref,
        red_at: datetime,
        cause: EventKey,
        *,
        witnesses: tuple[EventKey, ...] = (),
        distance: int,
    ) -> Story:
        """Return the story of what was planned, in the order of time, with a gap now and then."""
        earliest = min(at for at, *_ in self.planned)
        began_at = min(earliest, red_at - timedelta(hours=6)) - self.between(20, 240)
        gaps = self._gaps(began_at, red_at)
        known, events = dict(self.first), list[StoryEvent]()
        for at, ref, step, actor in sorted(self.planned, key=lambda one: one[0]):
            before = known.get(ref)
            after = step(before)
            if after == before:
                continue
            seen = at + timedelta(seconds=self.dice.random() * POLLED[ref.source])
            for gap in gaps:
                if gap.source == ref.source and gap.since < at < gap.until:
                    seen = gap.until
            events.append(StoryEvent(at, seen, before, after, actor))
            if after is None:
                known.pop(ref, None)
            else:
                known[ref] = after
        return Story(
            seed=self.seed,
            family=family,
            summary=summary,
            began_at=began_at,
            initial=tuple(self.first.values()),
            events=tuple(events),
            gaps=gaps,
            symptom=symptom,
            red_at=red_at,
            cause=cause,
            witnesses=frozenset(witnesses),
            distractors=frozenset(
                event.key for event in events if event.key in self.noise and event.at <= red_at
            ),
            distance=distance,
            joins=frozenset(),
        )

    def _gaps(self, since: datetime, until: datetime) -> tuple[StoryGap, ...]:
        if self.dice.random() > 0.2:
            return ()
        source = self.dice.choice(sorted(POLLED))
        begun = self.within(since, until - timedelta(minutes=50))
        ended = begun + self.between(4, 40)
        return (StoryGap(source, begun, ended, "no board"),)
