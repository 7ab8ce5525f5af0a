"""What changed before it went red: near in the joins and in time comes first, and nothing is said
for certain."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsboard.history import read_before_red
from opsboard.history.before_red import BeforeRed, Relation, before_red
from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.ranking_weights import reach_of, window_of
from opsboard.records import Alias, ConfigObject, CronJob, Deployment, Kind, Model, Record, Status
from opsboard.records.identity import workload
from tests.history.recording import SetClocks, recording
from tests.history.sample_changes import MINUTE, NOW, act, build, changed, deployment, drift, pod

RED = deployment(tag="v56", status=Status.FAILED, reason="CrashLoopBackOff", ready=3)
OWN = changed(deployment(), deployment(tag="v56", ready=3), -2)
BUILT = changed(None, build(3, repository="acme/checkout"), -6)
RANKER = Model(source="mlflow", id="ranker", name="ranker", serving="5")
MOVED = changed(RANKER, Model(source="mlflow", id="ranker", name="ranker", serving="6"), -30)


def _other(name: str, minutes: float, **fields: Any) -> Transition:
    return changed(deployment(name, **fields), deployment(name, "v56", **fields), minutes)


def _found(*transitions: Transition, subject: Record = RED, **options: Any) -> BeforeRed:
    return before_red(subject, NOW, transitions, **{"relations": {}, **options})


def _names(found: BeforeRed) -> list[str]:
    return [change.event.what for change in found.changes]


def test_its_own_change_comes_before_later_ones_of_others() -> None:
    others = [_other(f"service-{n}", -0.2 * n - 0.1) for n in range(8)]
    found = _found(*others, OWN)
    assert _names(found)[0] == "shop/checkout"
    first = found.changes[0]
    assert (first.relation, first.candidate, first.before) == ("itself", False, 2 * MINUTE)


def test_a_joined_change_comes_before_one_that_is_only_near() -> None:
    joined = {MOVED.ref: Relation(3, "model version by MODEL_URI")}
    found = _found(
        _other("cart", -1), _other("search", -3, namespace="other"), MOVED, relations=joined
    )
    assert _names(found)[0] == "ranker"
    assert found.changes[0].relation == "model version by MODEL_URI"


def test_a_guess_counts_as_farther_and_is_marked() -> None:
    solid, guess = (
        {MOVED.ref: Relation(4, "by digest")},
        {BUILT.ref: Relation(1, "tag", candidate=True)},
    )
    found = _found(BUILT, MOVED, relations={**solid, **guess})
    marks = {change.event.what: change.candidate for change in found.changes}
    assert marks == {"ranker": False, "acme/checkout ci #3": True}
    scores = [change.score for change in found.changes]
    assert scores == sorted(scores, reverse=True)


def test_what_is_not_joined_at_all_is_marked_too() -> None:
    found = _found(_other("billing", -1, namespace="x", cluster="y", environment="staging"))
    assert [(one.relation, one.candidate) for one in found.changes] == [("not joined", True)]


def test_a_namesake_in_the_same_place_comes_before_strangers() -> None:
    found = _found(_other("cart", -1), _other("checkout-limits", -4), _other("checkouts", -1))
    assert _names(found)[0] == "shop/checkout-limits"
    assert "a like name" in found.changes[0].relation


def test_another_environment_is_farther() -> None:
    there = _other("checkout", -1, environment="staging")
    found = _found(there, OWN, relations={there.ref: Relation(2, "by digest")})
    assert [change.event.environment for change in found.changes] == ["production", "staging"]


def test_the_failure_itself_and_its_progress_are_no_changes() -> None:
    failing = changed(deployment(tag="v56"), RED, -1)
    ready = changed(deployment(ready=1), deployment(ready=2), -1)
    assert not _found(failing, ready).changes


def test_a_change_and_the_failure_in_one_look_is_a_change() -> None:
    (change,) = _found(changed(deployment(), RED, 0)).changes
    assert change.event.change == "v55 → v56"


def test_what_came_after_is_left_out_but_for_the_skew_of_clocks() -> None:
    assert not _found(_other("cart", 1)).changes
    assert _found(_other("cart", 0.2)).changes
    interval = changed(deployment(), deployment(tag="v56"), 5, earliest=NOW - MINUTE)
    assert _found(interval).changes


def test_what_was_long_before_is_left_out() -> None:
    long = -window_of(Kind.DEPLOYMENT) / MINUTE
    assert not _found(_other("cart", long - 1)).changes
    assert _found(_other("cart", long - 1), since=NOW + (long - 2) * MINUTE).changes


def test_symptoms_come_after_changes() -> None:
    dying = changed(pod("checkout-1"), pod("checkout-1", Status.FAILED, reason="Error"), -0.5)
    relations = {dying.ref: Relation(1, "workload"), MOVED.ref: Relation(3, "model version")}
    assert _names(_found(dying, MOVED, relations=relations))[0] == "ranker"


def test_the_same_state_of_many_records_is_one_row() -> None:
    dying = [
        changed(pod(f"checkout-{n}"), pod(f"checkout-{n}", Status.FAILED, reason="Error"), -0.5)
        for n in range(5)
    ]
    odd = changed(pod("checkout-9"), pod("checkout-9", Status.FAILED, reason="OOMKilled"), -1)
    assert [change.alike for change in _found(*dying, odd).changes] == [4, 0]


def test_before_an_act_neither_itself_nor_its_doing_is_listed() -> None:
    rollback = act("rollback", RED, -3, id="plan-7")
    earlier = act("restart", RED, -9, id="plan-6")
    did = changed(RED, deployment(), -2, act="plan-7")
    found = _found(did, activities=[earlier, rollback], act=rollback)
    assert [one.event.act for one in found.changes] == ["plan-6"]
    everything = _found(did, activities=[earlier, rollback])
    assert {one.event.act for one in everything.changes} == {"plan-6", "plan-7"}


def test_an_act_stands_for_what_it_did() -> None:
    rolled = act("rollback", RED, -3, before="revision 54", after="revision 56")
    (change,) = _found(OWN, activities=[rolled]).changes
    assert (change.event.who, change.relation) == ("dana", "itself")
    assert change.undo is not None
    assert change.undo.text == "rollback --to 54"


def test_gaps_in_the_window_are_told() -> None:
    gaps = [
        Gap("k8s", "all", NOW - 40 * MINUTE, NOW - 30 * MINUTE, GapReason.NO_BOARD),
        Gap("k8s", "all", NOW - 4000 * MINUTE, NOW - 3000 * MINUTE, GapReason.NO_BOARD),
        Gap("k8s", "all", NOW + MINUTE, None, GapReason.NO_BOARD),
    ]
    assert [gap.until for gap in _found(OWN, gaps=gaps).gaps] == [NOW - 30 * MINUTE]


def test_the_order_does_not_depend_on_that_of_the_rows() -> None:
    rows = [OWN, MOVED, BUILT, *(_other(f"s-{n}", -1 - n % 2) for n in range(6))]
    assert _names(_found(*rows)) == _names(_found(*reversed(rows)))


def _nightly(**fields: Any) -> CronJob:
    values = {
        "source": "k8s", "id": "n", "name": "nightly", "cluster": "c", "namespace": "shop",
        "schedule": "0 3 * * *",
    }  # fmt: skip
    return CronJob(**{**values, **fields})


@pytest.mark.parametrize(
    ("transition", "undo"),
    [
        (
            changed(
                deployment(images=(), commit="c150719" + "0" * 33, revision="10007014"),
                deployment(images=(), commit="554d071" + "0" * 33, revision="10007101"),
                -2,
            ),
            "rollback to c150719 (--to 10007014)",
        ),
        (OWN, "rollback --to 55"),
        (MOVED, "rollback --to 5"),
        (changed(deployment(), deployment(desired=1), -1), "scale --set replicas=4"),
        (changed(deployment(), deployment(paused=True), -1), "resume"),
        (changed(_nightly(), _nightly(suspended=True), -1), "unsuspend"),
        (changed(_nightly(), _nightly(schedule="x"), -1), None),
        (BUILT, None),
    ],
)
def test_each_change_names_the_act_that_would_take_it_back(
    transition: Transition, undo: str | None
) -> None:
    (change,) = _found(transition).changes
    assert (change.undo and change.undo.text) == undo
    if change.undo is not None:
        assert change.undo.ref == transition.ref


@pytest.mark.parametrize(
    ("action", "before", "undo"),
    [
        ("pause", "", "resume"),
        ("unsuspend", "", "suspend"),
        ("rollback", "version 5", "rollback --to 5"),
        ("restart", "", None),
    ],
)
def test_each_act_names_the_act_that_would_take_it_back(
    action: str, before: str, undo: str | None
) -> None:
    (change,) = _found(activities=[act(action, RED, -3, before=before)]).changes
    assert (change.undo and change.undo.text) == undo


def test_what_is_measured_looks_further_back_than_what_runs() -> None:
    crossing = drift(0.4)
    day = _other("cart", -60 * 24)
    assert _found(day, subject=crossing).changes
    assert not _found(day).changes


def test_aliases_are_told_by_name() -> None:
    named = Model(
        source="mlflow", id="r", name="r", serving="6",
        aliases=(Alias(name="champion", version="6"),),
    )  # fmt: skip
    (change,) = _found(changed(Model(source="mlflow", id="r", name="r"), named, -2)).changes
    assert change.event.change == "champion v6"
    assert change.undo is None


def test_a_subject_without_environment_is_not_held_against_others() -> None:
    plain = Deployment(
        source="k8s", id="x", name="x", workload="Deployment", status=Status.FAILED,
    )  # fmt: skip
    found = _found(OWN, subject=plain, relations={OWN.ref: Relation(0, "by digest")})
    assert found.changes[0].score > 0.8


# --- how long ago, how often ---------------------------------------------------------------------

SETTINGS = ConfigObject(
    source="k8s", id="prod-eu/shop/ConfigMap/settings", name="settings", cluster="prod-eu",
    namespace="shop", object="ConfigMap", version="1", environment="production", status=Status.OK,
)  # fmt: skip
READ = {SETTINGS.ref: Relation(1, "env of the pod template")}


def _edited(minutes: float) -> Transition:
    return changed(SETTINGS, replace(SETTINGS, version="2"), minutes)


def test_what_is_joined_is_looked_for_further_back_than_the_rest() -> None:
    """A config map is read when a pod starts, which may be days after it was changed."""
    day = _edited(-60 * 24)
    assert not _found(day).changes
    assert _found(day, relations=READ).changes
    guessed = {SETTINGS.ref: Relation(1, "a guess", candidate=True)}
    assert not _found(day, relations=guessed).changes
    reach = reach_of(Kind.DEPLOYMENT) / MINUTE
    assert not _found(_edited(-reach - 1), relations=READ).changes


def _own_pod(name: str, minutes: float) -> Transition:
    return changed(None, pod(name, inputs=_claims("owner reference")), minutes)


def _claims(rule: str) -> Any:
    found = workload("https://prod-eu.example", "shop", "Deployment", "checkout", rule)
    assert found is not None
    return (found,)


def test_time_runs_from_the_start_of_the_pod_that_read_it() -> None:
    red = replace(RED, outputs=_claims("Deployment"))
    edited, started = _edited(-300), _own_pod("checkout-2", -3)
    (alone,) = _found(edited, subject=red, relations=READ).changes
    read = _found(edited, started, subject=red, relations=READ).changes[0]
    just_now = _found(_edited(-3), subject=red, relations=READ).changes[0]
    assert read.event.what == alone.event.what
    assert read.score == pytest.approx(just_now.score)
    assert read.score > 5 * alone.score
    assert read.before == 300 * MINUTE  # what is told is when it was changed


def test_a_pod_that_started_earlier_has_read_it_without_harm() -> None:
    red = replace(RED, outputs=_claims("Deployment"))
    starts = [_own_pod("checkout-2", -200), _own_pod("checkout-3", -3)]
    first = _found(_edited(-300), *starts, subject=red, relations=READ).changes[0]
    expected = _found(_edited(-200), subject=red, relations=READ).changes[0]
    assert first.score == pytest.approx(expected.score)


def test_pods_of_others_do_not_count_as_starts() -> None:
    red = replace(RED, outputs=_claims("Deployment"))
    alone, other = (
        _found(_edited(-300), *more, subject=red, relations=READ)
        for more in ((), (changed(None, pod("cart-1"), -3),))
    )
    assert next(c for c in other.changes if c.event.kind == "config").score == pytest.approx(
        alone.changes[0].score
    )


def _sized(before: int, after: int, minutes: float) -> Transition:
    return changed(deployment(desired=before), deployment(desired=after), minutes)


def test_what_is_done_over_and_over_counts_less_each_time() -> None:
    """An autoscaler follows the load; the release that brought it is not to drown in its steps."""
    steps = [_sized(4 + n, 5 + n, -n - 10) for n in range(3)]
    released = changed(deployment(), deployment(tag="v56"), -25)
    found = _found(*steps, released)
    assert [str(one.event.kind) for one in found.changes] == ["scale", "deploy", "scale", "scale"]


def test_to_be_made_smaller_is_no_repetition_of_being_made_larger() -> None:
    smaller, larger = _sized(8, 4, -20), _sized(4, 5, -10)
    both, alone = _found(smaller, larger), _found(smaller)
    assert both.changes[1].score == pytest.approx(alone.changes[0].score)


def test_a_drift_is_of_its_model_by_name() -> None:
    """Its own name has the version and the measure in it: no other thing is called so."""
    crossing = replace(drift(0.4), name="ranker v6 psi", environment="production")
    features = _other("ranker-features", -600, namespace="ml")
    found = _found(_other("cart", -300), features, subject=crossing)
    assert _names(found)[0].endswith("ranker-features")
    assert found.changes[0].candidate
    assert found.changes[0].relation == "not joined: a like name"


# --- what is read from the ledger ----------------------------------------------------------------


LIVE_RED = replace(RED, source="prod")


def _live(name: str = "checkout", tag: str = "v55") -> Deployment:
    return deployment(name, tag, source="prod")


def test_of_too_many_changes_those_right_before_the_failure_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_before_red, "MOST_CHANGES", 5)
    with recording(tmp_path, SetClocks()) as board:
        others = [_live(f"service-{n}") for n in range(20)]
        board.lists(_live(), *others)
        board.lists(_live(tag="v56"), *others, seconds=30)
        for number in range(20):
            others[number] = _live(f"service-{number}", "v56")
            board.lists(_live(tag="v56"), *others, seconds=30)
        board.lists(LIVE_RED, *others, seconds=60)
        found = read_before_red.read_before_red(board.reader, LIVE_RED, board.clocks.now())
    names = _names(found)
    assert names[0] == "shop/checkout"  # its own, though it is further back
    assert {"shop/service-19", "shop/service-18"} < set(names)
    assert "shop/service-0" not in names


def test_changes_of_what_is_joined_are_read_from_further_back(tmp_path: Path) -> None:
    with recording(tmp_path, SetClocks()) as board:
        board.lists(_live(), _live("cart"))
        board.lists(_live(tag="v56"), _live("cart", "v56"), seconds=60)
        board.waits(60 * 60 * 8)
        board.lists(LIVE_RED, _live("cart", "v56"))
        found = read_before_red.read_before_red(board.reader, LIVE_RED, board.clocks.now())
    assert _names(found)[0] == "shop/checkout"
    assert found.changes[0].before > window_of(Kind.DEPLOYMENT)
    assert "shop/cart" not in _names(found)
