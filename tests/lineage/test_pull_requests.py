"""Which pull request a record is of: what it states, else what its commits came by."""

from typing import Any

from opsboard.lineage.index import LineageIndex
from opsboard.lineage.pull_requests import pull_requests_of
from opsboard.records import Build, Deployment, PullRequest, PullRequestState, Record
from opsboard.records.claims import Claim, Identity, Strength
from opsboard.records.identity import commit, pull_request

HEAD, MERGED = "a" * 40, "b" * 40
REPOSITORY = "github.com/acme/shop"


def _claims(*found: Claim | None) -> tuple[Claim, ...]:
    return tuple(one for one in found if one is not None)


def _build(*inputs: Claim | None) -> Build:
    return Build(
        source="github", id="1", name="ci", repository="acme/shop", workflow="ci", number=1,
        state="success", inputs=_claims(*inputs),
    )  # fmt: skip


PULL = PullRequest(
    source="github", id=f"{REPOSITORY}#7", name="Split", repository=REPOSITORY, number=7,
    state=PullRequestState.MERGED, inputs=_claims(commit(REPOSITORY, HEAD, "head")),
    outputs=_claims(pull_request(REPOSITORY, 7, "pull"), commit(REPOSITORY, MERGED, "merge")),
)  # fmt: skip


def _found(record: Record, *others: Record) -> list[str]:
    index = LineageIndex()
    index.update([record, *others])
    return [identity.value for identity in pull_requests_of(record, index)]


def test_what_a_record_states_comes_first() -> None:
    stated = _build(pull_request(REPOSITORY, 9, "run"), commit(REPOSITORY, MERGED, "sha"))
    assert _found(stated, PULL) == ["9"]


def test_a_commit_leads_to_the_pull_request_that_it_was_merged_as_or_is_the_head_of() -> None:
    for sha in (HEAD, MERGED):
        assert _found(_build(commit(REPOSITORY, sha, "sha")), PULL) == ["7"]
    assert _found(_build(commit(REPOSITORY, "c" * 40, "sha")), PULL) == []
    assert _found(_build(commit("github.com/eve/shop", MERGED, "sha")), PULL) == []


def test_a_candidate_leads_nowhere() -> None:
    guessed: Any = commit(REPOSITORY, MERGED, "name", Strength.CANDIDATE)
    deployed = Deployment(
        source="k8s", id="d", name="shop", workload="Deployment", inputs=(guessed,)
    )
    assert _found(deployed, PULL) == []
    sure = Deployment(
        source="k8s", id="d", name="shop", workload="Deployment",
        inputs=_claims(commit(REPOSITORY, MERGED, "label", Strength.LABEL)),
    )  # fmt: skip
    assert _found(sure, PULL) == ["7"]
    assert Identity("pull-request", REPOSITORY, "7") in pull_requests_of(PULL, LineageIndex())
