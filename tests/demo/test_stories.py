"""Seeded stories: each holds together, tells its truth, and hides it among other changes."""

from collections import Counter

import pytest

from opsboard.demo.world.stories import DISTRACTORS, FAMILIES, Story, story
from opsboard.records import Record, Ref, Status
from opsboard.records.claims import TYPES

SEEDS = range(160)


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    return [story(seed) for seed in SEEDS]


def test_a_seed_makes_one_story() -> None:
    assert story(11) == story(11)
    assert story(11) != story(11 + len(FAMILIES))


def test_the_families_take_turns(stories: list[Story]) -> None:
    assert Counter(one.family for one in stories).keys() == FAMILIES.keys()


def test_what_is_told_hangs_together(stories: list[Story]) -> None:
    """Each transition begins with what was said of the record before."""
    for one in stories:
        said: dict[Ref, Record] = {record.ref: record for record in one.initial}
        for event in one.events:
            assert said.get(event.ref) == event.before
            assert event.before != event.after
            assert event.seen_at >= event.at >= one.began_at
            if event.after is None:
                del said[event.ref]
            else:
                said[event.ref] = event.after


def test_the_symptom_goes_red_after_the_cause(stories: list[Story]) -> None:
    for one in stories:
        assert one.began_at < one.cause.at < one.red_at
        assert one.records_at(one.red_at)[one.symptom].status is Status.FAILED
        before = [event.at for event in one.events if event.at < one.red_at]
        was = one.records_at(before[-1]).get(one.symptom)
        assert was is None or was.status is not Status.FAILED


def test_cause_witnesses_and_distractors_are_transitions_and_none_is_two(
    stories: list[Story],
) -> None:
    for one in stories:
        keys = {event.key for event in one.events}
        assert {one.cause, *one.witnesses} <= keys
        assert one.distractors <= keys
        assert not any(one.is_cause(*key) for key in one.distractors)
        assert one.is_cause(*one.cause)


def test_there_are_distractors_enough_before_it_goes_red(stories: list[Story]) -> None:
    for one in stories:
        assert len([key for key in one.distractors if key.at < one.red_at]) >= DISTRACTORS
    nearer = [any(key.at > one.cause.at for key in one.distractors) for one in stories]
    assert all(nearer)


def test_the_latest_change_is_seldom_the_cause(stories: list[Story]) -> None:
    """So that no ranking is good by time alone."""

    def latest(one: Story) -> bool:
        planted = [key for key in (one.cause, *one.distractors) if key.at < one.red_at]
        return max(planted, key=lambda key: key.at) == one.cause

    assert sum(map(latest, stories)) <= len(stories) // 10


def test_joins_are_of_records_that_there_were(stories: list[Story]) -> None:
    for one in stories:
        known = {record.ref for record in one.initial} | {event.ref for event in one.events}
        assert one.joins
        for join in one.joins:
            assert {join.upstream, join.downstream} <= known


def test_a_cause_is_as_far_away_as_it_says(stories: list[Story]) -> None:
    """By the shortest way over true joins."""
    for one in stories:
        near: dict[Ref, set[Ref]] = {}
        for join in one.joins:
            near.setdefault(join.upstream, set()).add(join.downstream)
            near.setdefault(join.downstream, set()).add(join.upstream)
        reached, steps = {one.symptom}, 0
        while one.cause.ref not in reached:
            wider = reached | {ref for known in reached for ref in near.get(known, ())}
            assert wider != reached, (one.seed, one.family)
            reached, steps = wider, steps + 1
        assert steps == one.distance, (one.seed, one.family)


def test_causes_are_near_and_far(stories: list[Story]) -> None:
    assert {one.distance for one in stories} == {0, 1, 2, 3, 4}


def test_causes_are_seconds_to_hours_away_some_before_a_gap(stories: list[Story]) -> None:
    delays = [(one.red_at - one.cause.at).total_seconds() for one in stories]
    assert min(delays) < 60
    assert max(delays) > 3_600
    before_gap = [
        one for one in stories if any(one.cause.at < gap.since < one.red_at for gap in one.gaps)
    ]
    assert before_gap


def test_what_happens_in_a_gap_is_seen_when_it_ends(stories: list[Story]) -> None:
    for one in stories:
        for gap in one.gaps:
            for event in one.events:
                if event.ref.source == gap.source:
                    assert not gap.since <= event.seen_at < gap.until


def test_records_state_identities_of_known_types(stories: list[Story]) -> None:
    for one in stories[:6]:
        records = [*one.initial, *(event.after for event in one.events if event.after)]
        claims = [claim for record in records for claim in (*record.inputs, *record.outputs)]
        assert {claim.type for claim in claims} <= TYPES
        assert all(claim.rule and claim.value for claim in claims)
