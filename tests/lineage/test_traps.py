"""Wrong edges that a careless join would draw: each trap, with records as adapters state them."""

import pytest

from opsboard.lineage.chain import chain
from opsboard.lineage.edges import edges_into
from opsboard.lineage.graph import LineageRules
from opsboard.lineage.origin import origin_of
from opsboard.lineage.walk import solid_downstream, solid_upstream
from opsboard.records import Build, Deployment, Strength
from opsboard.records.identity import model_alias, model_version
from tests.lineage.estate import (
    MLFLOW,
    REGISTRY,
    SHOP,
    OciImage,
    build,
    commit_node,
    digest,
    image_node,
    index_of,
    known_commit,
    live,
    merged,
    picture,
    pod,
    refs,
    renamed,
    sha,
    version,
    version_node,
)

FORK = "github.com/mallory/checkout"
BASE = "github.com/acme/base"


def test_the_chain_by_digest() -> None:
    run, made = build(1, sha(1)), picture("checkout", digest(1), revision=sha(1), origin=SHOP)
    deployed = live("checkout", digest(1), tag="v56")
    index = index_of(run, made, deployed)
    assert solid_upstream(index, deployed.ref).refs() == [deployed.ref, made.ref]
    assert commit_node(sha(1)) in solid_upstream(index, deployed.ref).nodes
    assert solid_downstream(index, commit_node(sha(1))).refs() == [run.ref, made.ref, deployed.ref]


# --- a repository that was renamed ---------------------------------------------------------------

FORMER = "github.com/acme/shop-checkout"


def _under_its_former_name() -> tuple[Build, OciImage, Deployment]:
    made = picture("checkout", digest(1), revision=sha(1), origin=FORMER, tags=(sha(1)[:7],))
    return build(1, sha(1)), made, live("checkout", digest(1), tag="v56")


def test_what_is_stated_by_a_former_name_is_of_the_same_repository() -> None:
    run, made, deployed = _under_its_former_name()
    index = index_of(run, made, deployed)
    assert commit_node(sha(1)) not in solid_upstream(index, deployed.ref).nodes
    index.update([renamed(SHOP, FORMER)])
    assert origin_of(index, deployed).commits == (commit_node(sha(1)),)
    assert origin_of(index, deployed).repository == SHOP
    assert run.ref in solid_downstream(index, commit_node(sha(1), FORMER)).refs()
    assert chain(index, commit_node(sha(1), FORMER)).start == commit_node(sha(1))


def test_what_follows_from_a_rename_is_looked_at_again() -> None:
    run, made, deployed = _under_its_former_name()
    index = index_of(run, made, deployed)
    assert {("commit", sha(1)), ("repository", FORMER)} <= index.update([renamed(SHOP, FORMER)])
    assert ("commit", sha(1)) in index.update([], [renamed(SHOP, FORMER).ref])
    assert origin_of(index, deployed).repository != SHOP


def test_a_name_that_another_repository_has_taken_is_that_one() -> None:
    run, made, deployed = _under_its_former_name()
    taken = renamed(FORMER, "github.com/acme/older")
    index = index_of(run, made, deployed, renamed(SHOP, FORMER), taken)
    assert origin_of(index, deployed).repository != SHOP


def test_a_name_that_two_are_said_to_have_had_is_neither() -> None:
    run, made, deployed = _under_its_former_name()
    other = renamed("github.com/acme/other", FORMER, source="another")
    index = index_of(run, made, deployed, renamed(SHOP, FORMER), other)
    assert origin_of(index, deployed).repository not in {SHOP, "github.com/acme/other"}


def test_what_is_declared_by_a_former_name_counts() -> None:
    made = picture("odd", digest(1), revision=sha(1), origin=SHOP)
    rules = LineageRules(built_from={f"{REGISTRY}/odd": f"https://{FORMER}"})
    index = index_of(made, renamed(SHOP, FORMER), rules=rules)
    assert commit_node(sha(1)) in solid_upstream(index, made.ref, 1).nodes


# --- labels --------------------------------------------------------------------------------------


def test_a_label_inherited_from_the_base_image_is_not_used() -> None:
    base = picture("base", digest(1), revision=sha(1), origin=BASE)
    made = picture("checkout", digest(2), revision=sha(1), origin=BASE, base=digest(1))
    index = index_of(base, made, build(1, sha(1), BASE, begun=-9, ended=9))
    assert [edge.upstream for edge in edges_into(index, made.ref)] == [base.ref]


def test_an_inherited_label_is_not_used_whatever_else_would_confirm_it() -> None:
    """The base has the name of the repository, too, and a tag with the commit in it."""
    base = picture("checkout", digest(1), revision=sha(1), origin=SHOP, registry="other/base")
    made = picture("checkout", digest(2), revision=sha(1), origin=SHOP, base=digest(1),
                   tags=(sha(1)[:7],))  # fmt: skip
    index = index_of(base, made)
    assert commit_node(sha(1)) not in solid_upstream(index, made.ref, 1).nodes


def test_an_inherited_label_is_not_even_a_candidate_of_the_repositories_that_have_it() -> None:
    base = picture("base", digest(1), revision=sha(1))
    made = picture("checkout", digest(2), revision=sha(1), base=digest(1))
    index = index_of(base, made, build(1, sha(1), SHOP), build(2, sha(1), FORK))
    assert [edge.upstream for edge in edges_into(index, made.ref)] == [base.ref]
    assert {edge.upstream for edge in edges_into(index, base.ref)} == {
        commit_node(sha(1), SHOP),
        commit_node(sha(1), FORK),
    }


def test_a_label_inherited_from_an_unknown_base_is_a_candidate() -> None:
    """Nothing that is known of the image itself says that it is made of that commit."""
    made = picture("checkout", digest(2), revision=sha(1), origin=BASE, created=60)
    index = index_of(made, build(1, sha(1), BASE, begun=0, ended=5))
    (edge,) = edges_into(index, made.ref)
    assert edge.is_candidate
    assert "nothing confirms the label" in edge.note


def test_an_inherited_revision_beside_a_source_of_its_own_is_a_candidate() -> None:
    """The image states its repository, and has the rest of the label from a base of elsewhere.

    Its name confirms the repository; the host of that does not know the commit.
    """
    made = picture("checkout", digest(2), revision=sha(1), origin=SHOP, base=digest(9))
    index = index_of(made, known_commit(sha(7)))
    edge = edges_into(index, made.ref)[-1]
    assert (edge.upstream, edge.is_candidate) == (commit_node(sha(1)), True)
    assert "is not known to have the commit" in edge.note
    assert ("commit", sha(1)) in index.update([], [known_commit(sha(7)).ref])
    assert ("commit", sha(1)) in index.update([known_commit(sha(7)), known_commit(sha(1))])
    assert edges_into(index, made.ref)[-1].strength is Strength.LABEL


def test_a_label_of_another_checkout_is_a_candidate() -> None:
    """CI stamps the commit of its own scripts: the name of the repository would confirm it."""
    made = picture("checkout", digest(1), revision=sha(9), origin=SHOP)
    index = index_of(made, build(1, sha(9), "github.com/acme/scripts"))
    (edge,) = edges_into(index, made.ref)
    assert edge.is_candidate
    assert "github.com/acme/scripts" in edge.note


def test_a_label_against_an_attestation_is_a_candidate() -> None:
    run = build(1, sha(1), makes=(digest(1),))
    made = picture("checkout", digest(1), revision=sha(2), origin=SHOP, tags=(sha(2)[:7],))
    index = index_of(run, made)
    edges = edges_into(index, made.ref)
    assert [(edge.upstream, edge.is_candidate) for edge in edges] == [
        (run.ref, False),
        (commit_node(sha(2)), True),
    ]
    assert sha(1)[:7] in edges[1].note


def test_a_label_against_the_tag_is_a_candidate() -> None:
    made = picture(
        "checkout", digest(1), revision=sha(2), origin=SHOP, tags=(f"main-{sha(1)[:7]}",)
    )
    (edge,) = edges_into(index_of(made), made.ref)
    assert edge.is_candidate
    assert sha(1)[:7] in edge.note


@pytest.mark.parametrize("tag", [sha(1), sha(1)[:7], f"sha-{sha(1)[:12]}", f"v2-g{sha(1)[:8]}"])
def test_a_tag_with_the_commit_in_it_confirms_the_label(tag: str) -> None:
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, tags=("latest", tag))
    (edge,) = edges_into(index_of(made), made.ref)
    assert edge.strength is Strength.LABEL


@pytest.mark.parametrize("tag", ["latest", "v56", "20261127", sha(1)[:6], f"x{sha(1)[:7]}"])
def test_no_other_tag_confirms_it(tag: str) -> None:
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, tags=(tag,))
    (edge,) = edges_into(index_of(made), made.ref)
    assert edge.is_candidate


def test_a_run_at_the_time_confirms_the_label() -> None:
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, created=4)
    (edge,) = edges_into(index_of(made, build(1, sha(1), begun=0, ended=5)), made.ref)
    assert edge.strength is Strength.LABEL


def test_a_run_at_another_time_does_not() -> None:
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, created=40)
    (edge,) = edges_into(index_of(made, build(1, sha(1), begun=0, ended=5)), made.ref)
    assert edge.is_candidate


def test_what_is_declared_confirms_the_label() -> None:
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, tags=("v1",))
    rules = LineageRules(built_from={f"{REGISTRY}/cart": "https://github.com/acme/checkout.git"})
    (edge,) = edges_into(index_of(made, rules=rules), made.ref)
    assert edge.strength is Strength.LABEL


def test_an_attestation_confirms_the_label() -> None:
    run = build(1, sha(1), makes=(digest(1),))
    made = picture("cart", digest(1), revision=sha(1), origin=SHOP, tags=("v1",))
    edges = edges_into(index_of(run, made), made.ref)
    assert [edge.strength for edge in edges] == [Strength.DIGEST, Strength.LABEL]


def test_what_the_adapter_does_not_vouch_for_stays_a_candidate() -> None:
    made = picture("checkout", digest(1), revision=sha(1), origin=SHOP,
                   strength=Strength.CANDIDATE)  # fmt: skip
    (edge,) = edges_into(index_of(made), made.ref)
    assert edge.is_candidate


# --- digests and tags ----------------------------------------------------------------------------


@pytest.mark.parametrize("told", [1, 2, 3])
def test_index_platform_and_config_digest_are_one_image(told: int) -> None:
    made = picture("checkout", digest(1), digest(2), digest(3), revision=sha(1), origin=SHOP)
    deployed, run = live("checkout", digest(told)), build(1, sha(1), makes=(digest(1),))
    index = index_of(made, deployed, run)
    assert [edge.upstream for edge in edges_into(index, deployed.ref)] == [made.ref]
    assert solid_downstream(index, run.ref).refs() == [run.ref, made.ref, deployed.ref]


def test_one_image_in_two_registries_is_made_of_one_commit() -> None:
    first = picture("checkout", digest(1), revision=sha(1), origin=SHOP)
    mirror = picture("checkout", digest(1), registry="mirror.example/shop", source="mirror")
    deployed = live("checkout", digest(1))
    reached = solid_upstream(index_of(first, mirror, deployed), deployed.ref)
    assert set(reached.refs()) == {deployed.ref, first.ref, mirror.ref}
    assert reached.identities() == [commit_node(sha(1))]


def test_one_commit_and_twelve_images() -> None:
    """A run that made twelve is none of them: what runs one of them does not run the others."""
    images = [picture(f"part{number}", digest(number)) for number in range(12)]
    run = build(1, sha(1), makes=tuple(digest(number) for number in range(12)))
    workloads = [live(f"part{number}", digest(number)) for number in range(12)]
    index = index_of(run, *images, *workloads)
    for made, deployed in zip(images, workloads, strict=True):
        assert solid_upstream(index, deployed.ref).refs() == [deployed.ref, made.ref, run.ref]
        assert solid_downstream(index, made.ref).refs() == [made.ref, deployed.ref]
    assert len(solid_downstream(index, commit_node(sha(1))).refs()) == 25


def test_ten_thousand_images_of_one_commit_are_judged_without_looking_at_each_other() -> None:
    """Each label was looked up beside all others of the commit: it took minutes."""
    images = [picture(f"part{number}", digest(number), revision=sha(1), origin=SHOP, created=4)
              for number in range(10_000)]  # fmt: skip
    index = index_of(*images, build(1, sha(1)))
    assert len(index.naming(commit_node(sha(1)))) == 1
    assert not index.with_commit(image_node(digest(7)))
    assert edges_into(index, images[7].ref)[0].strength is Strength.LABEL


def test_a_tag_is_used_where_no_digest_is_known() -> None:
    made, deployed = picture("checkout", digest(1), tags=("v56",)), live("checkout", tag="v56")
    (edge,) = edges_into(index_of(made, deployed), deployed.ref)
    assert (edge.upstream, edge.strength) == (made.ref, Strength.TAG)


def test_a_tag_pushed_anew_is_not_what_runs() -> None:
    old = picture("checkout", digest(1), revision=sha(1), origin=SHOP)
    new = picture("checkout", digest(2), revision=sha(2), origin=SHOP, tags=("v56",))
    deployed = live("checkout", digest(1), tag="v56")
    index = index_of(old, new, deployed)
    assert [(e.upstream, e.is_candidate) for e in edges_into(index, deployed.ref)] == [
        (old.ref, False),
        (new.ref, True),
    ]
    assert "leads there now" in edges_into(index, deployed.ref)[1].note
    assert solid_upstream(index, deployed.ref).identities() == [commit_node(sha(1))]
    assert solid_downstream(index, new.ref).refs() == [new.ref]


def test_the_digest_of_a_sidecar_says_nothing_of_another_container() -> None:
    """Its image is not pulled yet: the tag is all that is known of it, and that is something."""
    proxy, web = picture("proxy", digest(1)), picture("checkout", digest(2), tags=("v56",))
    starting = live("checkout", digest(1), tag="v56")
    edges = {e.upstream: e for e in edges_into(index_of(proxy, web, starting), starting.ref)}
    assert (edges[proxy.ref].strength, edges[web.ref].strength) == (Strength.DIGEST, Strength.TAG)
    assert not edges[web.ref].note


def test_a_mirror_of_the_repository_has_the_same_thing() -> None:
    """What runs was pulled from elsewhere under the same name: the tag has moved since."""
    mirrored = picture("checkout", digest(1), registry="mirror.example/shop")
    moved = picture("checkout", digest(2), tags=("v56",))
    deployed = live("checkout", digest(1), tag="v56")
    edges = {e.upstream: e for e in edges_into(index_of(mirrored, moved, deployed), deployed.ref)}
    assert edges[moved.ref].is_candidate
    assert "is not that" in edges[moved.ref].note


def test_of_a_digest_of_no_image_on_the_board_it_is_said_that_it_is_unknown() -> None:
    moved, deployed = (
        picture("checkout", digest(2), tags=("v56",)),
        live("checkout", digest(1), tag="v56"),
    )
    (edge,) = [e for e in edges_into(index_of(moved, deployed), deployed.ref) if e.is_candidate]
    assert "no image on the board" in edge.note


def test_a_tag_beside_an_unknown_digest_is_not_what_runs() -> None:
    """The image that it was is gone from the registry: what has the tag now is not that one."""
    new = picture("checkout", digest(2), tags=("v56",))
    deployed = live("checkout", digest(1), tag="v56")
    assert [(e.upstream, e.is_candidate) for e in edges_into(index_of(new, deployed), deployed.ref)
            ] == [(image_node(digest(1)), False), (new.ref, True)]  # fmt: skip


def test_a_tag_that_leads_to_what_runs_says_nothing_more() -> None:
    made = picture("checkout", digest(1), tags=("v56",))
    deployed = live("checkout", digest(1), tag="v56")
    assert [edge.rule for edge in edges_into(index_of(made, deployed), deployed.ref)] == [
        "pod imageID"
    ]


def test_two_images_that_are_said_to_have_one_tag_are_candidates() -> None:
    """Two sources have read one repository at different times."""
    one = picture("checkout", digest(1), tags=("v56",))
    other = picture("checkout", digest(2), tags=("v56",), source="slower")
    deployed = live("checkout", tag="v56")
    edges = edges_into(index_of(one, other, deployed), deployed.ref)
    assert [edge.is_candidate for edge in edges] == [True, True]


def test_two_runs_that_pushed_one_tag_are_candidates() -> None:
    first, again = (build(n, sha(n), tags=(f"{REGISTRY}/checkout:v56",)) for n in (1, 2))
    made = picture("checkout", digest(1), tags=("v56",))
    index = index_of(first, again, made)
    assert [edge.is_candidate for edge in edges_into(index, made.ref)] == [True, True]
    index.update([], [first.ref])
    assert [edge.is_candidate for edge in edges_into(index, made.ref)] == [False]


# --- repositories --------------------------------------------------------------------------------


def test_a_fork_with_the_same_commit_is_another_repository() -> None:
    own, forked = build(1, sha(1)), build(1, sha(1), FORK)
    made = picture("checkout", digest(1), revision=sha(1), origin=SHOP)
    index = index_of(own, forked, made)
    assert solid_downstream(index, commit_node(sha(1))).refs() == [own.ref, made.ref]
    assert solid_downstream(index, commit_node(sha(1), FORK)).refs() == [forked.ref]


def test_a_commit_without_its_repository_is_joined_where_only_one_has_it() -> None:
    made, run = version("fraud", 5, made_from=sha(1)), build(1, sha(1))
    index = index_of(made, run)
    assert commit_node(sha(1)) in solid_upstream(index, made.ref).nodes
    assert made.ref in solid_downstream(index, commit_node(sha(1))).nodes
    forked = build(1, sha(1), FORK)
    index.update([forked])
    edges = [edge for edge in edges_into(index, made.ref) if edge.is_candidate]
    assert [edge.upstream for edge in edges] == [commit_node(sha(1)), commit_node(sha(1), FORK)]
    assert "any of 2" in edges[0].note
    assert made.ref not in solid_downstream(index, commit_node(sha(1))).nodes
    index.update([], [forked.ref])
    assert commit_node(sha(1)) in solid_upstream(index, made.ref).nodes


def test_a_cherry_pick_is_another_commit() -> None:
    picked = build(2, sha(2), title="Fix rounding", actor="dana", branch="release/1")
    index = index_of(build(1, sha(1), title="Fix rounding", actor="dana"), picked)
    assert picked.ref not in solid_downstream(index, commit_node(sha(1))).nodes
    assert all(edge.upstream == commit_node(sha(2)) for edge in edges_into(index, picked.ref))


def test_the_commit_that_was_merged_leads_to_what_it_became() -> None:
    pull = merged(12, sha(1), sha(2))
    made = picture("checkout", digest(1), revision=sha(2), origin=SHOP)
    deployed = live("checkout", digest(1))
    index = index_of(pull, made, deployed, build(1, sha(2)), build(9, sha(1), pull=12))
    assert deployed.ref in solid_downstream(index, commit_node(sha(1))).nodes
    assert commit_node(sha(1)) in solid_upstream(index, deployed.ref).nodes


# --- containers ----


def test_a_sidecar_of_another_repository_does_not_give_a_workload_its_commit() -> None:
    """Also while the image of its own container is pulled, and where it is in a mirror."""
    mesh = picture("mesh", digest(5), revision=sha(5), origin="github.com/acme/mesh")
    mirror = picture("checkout", digest(1), revision=sha(1), origin=SHOP, registry="mirror.example")
    pending = live("checkout", digest(5), tag="v1")
    running = live("checkout", digest(1), digest(5), tag="v1", namespace="other")
    untold = live("checkout", digest(1), digest(5), namespace="third")
    index = index_of(mesh, mirror, pending, running, untold)
    assert origin_of(index, pending).commits == ()
    assert origin_of(index, running).commits == (commit_node(sha(1)),)
    assert origin_of(index, untold).commits == ()


# --- models --------------------------------------------------------------------------------------


def test_the_same_model_on_two_servers_is_two_models() -> None:
    own = version("fraud", 5)
    other = version("fraud", 5, server="https://other.example", source="other", run="r9")
    stated = live("scoring", models=(model_version(MLFLOW, "fraud", "5", "env MODEL_URI"),))
    index = index_of(own, other, stated)
    assert [edge.upstream for edge in edges_into(index, stated.ref)] == [own.ref]
    unstated = live("guess", models=(model_version("", "fraud", "5", "env MODEL_URI"),))
    index.update([unstated])
    edges = edges_into(index, unstated.ref)
    assert {edge.upstream for edge in edges} == {own.ref, other.ref}
    assert all(edge.is_candidate for edge in edges)
    assert solid_downstream(index, own.ref).refs() == [own.ref, stated.ref]


def test_a_server_with_two_addresses_is_declared() -> None:
    inside = "http://mlflow.ml.svc:5000"
    served = live("scoring", models=(model_version(inside, "fraud", "5", "env MODEL_URI"),))
    known = version("fraud", 5)
    assert [e.upstream for e in edges_into(index_of(known, served), served.ref)] == [
        version_node("fraud", 5, inside)
    ]
    index = index_of(known, served, rules=LineageRules(same_server={inside: MLFLOW}))
    assert [edge.upstream for edge in edges_into(index, served.ref)] == [known.ref]


def test_a_version_that_is_served_wins_over_an_alias() -> None:
    loaded, now = version("fraud", 5), version("fraud", 6)
    now_has = type(now)(**{**now.__dict__, "outputs": (
        *now.outputs, model_alias(MLFLOW, "fraud", "champion", "MLflow alias"))})  # fmt: skip
    by_alias = model_alias(MLFLOW, "fraud", "champion", "env MODEL_URI")
    served = live("scoring", models=(model_version(MLFLOW, "fraud", "5", "label"), by_alias))
    index = index_of(loaded, now_has, served)
    assert [(e.upstream, e.is_candidate) for e in edges_into(index, served.ref)] == [
        (loaded.ref, False),
        (now.ref, True),
    ]
    only = live("other", models=(by_alias,))
    index.update([only])
    assert [(e.upstream, e.strength) for e in edges_into(index, only.ref)] == [
        (now.ref, Strength.TAG)
    ]


def test_a_version_of_one_model_says_nothing_of_the_alias_of_another() -> None:
    fraud, now = version("fraud", 5), version("churn", 2)
    now_has = type(now)(**{**now.__dict__, "outputs": (
        *now.outputs, model_alias(MLFLOW, "churn", "champion", "MLflow alias"))})  # fmt: skip
    served = live("scoring", models=(
        model_version(MLFLOW, "fraud", "5", "label"),
        model_alias(MLFLOW, "churn", "champion", "env MODEL_URI"),
    ))  # fmt: skip
    index = index_of(fraud, now_has, served)
    assert [(e.upstream, e.strength) for e in edges_into(index, served.ref)] == [
        (fraud.ref, Strength.SHA),
        (now.ref, Strength.TAG),
    ]


# --- parts ---------------------------------------------------------------------------------------


def test_pods_of_one_workload_are_not_made_of_each_other() -> None:
    old, new = picture("checkout", digest(1)), picture("checkout", digest(2))
    pods = [pod(1, "checkout", digest(1)), pod(2, "checkout", digest(2))]
    deployed = live("checkout", digest(1), digest(2))
    index = index_of(old, new, deployed, *pods)
    assert set(solid_upstream(index, pods[0].ref).refs()) == {pods[0].ref, old.ref, deployed.ref}
    assert new.ref not in chain(index, pods[0].ref).nodes
    assert solid_downstream(index, old.ref).refs() == [old.ref, deployed.ref, pods[0].ref]
    assert solid_downstream(index, deployed.ref).refs() == [deployed.ref, *refs(*pods)]
    assert chain(index, new.ref).nodes == (new.ref, deployed.ref)


def test_a_pod_of_an_old_revision_is_made_of_its_own_image_only() -> None:
    """While a roll-out runs, its workload is made of the new image, and serves the new model."""
    old = picture("checkout", digest(1), revision=sha(1), origin=SHOP)
    new = picture("checkout", digest(2), revision=sha(2), origin=SHOP)
    served = model_version(MLFLOW, "fraud", "6", "env MODEL_URI")
    deployed = live("checkout", digest(2), models=(served,))
    before, after = pod(1, "checkout", digest(1)), pod(2, "checkout", digest(2))
    index = index_of(old, new, deployed, before, after, version("fraud", 6))
    for one, made_of, other in ((before, sha(1), sha(2)), (after, sha(2), sha(1))):
        told = solid_upstream(index, one.ref).nodes
        assert deployed.ref in told
        assert commit_node(made_of) in told
        assert commit_node(other) not in told
        assert commit_node(other) not in chain(index, one.ref).nodes
    assert before.ref not in solid_downstream(index, commit_node(sha(2))).nodes
    assert before.ref not in solid_downstream(index, version_node("fraud", 6)).nodes
