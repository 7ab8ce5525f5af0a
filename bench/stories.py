"""Is the cause among the first three of "what changed before it went red"?

    python -m bench stories
    python -m bench.stories COUNT SEED      # other stories, and the figures of each family

Each story of :mod:`opsboard.demo.world.stories` has one planted cause and at least five other
changes at about the same time. Its transitions, gaps and records at the time of the failure are
ranked as the screen ranks them, and beside it by the obvious other way: the latest change first.
The seeds of the stories are drawn from one number, so that they are not chosen.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bench.harness import BenchOptions
from bench.report import Figure
from opsboard.demo.world.stories import Story, story, third_party_kinds
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.before_red import PriorChange, before_red
from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.relations import index_before, relations_of

FIRST: Final = 3
COUNT: Final = 200
SEED: Final = 20_261_127
"""What the seeds of the reported stories are drawn from; none of them was looked at before."""
MOST_MISSED: Final = 10.0
"""Per cent."""


@frozen_unchecked
class StoryResult(Frozen):
    """Where the cause stood (from 1; 0: it was not listed), by the ranking and by time alone."""

    seed: int
    family: str
    ranked: int
    latest_first: int
    listed: int


def run_story(seed: int) -> StoryResult:
    """Rank what changed before the failure of one story."""
    with third_party_kinds():
        return _ranked(story(seed))


def _ranked(told: Story) -> StoryResult:
    """Rank what changed before the failure that is *told*."""
    transitions = transitions_of(told)
    records = told.records_at(told.red_at)
    subject = records[told.symptom]
    index = index_before(records.values(), transitions)
    found = before_red(
        subject,
        told.red_at,
        transitions,
        relations=relations_of(index, subject.ref),
        gaps=gaps_of(told),
        since=told.began_at,
    )
    real = (one for one in found.changes if one.event.alters)  # no mere symptoms: the fairer rival
    by_time = sorted(real, key=lambda one: one.before)
    return StoryResult(
        told.seed,
        told.family,
        _place(told, found.changes),
        _place(told, by_time),
        len(found.changes),
    )


def transitions_of(told: Story) -> list[Transition]:
    """Return the events of a story that a board knew once it went red, as the ledger has them."""
    return [
        Transition(
            number, event.ref, event.ref.source, event.at, event.seen_at, event.before, event.after,
            actor=event.actor,
        )
        for number, event in enumerate(told.events)
        if event.at <= told.red_at
    ]  # fmt: skip


def gaps_of(told: Story) -> list[Gap]:
    """Return the stretches of a story in which nobody looked."""
    known = {reason.value: reason for reason in GapReason}
    return [
        Gap(gap.source, gap.source, gap.since, gap.until, known.get(gap.reason, GapReason.NO_BOARD))
        for gap in told.gaps
    ]


def _place(told: Story, changes: Sequence[PriorChange]) -> int:
    places = (
        place
        for place, change in enumerate(changes, 1)
        if change.event.ref is not None and told.is_cause(change.event.ref, change.event.at)
    )
    return next(places, 0)


def draw_seeds(count: int, seed: int) -> list[int]:
    """Return *count* different seeds of stories, drawn from *seed*."""
    return random.Random(seed).sample(range(1_000_000), count)  # noqa: S311 - no secret


def share_within(results: Iterable[StoryResult], place: Callable[[StoryResult], int]) -> float:
    """Return the share of *results* whose cause is among the first three by *place*."""
    known = list(results)
    return sum(0 < place(one) <= FIRST for one in known) / len(known)


def report(results: Sequence[StoryResult]) -> str:
    """Return both figures, as a whole and for each family of stories."""
    lines = [f"{'stories':<28}{'n':>5}{'ranked':>9}{'latest first':>14}{'listed':>8}"]
    families = Counter(one.family for one in results)
    groups = [("all", list(results))]
    groups += [(name, [one for one in results if one.family == name]) for name in sorted(families)]
    for name, group in groups:
        ranked = share_within(group, lambda one: one.ranked)
        latest = share_within(group, lambda one: one.latest_first)
        listed = sum(one.listed for one in group) / len(group)
        lines.append(f"{name:<28}{len(group):>5}{ranked:>9.1%}{latest:>14.1%}{listed:>8.1f}")
    return "\n".join(lines)


def measure(_options: BenchOptions) -> list[Figure]:
    """Return the share of stories whose cause is not among the first three."""
    results = [run_story(one) for one in draw_seeds(COUNT, SEED)]
    missed = 100 * (1 - share_within(results, lambda one: one.ranked))
    by_time = 100 * (1 - share_within(results, lambda one: one.latest_first))
    what = f"before it went red: the cause is not among the first {FIRST} of {COUNT} stories"
    return [Figure(what, missed, "%", by_time, "latest change first", most=0.5, limit=MOST_MISSED)]


def main(words: Sequence[str]) -> int:
    """Run so many stories, drawn from that number; print how often the cause stood first."""
    count, seed = (int(words[0]), int(words[1])) if len(words) == 2 else (COUNT, SEED)
    results = [run_story(one) for one in draw_seeds(count, seed)]
    print(report(results))
    missed = [one for one in results if not 0 < one.ranked <= FIRST]
    for one in missed[:20]:
        print(f"  not among the first {FIRST}: story {one.seed} ({one.family}), place {one.ranked}")
    return int(len(missed) > len(results) * MOST_MISSED / 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
