"""What a story is: the board as it began, what happened, and what the truth of it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.records import Record, Ref

DISTRACTORS: Final = 5
"""Changes beside the cause that each story has at least, at about the same time."""


class EventKey(NamedTuple):
    """Which transition is meant: of *ref*, at the time of its source."""

    ref: Ref
    at: datetime


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """A transition: from *at* on, the source says *after* of what it called *before*.

    *before* is ``None`` for what is new, *after* for what is gone; never both. A board has it at
    *seen_at*: after the next poll, or when somebody looked again. *actor* is who did it, as far as
    the source tells.
    """

    at: datetime
    seen_at: datetime
    before: Record | None
    after: Record | None
    actor: str = ""

    @property
    def ref(self) -> Ref:
        known = self.after or self.before
        if known is None:
            raise ValueError("a transition is of something: before or after")
        return known.ref

    @property
    def key(self) -> EventKey:
        return EventKey(self.ref, self.at)


class StoryGap(NamedTuple):
    """Nobody looked at *source* from *since* until *until*. *reason* is as in the ledger."""

    source: str
    since: datetime
    until: datetime
    reason: str


class StoryJoin(NamedTuple):
    """*downstream* is truly made of, runs or is about *upstream*; *via* is the type of identity."""

    upstream: Ref
    downstream: Ref
    via: str


@dataclass(frozen=True, slots=True)
class Story:
    """A planted cause, what it led to, and all that happened around it.

    *initial* is what sources said at *began_at*; *events* are in the order of their source times,
    and go on for a while after *red_at*, when the record *symptom* went red. *witnesses* are the
    same happening as *cause*, told by another source: GitHub's deployment of a roll-out.
    *distance* is how many joins lie between the symptom and the cause; 0 is the same record.
    *family* groups stories by what was done, *summary* is the truth in a sentence.
    """

    seed: int
    family: str
    summary: str
    began_at: datetime
    initial: tuple[Record, ...]
    events: tuple[StoryEvent, ...]
    gaps: tuple[StoryGap, ...]
    symptom: Ref
    red_at: datetime
    cause: EventKey
    witnesses: frozenset[EventKey]
    distractors: frozenset[EventKey]
    distance: int
    joins: frozenset[StoryJoin]

    def is_cause(self, ref: Ref, at: datetime) -> bool:
        """Return whether the transition of *ref* at *at* is the cause, whoever tells of it."""
        key = EventKey(ref, at)
        return key == self.cause or key in self.witnesses

    def until(self, when: datetime) -> Iterator[StoryEvent]:
        """Yield the events of which a board knows at *when*, in the order of their source times."""
        return (event for event in self.events if event.seen_at <= when)

    def records_at(self, when: datetime) -> dict[Ref, Record]:
        """Return what was true at *when*, by record."""
        records = {record.ref: record for record in self.initial}
        for event in self.events:
            if event.at > when:
                break
            if event.after is None:
                records.pop(event.ref, None)
            else:
                records[event.ref] = event.after
        return records
