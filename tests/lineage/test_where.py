"""Where a commit is: by itself, by what it was merged as, by what contains it, or not known."""

from typing import Any

import pytest

from opsboard.lineage.containment import Containment
from opsboard.lineage.where import (
    CommitWhereabouts,
    Presence,
    find_commits,
    sha_digits,
    whereabouts,
)
from opsboard.records import (
    CommitComparison,
    DeploymentWitness,
    EnvironmentState,
    Record,
    Service,
    Status,
)
from tests.lineage.estate import (
    SHOP,
    at,
    build,
    commit_node,
    compared,
    digest,
    index_of,
    live,
    merged,
    picture,
    pod,
    sha,
)


def _asked(number: int, *records: Record, services: tuple[Service, ...] = ()) -> CommitWhereabouts:
    containment = Containment()
    containment.update(one for one in records if isinstance(one, CommitComparison))
    return whereabouts(index_of(*records), containment, commit_node(sha(number)), services)


def _running(number: int, environment: str = "production", **fields: Any) -> list[Record]:
    """Return a workload that runs the image *number*, made of the commit *number*."""
    cluster = f"https://{environment}"
    return [
        picture("checkout", digest(number), revision=sha(number), origin=SHOP),
        live("checkout", digest(number), cluster=cluster, environment=environment, **fields),
    ]


def _told(found: CommitWhereabouts) -> list[tuple[str, Presence]]:
    return [(one.environment, one.presence) for one in found.places]


def test_what_is_deployed_is_live_since_its_roll_out() -> None:
    run = build(1, sha(1))
    found = _asked(1, run, *_running(1, deployed_at=at(-9)))
    assert found.builds == (run.ref,)
    assert len(found.images) == 1
    (place,) = found.where(Presence.LIVE)
    assert (place.environment, place.since, place.since_at_latest) == ("production", at(-9), False)
    assert place.how == "it is deployed"


def test_a_time_that_is_only_seen_is_told_as_the_latest() -> None:
    (place,) = _asked(1, *_running(1, updated_at=at(-9))).places
    assert (place.since, place.since_at_latest) == (at(-9), True)


def test_it_is_live_where_a_commit_runs_that_contains_it_and_not_yet_where_an_older_one_does() -> (
    None
):
    found = _asked(
        2, *_running(3, "staging"), *_running(1),
        compared(sha(2), sha(3), 1), compared(sha(1), sha(2), 4),
    )  # fmt: skip
    assert _told(found) == [("staging", Presence.LIVE), ("production", Presence.NOT_YET)]
    assert "contains it" in found.places[0].how


def test_what_was_squashed_is_live_as_what_it_became() -> None:
    found = _asked(1, merged(12, sha(1), sha(5)), *_running(5), build(1, sha(5)))
    assert found.merged_as == (commit_node(sha(5)),)
    assert _told(found) == [("production", Presence.LIVE)]
    assert "merged as" in found.places[0].how
    assert len(found.builds) == 1


def test_what_was_squashed_is_not_yet_where_what_it_became_is_not() -> None:
    found = _asked(
        1, merged(12, sha(1), sha(5)), *_running(3), compared(sha(3), sha(5), 2),
    )  # fmt: skip
    assert _told(found) == [("production", Presence.NOT_YET)]


def test_without_a_comparison_it_is_not_known() -> None:
    assert _told(_asked(2, *_running(3), build(1, sha(2)))) == [("production", Presence.UNKNOWN)]


def test_during_a_roll_out_it_is_partly_there() -> None:
    found = _asked(
        2,
        picture("checkout", digest(1), revision=sha(1), origin=SHOP),
        picture("checkout", digest(2), revision=sha(2), origin=SHOP),
        live("checkout", digest(1), digest(2), status=Status.RUNNING),
        compared(sha(1), sha(2), 1),
    )
    assert _told(found) == [("production", Presence.PARTLY)]


def test_other_code_is_no_place() -> None:
    other = picture("search", digest(9), revision=sha(9), origin="github.com/acme/search")
    assert _told(_asked(1, *_running(1), other, live("search", digest(9)))) == [
        ("production", Presence.LIVE)
    ]


def test_a_candidate_is_never_live() -> None:
    """The label is not confirmed by anything."""
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, tags=("v1",))
    found = _asked(1, made, live("cart", digest(1)), build(1, sha(1), begun=-99, ended=-90))
    assert found.images == ()
    assert found.places == ()


def test_an_environment_of_the_service_that_tells_nothing_is_unknown() -> None:
    silent = live("checkout", tag="v9", cluster="https://qa", environment="test")
    service = Service(
        source="board", id="checkout", name="checkout", repository=SHOP,
        environments=(EnvironmentState(
            environment="test", witnesses=(DeploymentWitness(ref=silent.ref, says="v9"),)
        ),),
    )  # fmt: skip
    found = _asked(1, *_running(1), silent, services=(service,))
    assert _told(found) == [("production", Presence.LIVE), ("test", Presence.UNKNOWN)]


@pytest.mark.parametrize(
    ("text", "count"),
    [(sha(1), 2), (sha(1)[:7], 2), (f" {sha(1)[:7].upper()} ", 2), (sha(2)[:9], 1), ("0" * 40, 0),
     (f"https://github.com/acme/shop/commit/{sha(2)}/", 1),
     (f"https://github.com/acme/shop/pull/7/commits/{sha(2)}?diff=split#r1", 1)],
)  # fmt: skip
def test_commits_are_found_by_the_start_of_their_sha(text: str, count: int) -> None:
    index = index_of(
        build(1, sha(1)), build(1, sha(1), "github.com/mallory/checkout"), build(2, sha(2))
    )
    assert len(find_commits(index, sha_digits(text))) == count


@pytest.mark.parametrize(
    "text", ["abc", "zzzzzzz", "main", "g" * 40, "a" * 65, "x" * 10_000, "a b", "\x1b[2Jabcdef",
             "https://github.com/acme/shop/commits/main"],
)  # fmt: skip
def test_what_is_no_commit_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no commit: give 4 to 64 hexadecimal digits") as told:
        sha_digits(text)
    assert len(str(told.value)) < 200
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize("text", ["", "  ", "https://github.com/acme/shop/commit/"])
def test_without_a_commit_one_is_asked_for(text: str) -> None:
    with pytest.raises(ValueError, match="name a commit"):
        sha_digits(text)


# --- while it is rolled out ----------------------------------------------------------------------


def _rolling(*pods: int, made_of: int = 2, **fields: Any) -> list[Record]:
    """Return a roll-out of the commit *made_of*; each of *pods* is ready, and runs that commit."""
    values = {"status": Status.RUNNING, "desired": 3, "updated": 1, "available": 3, **fields}
    return [
        *(picture("checkout", digest(n), revision=sha(n), origin=SHOP) for n in (1, 2)),
        live("checkout", digest(made_of), **values),
        *(pod(place, "checkout", digest(number), ready=1) for place, number in enumerate(pods)),
        compared(sha(1), sha(2), 4),
    ]


@pytest.mark.parametrize(
    ("fields", "pods", "presence"),
    [
        ({}, (1, 1, 2), Presence.PARTLY),
        ({"updated": 0}, (1, 1, 1), Presence.PARTLY),
        ({"updated": 3}, (2, 2, 2), Presence.LIVE),
        ({"status": Status.FAILED, "updated": 0}, (1, 1), Presence.PARTLY),
        ({"status": Status.WARNING, "updated": 1}, (1, 1), Presence.PARTLY),
        ({"status": Status.WARNING, "updated": 0}, (1, 1), Presence.PARTLY),
        ({"status": Status.OK, "workload": "StatefulSet", "updated": 0}, (1, 1), Presence.PARTLY),
        ({"status": Status.RUNNING}, (), Presence.PARTLY),
    ],
)
def test_what_has_not_reached_all_pods_is_not_live(
    fields: dict[str, Any], pods: tuple[int, ...], presence: Presence
) -> None:
    assert _told(_asked(2, *_rolling(*pods, **fields))) == [("production", presence)]


def test_what_the_old_pods_run_stays_live_while_it_is_rolled_out() -> None:
    """A roll-out of what contains it; a rollback takes away what only the old pods have."""
    assert _told(_asked(1, *_rolling(1, 2))) == [("production", Presence.LIVE)]
    (place,) = _asked(2, *_rolling(2, 2, made_of=1)).places
    assert place.presence is Presence.LIVE
    assert f"{sha(1)[:7]} is being rolled out" in place.how


def test_without_the_pods_nobody_knows_what_a_roll_out_takes_away() -> None:
    (place,) = _asked(2, *_rolling(made_of=1)).places
    assert place.presence is Presence.UNKNOWN
    assert "nothing says for sure what runs" in place.how


def test_what_is_scaled_to_zero_is_not_live() -> None:
    (place,) = _asked(1, *_running(1, desired=0, ready=0)).places
    assert place.presence is Presence.NOT_YET
    assert "scaled to 0" in place.how


def test_an_environment_has_one_name_however_it_is_spelled() -> None:
    found = _asked(1, *_running(1, "prod"))
    assert _told(found) == [("production", Presence.LIVE)]
