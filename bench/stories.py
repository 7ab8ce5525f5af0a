"""Is the cause among the first three of "what changed before it went red"?

    python -m bench stories
    python -m bench.stories COUNT SEED      # other stories, and the figures of each family
    python -m bench.stories --set own       # or independent; without it, both

Each story has one planted cause and at least five other changes at about the same time. There are
two sets: those of :mod:`opsboard.demo.world.stories`, by the authors of the ranking, and those of
:mod:`bench.independent_stories`, written by somebody who had not read it. The transitions, gaps and
records at the time of the failure are ranked as the screen ranks them, over the same stretch, and
beside it by the obvious other way: the latest change first. The seeds of the stories are drawn from
one number, so that they are not chosen.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from bench.harness import BenchOptions
from bench.independent_stories import UNJOINED, independent_story
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
"""Per cent, of the stories whose cause is joined to what went red."""
SETS: Final[Mapping[str, Callable[[int], Story]]] = {"own": story, "independent": independent_story}


@frozen_unchecked
class StoryResult(Frozen):
    """Where the cause stood (from 1; 0: it was not listed), by the ranking and by time alone."""

    seed: int
    family: str
    ranked: int
    latest_first: int
    listed: int


def run_story(seed: int, made_by: Callable[[int], Story] = story) -> StoryResult:
    """Rank what changed before the failure of one story."""
    with third_party_kinds():
        return _ranked(made_by(seed))


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


def share_within(
    results: Iterable[StoryResult], place: Callable[[StoryResult], int], first: int = FIRST
) -> float:
    """Return the share of *results* whose cause is among the *first* ones by *place*."""
    known = list(results)
    return sum(0 < place(one) <= first for one in known) / len(known)


def joined(results: Iterable[StoryResult]) -> list[StoryResult]:
    """Return those in which the records join the cause to what went red."""
    return [one for one in results if one.family not in UNJOINED]


def report(results: Sequence[StoryResult]) -> str:
    """Return the figures, as a whole and for each family of stories."""
    heads = f"{'first':>8}{'in 3':>8}{'in 5':>8}{'latest in 3':>13}{'listed':>8}"
    lines = [f"{'stories':<28}{'n':>5}{heads}"]
    families = Counter(one.family for one in results)
    groups = [("all", list(results))]
    if len(found := joined(results)) < len(results):
        groups.append(("all that are joined", found))
    groups += [(name, [one for one in results if one.family == name]) for name in sorted(families)]
    for name, group in groups:
        shares = [share_within(group, lambda one: one.ranked, first) for first in (1, FIRST, 5)]
        latest = share_within(group, lambda one: one.latest_first)
        listed = sum(one.listed for one in group) / len(group)
        line = f"{name:<28}{len(group):>5}" + "".join(f"{share:>8.1%}" for share in shares)
        lines.append(f"{line}{latest:>13.1%}{listed:>8.1f}")
    return "\n".join(lines)


def measure(_options: BenchOptions) -> list[Figure]:
    """Return the shares of stories whose cause is not among the first three."""
    own, independent = (
        [run_story(one, made_by) for one in draw_seeds(COUNT, SEED)] for made_by in SETS.values()
    )
    known = joined(independent)
    apart = [one for one in independent if one.family in UNJOINED]
    return [
        _missed(f"of {COUNT} stories", own, MOST_MISSED),
        _missed(f"of {len(known)} independent stories, joined", known, MOST_MISSED),
        _missed(f"of {len(apart)} independent stories, not joined", apart, None),
    ]


def _missed(which: str, results: Sequence[StoryResult], limit: float | None) -> Figure:
    missed = 100 * (1 - share_within(results, lambda one: one.ranked))
    by_time = 100 * (1 - share_within(results, lambda one: one.latest_first))
    what = f"before it went red: the cause is not among the first {FIRST} {which}"
    most = None if limit is None else 0.5
    return Figure(what, missed, "%", by_time, "latest change first", most=most, limit=limit)


def main(words: Sequence[str]) -> int:
    """Run so many stories, drawn from that number; print how often the cause stood first."""
    parser = argparse.ArgumentParser(prog="python -m bench.stories")
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    parser.add_argument("seed", type=int, nargs="?", default=SEED)
    parser.add_argument("--set", choices=(*SETS, "both"), default="both", dest="chosen")
    asked = parser.parse_args(words)
    failed = False
    for name, made_by in SETS.items():
        if asked.chosen in {name, "both"}:
            print(f"{name}:")
            results = [run_story(one, made_by) for one in draw_seeds(asked.count, asked.seed)]
            failed |= _told(results)
    return int(failed)


def _told(results: Sequence[StoryResult]) -> bool:
    """Print the figures of *results*; return whether too many causes stand too far down."""
    print(report(results))
    known = joined(results)
    missed = [one for one in known if not 0 < one.ranked <= FIRST]
    for one in missed[:20]:
        print(f"  not among the first {FIRST}: story {one.seed} ({one.family}), place {one.ranked}")
    return len(missed) > len(known) * MOST_MISSED / 100


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
