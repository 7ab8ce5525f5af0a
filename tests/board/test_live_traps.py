"""What is live where, on the whole board: what looks like another version, and is none."""

from dataclasses import replace

import pytest

from opsboard.board.state import Board
from opsboard.lineage.where import Presence, whereabouts
from opsboard.records import Deployment, Job, Kind, Service, Status, stated
from opsboard.records.claims import INIT_IMAGE, SIDECAR_IMAGE
from opsboard.records.identity import commit, image
from tests.board.test_services import hosted, in_production, services, shown, stored
from tests.lineage.estate import (
    CLUSTER,
    REGISTRY,
    SHOP,
    build,
    commit_node,
    compared,
    digest,
    known_commit,
    live,
    pod,
    sha,
)

HISTORY = (build(1, sha(1)), build(2, sha(2)), compared(sha(1), sha(2), 1))
IMAGES = (
    stored("checkout", 1, sha(1), tag="v56"),
    stored("checkout", 2, sha(2), tag="v57"),
)


def _live(board: Board, number: int) -> set[str]:
    """Return the names of what is live with the commit *number*."""
    known = [one for one in board.records(Kind.SERVICE).values() if isinstance(one, Service)]
    found = whereabouts(board.lineage, board.containment, commit_node(sha(number)), known)
    return {place.name for place in found.where(Presence.LIVE)}


def _pinned(tag: str, number: int) -> Deployment:
    """Return a workload whose template names *tag* beside a digest."""
    reference = f"{REGISTRY}/checkout:{tag}@{digest(number)}"
    claims = stated(image(digest(number), "pod imageID"))
    return replace(live("checkout"), images=(reference,), inputs=claims)


@pytest.mark.parametrize(("tag", "shown_as"), [("v57", "v56"), ("v56", "v56"), ("", "v56")])
def test_a_tag_beside_a_digest_is_not_what_runs(tag: str, shown_as: str) -> None:
    """The kubelet pulls the digest; the tag may be that of any other image."""
    reference = _pinned(tag, 1)
    if not tag:
        reference = replace(reference, images=(f"{REGISTRY}/checkout@{digest(1)}",))
    board = shown(reference, *IMAGES, *HISTORY)
    state = in_production(services(board)["checkout"])
    assert (state.version, state.commits) == (shown_as, (sha(1),))
    assert not _live(board, 2)


def test_a_tag_beside_a_digest_confirms_no_label() -> None:
    """A label of the workload that names the commit in that tag, which nothing else confirms."""
    said = stated(commit("", sha(2), "annotation revision"))
    labelled = replace(_pinned(f"main-{sha(2)[:7]}", 1), inputs=(*_pinned("x", 1).inputs, *said))
    board = shown(labelled, *IMAGES, *HISTORY)
    assert in_production(services(board)["checkout"]).commits == (sha(1),)
    assert not _live(board, 2)


@pytest.mark.parametrize("rule", [INIT_IMAGE, SIDECAR_IMAGE])
def test_an_older_image_of_the_same_repository_beside_it_is_not_the_version(rule: str) -> None:
    """Migrations run by an init container whose image somebody has forgotten to raise."""
    claims = stated(image(digest(2), "pod imageID"), image(digest(1), rule))
    board = shown(replace(live("checkout", tag="v57"), inputs=claims), *IMAGES, *HISTORY)
    state = in_production(services(board)["checkout"])
    assert (state.version, state.commits) == ("v57", (sha(2),))


def test_while_only_its_init_container_runs_the_tag_of_its_own_is_what_it_is_made_of() -> None:
    waiting = live("checkout", tag="v57")
    claims = (*stated(image(digest(1), INIT_IMAGE)), *waiting.inputs)
    board = shown(replace(waiting, inputs=claims), *IMAGES, *HISTORY)
    assert in_production(services(board)["checkout"]).commits == (sha(2),)


def test_an_image_in_two_registries_is_live_once() -> None:
    mirror = stored("checkout", 1, sha(1), tag="v99")
    mirror = replace(
        mirror, source="mirror", id=f"mirror.example/{mirror.id}",
        repository="mirror.example/shop/checkout",
    )  # fmt: skip
    board = shown(live("checkout", digest(1), tag="v56"), *IMAGES, mirror, *HISTORY)
    state = in_production(services(board)["checkout"])
    assert (state.version, state.commits) == ("v56", (sha(1),))
    assert list(services(board)) == ["checkout"]


def test_the_same_workload_in_two_clusters_is_live_by_itself() -> None:
    """Same name, same namespace, same context's cluster name; another API server."""
    old = live("checkout", digest(1), tag="v56")
    new = live("checkout", digest(2), tag="v57", cluster="https://other", environment="staging")
    pods = (pod(1, "checkout", digest(1), ready=1),
            pod(1, "checkout", digest(2), ready=1, cluster="https://other"))  # fmt: skip
    board = shown(old, new, *pods, *IMAGES, *HISTORY)
    states = {one.environment: one.commits for one in services(board)["checkout"].environments}
    assert states == {"production": (sha(1),), "staging": (sha(2),)}


def test_what_somebody_sets_by_hand_differs_from_what_was_deployed() -> None:
    """`kubectl set image` after the CI server's deployment: the cluster is what runs."""
    told = hosted(sha(1))
    board = shown(live("checkout", digest(2), tag="v57"), told, *IMAGES, *HISTORY)
    state = in_production(services(board)["checkout"])
    assert (state.version, state.commits) == ("v57", (sha(2),))
    assert "github says" in state.disagreement.lower() or "says" in state.disagreement


def test_a_roll_out_of_another_configuration_alone_is_the_same_version() -> None:
    """The template has another hash of a ConfigMap: another revision, and the same image."""
    before = live("checkout", digest(1), tag="v56", revision="7")
    board = shown(before, *IMAGES, *HISTORY)
    state = in_production(services(board)["checkout"])
    after = shown(replace(before, revision="8"), *IMAGES, *HISTORY)
    now = in_production(services(after)["checkout"])
    assert (now.version, now.commits) == (state.version, state.commits) == ("v56", (sha(1),))


def test_a_digest_that_two_commits_reproduce_is_both_and_counts_nothing() -> None:
    """A reproducible build of a commit that changes no file of the image."""
    runs = (build(1, sha(1), makes=(digest(1),)), build(2, sha(2), makes=(digest(1),)))
    bare = stored("checkout", 1, tag="v56")
    board = shown(live("checkout", digest(1), tag="v56"), bare, *runs, compared(sha(1), sha(2), 1))
    service = services(board)["checkout"]
    assert set(in_production(service).commits) == {sha(1), sha(2)}
    assert service.waiting == -1


def test_a_revision_that_is_a_label_of_a_tool_is_no_commit_of_the_code() -> None:
    """Argo CD and Helm write the revision of the manifests' repository, which is another one."""
    deploys = "github.com/acme/deploy"
    said = stated(commit("", sha(7), "annotation of the tool"))
    made = live("checkout", digest(1), tag="v56")
    labelled = replace(made, inputs=(*made.inputs, *said))
    board = shown(labelled, *IMAGES, *HISTORY, known_commit(sha(7), deploys))
    service = services(board)["checkout"]
    assert (service.repository, in_production(service).commits) == (SHOP, (sha(1),))


def test_what_a_job_ran_once_is_not_live() -> None:
    """A migration that has ended ran the image; nothing serves it."""
    job = Job(
        source="k8s", id="migrate", name="checkout", cluster=CLUSTER, namespace="shop",
        status=Status.OK, state="Complete", succeeded=1,
        inputs=stated(image(digest(2), "pod imageID")),
    )  # fmt: skip
    board = shown(live("checkout", digest(1), tag="v56"), job, *IMAGES, *HISTORY)
    assert in_production(services(board)["checkout"]).commits == (sha(1),)
    assert not _live(board, 2)
    assert _live(board, 1) == {"checkout"}
