"""One release that the cluster and the CI server tell of is one row; two releases are two."""

from collections.abc import Sequence
from typing import Any

import pytest

from opsboard.history.before_red import before_red
from opsboard.history.model import Transition
from opsboard.history.releases import Releases, releases
from opsboard.history.timeline import TimelineEvent, event_of
from opsboard.lineage.index import LineageIndex
from opsboard.records import Deployment, Image, Record, Status
from opsboard.records.claims import Strength, stated
from opsboard.records.identity import commit, image, workload
from tests.history.sample_changes import MINUTE, NOW, changed, deployment

REPOSITORY = "github.com/acme/checkout"
SHA, OTHER = "a" * 40, "b" * 40
DIGEST = "sha256:" + "1" * 64
OWN = workload("https://prod.example", "shop", "Deployment", "checkout", "Kubernetes")


def _running(tag: str, sha: str = "", **fields: Any) -> Deployment:
    inputs = stated(commit(REPOSITORY, sha, "annotation")) if sha else ()
    return deployment(tag=tag, **{"inputs": inputs, "outputs": stated(OWN), **fields})


def _deployed(sha: str = SHA, status: Status = Status.OK, **fields: Any) -> Deployment:
    values = {
        "source": "github", "id": "acme/checkout/11", "name": "deploy #11", "images": (),
        "workload": "GitHub deployment", "cluster": "", "namespace": "", "commit": sha,
        "revision": "", "created_at": NOW - 5 * MINUTE, "status": status,
        "inputs": stated(commit(REPOSITORY, sha, "GitHub deployment: sha")),
    }  # fmt: skip
    return deployment(**{**values, **fields})


ROLLED = changed(_running("v55", OTHER), _running("v56", SHA), -4)


def _course(**fields: Any) -> list[Transition]:
    begun = _deployed(**{**fields, "status": Status.RUNNING})
    ended = _deployed(**fields)
    return [
        changed(None, begun, -5, actor="dana"), changed(begun, ended, -3, actor="dana"),
    ]  # fmt: skip


def _of(transitions: Sequence[Transition], *known: Record) -> Releases:
    def index() -> LineageIndex:
        made = LineageIndex()
        made.update([*known, *(one.after for one in transitions if one.after)])
        return made

    return releases(transitions, index)


def _rows(transitions: Sequence[Transition], *known: Record) -> list[TimelineEvent]:
    found = _of(transitions, *known)
    rows = (found.apply(one.seq, event_of(one)) for one in transitions)
    return [row for row in rows if row is not None]


def test_the_cluster_and_the_ci_server_are_two_witnesses_of_one_row() -> None:
    (row,) = _rows([*_course(), ROLLED])
    assert row.change == "v55 → v56, by github too"
    assert (row.who, row.ref) == ("dana", ROLLED.ref)
    assert [ref.source for ref in row.witnesses] == ["k8s", "github"]


def test_a_digest_leads_to_the_commit_through_the_image() -> None:
    made = Image(
        source="registry", id=DIGEST, name="checkout", digest=DIGEST, repository="shop/checkout",
        registry="registry.example",
        inputs=stated(commit(REPOSITORY, SHA, "provenance", Strength.SHA)),
        outputs=stated(image(DIGEST, "registry")),
    )  # fmt: skip
    after = _running("v56", inputs=stated(image(DIGEST, "pod imageID")))
    rolled = changed(_running("v55"), after, -4)
    assert len(_rows([*_course(), rolled], made)) == 1
    assert len(_rows([*_course(), rolled])) == 3, "without the image, nobody knows"


@pytest.mark.parametrize(
    "rolled",
    [
        changed(_running("v55"), _running("v56", OTHER), -4),
        changed(_running("v55"), _running("v56"), -4),
        changed(_running("v55"), _running("v56", SHA, environment="staging"), -4),
        changed(
            _running("v55", environment=""), _running("v56", SHA, environment=""), -4
        ),
        changed(_running("v55", OTHER), _running("v56", SHA), -9),
        changed(_running("v55", OTHER), _running("v56", SHA), -2),
        changed(
            _running("v55"),
            _running(
                "v56",
                inputs=stated(commit(REPOSITORY, SHA, "label", Strength.CANDIDATE)),
            ),
            -4,
        ),
        changed(_running("v55", SHA), _running("v55", SHA, desired=9), -4),
    ],
    ids=["commit", "none known", "environment", "no environment", "before", "after", "candidate",
         "no roll-out"],
)  # fmt: skip
def test_what_is_not_surely_one_release_is_two(rolled: Transition) -> None:
    assert len(_rows([*_course(), rolled])) == 3


def test_while_it_is_rolled_out_the_pods_of_before_say_nothing() -> None:
    """The digests that run are those of before, until the last of its pods is gone."""
    rolling = {"status": Status.RUNNING, "updated": 1, "desired": 4}
    begun = changed(_running("v55", SHA), _running("v56", SHA, **rolling), -4)
    assert len(_rows([*_course(), begun])) == 3
    done = changed(_running("v56", SHA, **rolling), _running("v56", SHA, updated=4), -3.5)
    found = _of([*_course(), begun, done])
    assert set(found.witnesses) == {begun.seq}


def test_times_agree_within_their_intervals() -> None:
    late = changed(_running("v55", OTHER), _running("v56", SHA), 1, earliest=NOW - 6 * MINUTE)
    assert len(_rows([*_course(), late])) == 1


def test_one_deployment_of_twelve_workloads_and_two_of_one_commit() -> None:
    more = [
        changed(_running("v55", OTHER, id=name), _running("v56", SHA, id=name), -4)
        for name in ("one", "two")
    ]
    assert {row.ref for row in _rows([*_course(), *more])} == {one.ref for one in more}
    again = [changed(None, _deployed(id="acme/checkout/12", created_at=NOW - 4.2 * MINUTE), -3.5)]
    rows = _rows([*_course(), *again, ROLLED])
    assert [row.ref and row.ref.id for row in rows] == [
        "acme/checkout/11", "acme/checkout/11", ROLLED.ref.id,
    ]  # fmt: skip


def test_that_the_deployment_failed_stays_a_row() -> None:
    rows = _rows([*_course(status=Status.FAILED), ROLLED])
    assert [row.status for row in rows] == [Status.FAILED, Status.OK]


def test_what_changed_before_lists_a_release_once() -> None:
    listed = [*_course(), ROLLED]
    red = _running("v56", SHA, status=Status.FAILED)
    found = before_red(red, NOW, listed, relations={}, one_release=_of(listed))
    assert [one.event.change for one in found.changes] == ["v55 → v56, by github too"]
