"""The chain of one thing, as a screen draws it."""

from dataclasses import replace

from opsboard.lineage.chain import chain, chain_root
from opsboard.records import Claim, ConfigObject, Kind, Model, Ref, Strength
from opsboard.records.claims import RESOURCE
from opsboard.records.identity import model_version
from tests.history.sample_changes import act
from tests.lineage.estate import (
    MLFLOW,
    SHOP,
    build,
    commit_node,
    digest,
    drift,
    image_node,
    index_of,
    live,
    picture,
    pod,
    sha,
    version,
)


def test_from_each_end_the_whole_chain_is_told_in_the_order_of_the_flow() -> None:
    run = build(1, sha(1), begun=0, ended=5)
    made = picture("checkout", digest(1), revision=sha(1), origin=SHOP, created=4)
    model = version("fraud", 5, aliases=("champion",))
    watched = drift("fraud", 5)
    served = model_version(MLFLOW, "fraud", "5", "env MODEL_URI", Strength.LABEL)
    deployed = live("checkout", digest(1), models=(served,))
    index = index_of(run, made, model, watched, deployed)
    for end in (commit_node(sha(1)), made.ref, deployed.ref):
        nodes = chain(index, end).nodes
        expected = [commit_node(sha(1)), run.ref, made.ref, deployed.ref]
        assert [node for node in nodes if node in expected] == expected
    assert chain(index, watched.ref).nodes[-1] == watched.ref
    assert deployed.ref in chain(index, model.ref).solid


def test_the_run_that_was_under_way_at_the_time_is_a_candidate() -> None:
    runs = [build(1, sha(1), begun=0, ended=5), build(2, sha(1), begun=60, ended=65)]
    made = picture("checkout", digest(1), revision=sha(1), origin=SHOP, created=4)
    told = chain(index_of(*runs, made), made.ref)
    guesses = [edge for edge in told.edges if edge.is_candidate]
    assert [(edge.upstream, edge.rule) for edge in guesses] == [
        (runs[0].ref, "same commit, ran at the time")
    ]
    assert "attest" in guesses[0].note
    assert runs[0].ref not in told.solid


def test_an_image_without_a_label_has_the_runs_of_its_name_as_candidates() -> None:
    run = build(1, sha(1), begun=0, ended=5)
    made = picture("checkout", digest(1), tags=("v56",), created=4)
    index = index_of(run, made, build(2, sha(2), "github.com/acme/other", begun=0, ended=5))
    told = chain(index, made.ref)
    assert [edge.upstream for edge in told.edges if edge.is_candidate] == [run.ref]
    assert "org.opencontainers.image.revision" in told.missing[0].note
    assert made.ref in chain(index, run.ref).nodes
    assert made.ref not in chain(index, run.ref).solid


def test_a_model_of_the_same_name_is_a_candidate_until_one_is_stated() -> None:
    model, deployed = version("fraud", 5, aliases=("champion",)), live("fraud", digest(1))
    told = chain(index_of(model, deployed), deployed.ref)
    (edge,) = [edge for edge in told.edges if edge.is_candidate]
    assert (edge.upstream, edge.rule) == (model.ref, "same name")
    stated = live("fraud", digest(1), models=(model_version(MLFLOW, "fraud", "5", "label"),))
    assert not any(edge.is_candidate for edge in chain(index_of(model, stated), stated.ref).edges)


def test_what_is_missing_says_what_would_mend_it() -> None:
    deployed = live("checkout", digest(1))
    notes = [lack.note for lack in chain(index_of(deployed), deployed.ref).missing]
    assert notes == [
        "no source knows the image sha256:000000000000: add its registry (opsboard init registry)"
    ]
    by_tag = live("checkout", tag="v56")
    assert "a tag can be moved" in chain(index_of(by_tag), by_tag.ref).missing[0].note
    model = version("fraud", 5)
    assert "names no commit" in chain(index_of(model), model.ref).missing[0].note


def test_an_inherited_label_is_told() -> None:
    base = picture("base", digest(1), revision=sha(1), origin=SHOP)
    made = picture("checkout", digest(2), revision=sha(1), origin=SHOP, base=digest(1))
    lacks = chain(index_of(base, made), made.ref).missing
    assert [lack.node for lack in lacks if "base image" in lack.note] == [made.ref]


def test_pods_are_told_by_their_workload() -> None:
    made, deployed = picture("checkout", digest(1)), live("checkout", digest(1))
    pods = [pod(number, "checkout", digest(1)) for number in range(300)]
    index = index_of(made, deployed, *pods)
    assert chain(index, made.ref).nodes == (made.ref, deployed.ref)
    assert set(chain(index, pods[7].ref).nodes) == {made.ref, pods[7].ref, deployed.ref}


def test_a_base_image_of_everything_is_cut() -> None:
    base = picture("base", digest(0))
    made = [picture(f"part{n}", digest(n + 1), base=digest(0)) for n in range(300)]
    told = chain(index_of(base, *made), base.ref)
    assert told.cut
    assert len(told.nodes) < 100


def test_the_chain_of_an_identity_is_that_of_its_record() -> None:
    made = picture("checkout", digest(1), digest(2))
    index = index_of(made)
    assert chain(index, image_node(digest(2))) == chain(index, made.ref)


def test_the_chain_of_what_is_not_known_is_that_alone() -> None:
    told = chain(index_of(), commit_node(sha(1)))
    assert told.nodes == (commit_node(sha(1)),)
    assert not told.edges


def test_the_chain_of_a_model_and_of_its_drift_is_that_of_the_version() -> None:
    """So that it shows what serves it, which is made of the version too."""
    serving, watched = version("fraud", 5, aliases=("champion",)), drift("fraud", 5)
    stated = model_version(MLFLOW, "fraud", "5", "MLflow alias champion", Strength.TAG)
    assert stated is not None
    model = Model(source="mlflow", id="fraud", name="fraud", serving="5", inputs=(stated,))
    served = model_version(MLFLOW, "fraud", "5", "env MODEL_URI", Strength.LABEL)
    deployed = live("checkout", digest(1), models=(served,))
    index = index_of(serving, watched, model, deployed)
    for one in (model, watched):
        assert chain_root(index, one) == serving.ref
        assert {model.ref, deployed.ref, watched.ref} <= chain(index, serving.ref).solid
    guessed = model_version(MLFLOW, "fraud", "5", "a guess", Strength.CANDIDATE)
    assert guessed is not None
    alone = replace(model, inputs=(guessed,))
    assert chain_root(index_of(serving, alone), alone) == alone.ref
    assert chain_root(index, deployed) == deployed.ref


def test_a_config_object_is_the_resource_that_workloads_read() -> None:
    """One line of a chain, not two."""
    stated = Claim(RESOURCE, "https://eu.example", "shop/ConfigMap/limits", "", Strength.SHA)
    limits = ConfigObject(
        source="k8s", id="limits", name="limits", cluster="eu", namespace="shop",
        object="ConfigMap", outputs=(stated._replace(rule="ConfigMap"),),
    )  # fmt: skip
    reader = live("checkout", digest(1))
    reader = replace(reader, inputs=(*reader.inputs, stated._replace(rule="env")))
    found = chain(index_of(limits, reader), limits.ref)
    assert found.nodes == (limits.ref, reader.ref)
    assert [edge.rule for edge in found.edges] == ["env"]


def test_what_was_done_from_here_has_the_chain_of_its_target_or_of_what_it_has_made() -> None:
    deployed = live("checkout", digest(1))
    done = act("rollback", deployed, -3)
    index = index_of(deployed, done)
    assert chain_root(index, done) == deployed.ref
    made = replace(done, produced=Ref("github", Kind.BUILD, "1"))
    assert chain_root(index, made) == made.produced
