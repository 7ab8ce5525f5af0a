"""Alerts of one outage are one group: by solid joins, and by nothing else."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from opsboard.lineage.outages import Outage, OutageGroups, outages
from opsboard.records import (
    Alert,
    AlertState,
    Build,
    Deployment,
    Drift,
    Kind,
    Record,
    Ref,
    Status,
    Strength,
    stated,
)
from opsboard.records.identity import commit, model_version
from tests.lineage.estate import (
    MLFLOW,
    SHOP,
    at,
    build,
    digest,
    drift,
    index_of,
    live,
    picture,
    sha,
)


def _alert(record: Record, **fields: Any) -> Alert:
    values: dict[str, Any] = {
        "source": record.source, "id": f"{record.kind}:{record.id}", "name": record.name,
        "status": Status.FAILED, "environment": record.environment, "about": record.ref,
        "since": at(0),
    }  # fmt: skip
    return Alert(**{**values, **fields})


def _groups(alerting: tuple[Record, ...], *others: Record) -> list[tuple[str, list[str], str]]:
    """Return the groups, by the ids of what they are about; the same whatever the order."""
    index = index_of(*alerting, *others)
    found = [outages(index, [_alert(one) for one in some]) for some in permutations(alerting)]
    assert all(set(one) == set(found[0]) for one in found)
    return [(_about(one.head), [_about(ref) for ref in one.members], one.of) for one in found[0]]


def _about(ref: Ref) -> str:
    return ref.id.partition(":")[2]


def _made(number: int, commit_number: int | None = None, repository: str = SHOP) -> Record:
    """Return the image *number*, made of a commit by what its registry tells."""
    made_from = sha(number if commit_number is None else commit_number)
    return picture("checkout", digest(number), revision=made_from, origin=repository,
                   strength=Strength.SHA)  # fmt: skip


def _failed(number: int, made_from: str, **fields: Any) -> Build:
    return build(number, made_from, status=Status.FAILED, state="failure", **fields)


def _crashing(name: str, number: int, **fields: Any) -> Deployment:
    return live(name, digest(number), status=Status.FAILED, **fields)


def test_the_run_at_the_commit_that_crashes_stands_below_what_crashes() -> None:
    run, workload = _failed(1, sha(1)), _crashing("checkout", 1)
    assert _groups((run, workload), _made(1)) == [(workload.id, [run.id], "commit")]


def test_a_run_of_another_commit_and_one_of_the_same_name_stand_alone() -> None:
    other, namesake = _failed(1, sha(2)), _failed(2, sha(1), repository="github.com/fork/checkout")
    assert _groups((other, namesake, _crashing("checkout", 1)), _made(1)) == []


def test_a_candidate_joins_nothing() -> None:
    unclaimed = replace(_crashing("checkout", 1), inputs=stated(
        commit(SHOP, sha(1), "label", Strength.CANDIDATE)))  # fmt: skip
    assert _groups((_failed(1, sha(1)), unclaimed)) == []


def test_of_several_things_of_one_commit_nobody_knows_which_a_run_is_about() -> None:
    """In a repository of many services, each image is of the commit."""
    run = _failed(1, sha(9))
    cart, search = _crashing("cart", 1), _crashing("search", 2)
    assert _groups((run, cart, search), _made(1, 9), _made(2, 9)) == []


def test_uses_of_one_image_are_one_group_with_production_first() -> None:
    staging = _crashing("checkout", 1, environment="staging", id="staging/checkout")
    production, run = _crashing("checkout", 1), _failed(1, sha(1))
    assert _groups((staging, run, production), _made(1)) == [
        (production.id, [staging.id, run.id], "cause")
    ]
    assert _groups((staging, production), _made(1)) == [(production.id, [staging.id], "image")]


def test_what_others_are_made_of_comes_first() -> None:
    """A third party's kind, such as a node or a training run, is the cause of what needs it."""
    trained = replace(_crashing("trainer", 1), outputs=stated(
        model_version(MLFLOW, "fraud", "5", "trained by")))  # fmt: skip
    served = model_version(MLFLOW, "fraud", "5", "env MODEL_URI", Strength.LABEL)
    serving = live("fraud-api", digest(2), models=(served,), status=Status.FAILED)
    batch = live("fraud-batch", digest(3), models=(served,), status=Status.FAILED)
    assert _groups((batch, serving, trained)) == [
        (trained.id, sorted([serving.id, batch.id]), "cause")
    ]


def test_measures_of_one_version_belong_together_and_not_to_what_serves_it() -> None:
    psi = drift("fraud", 5, crossed=True)
    values = replace(psi, id="fraud/5/ks", metric="ks")
    other = drift("fraud", 6, crossed=True)
    served = model_version(MLFLOW, "fraud", "5", "env MODEL_URI", Strength.LABEL)
    serving = live("fraud-api", digest(1), models=(served,), status=Status.FAILED)
    drifts: tuple[Drift, ...] = (psi, values, other)
    assert _groups((*drifts, serving)) == [(values.id, [psi.id], "version")]


def test_what_serves_on_while_another_commit_fails_is_no_word_on_that() -> None:
    """A CI server's deployment states what is live, and fails at another commit."""
    deployed = Deployment(
        source="github", id="shop/checkout/production", name="checkout", status=Status.FAILED,
        workload="GitHub", commit=sha(2), environment="production",
        inputs=stated(commit(SHOP, sha(1), "GitHub deployment")),
    )  # fmt: skip
    assert _groups((deployed, _failed(1, sha(1)), _failed(2, sha(2)))) == []
    same = replace(deployed, commit=sha(1))
    assert _groups((same, _failed(1, sha(1)))) == [(same.id, [_failed(1, sha(1)).id], "commit")]


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.SNOOZED])
def test_what_is_known_is_in_no_group_and_hides_nothing(state: AlertState) -> None:
    run, staging = _failed(1, sha(1)), _crashing("checkout", 1, environment="staging", id="s")
    workload = _crashing("checkout", 1)
    index = index_of(run, staging, workload, _made(1))
    known = _alert(workload, state=state)
    (found,) = outages(index, [known, _alert(run), _alert(staging)])
    assert (_about(found.head), found.text) == ("s", "+1 of the same commit")


def test_an_alert_of_a_source_or_of_what_states_nothing_stands_alone() -> None:
    source = Alert(source="k8s", id="source:unreachable", name="clusters", status=Status.FAILED,
                   since=at(0))  # fmt: skip
    unknown = _alert(_crashing("checkout", 1), about=Ref("k8s", Kind.POD, "gone"))
    assert outages(index_of(_crashing("checkout", 1)), [source, unknown, source]) == ()


def test_the_text_counts_the_members() -> None:
    refs = [Ref("k8s", Kind.ALERT, str(number)) for number in range(3)]
    assert Outage(refs[0], tuple(refs[1:]), "cause").text == "+2 of the same cause"


def test_groups_are_found_again_only_where_what_they_follow_from_is_other() -> None:
    run, workload, image = _failed(1, sha(1)), _crashing("checkout", 1), _made(1)
    index, kept = index_of(run, workload, image), OutageGroups()
    alerts = [_alert(run), _alert(workload)]
    found = kept.of(index, alerts)
    assert len(found) == 1
    index.update([_crashing("cart", 1), replace(_made(1), name="another name")])
    stated_since = kept.of(index, alerts)
    index.update([replace(_crashing("cart", 1), name="cart-2")])  # nothing else is stated by that
    assert kept.of(index, alerts) is stated_since
    assert kept.of(index, [_alert(run), _alert(workload, state=AlertState.ACKNOWLEDGED)]) == ()
    assert kept.of(index, alerts) == found
    index.update([replace(workload, commit=sha(2))])  # what an alert is about says otherwise
    assert kept.of(index, alerts) == outages(index, alerts) != found
    index.update([workload], [image.ref])
    assert kept.of(index, alerts) == outages(index, alerts) == ()
