"""What MLflow states, joined: all that is true of the demo's world and nothing else."""

from dataclasses import replace

from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.truth import WorldTruth
from opsboard.demo.world.world import DemoWorld
from opsboard.lineage.edges import edges_into
from opsboard.lineage.index import LineageIndex
from opsboard.records import Deployment, Drift, Kind, ModelVersion, stated
from opsboard.records.identity import model_version, server
from tests.adapters.mlflow.rounds import watching


async def test_versions_state_what_they_are_truly_made_of_and_nothing_else(
    founded: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = founded
    truth = {ref.id: found for ref, found in WorldTruth(world).identities().items()}
    with serve_in_thread(build_app(world, controllers, lambda: world.now)) as url:
        async with watching(f"{url}/mlflow", versions_with_metrics=50) as rounds:
            await rounds.next()
            records = list(rounds.records.values())
    read = 0
    for record in records:
        if not isinstance(record, ModelVersion | Drift):
            continue
        claims = {*record.inputs, *record.outputs}
        told = {(one.type, one.value) for one in claims if one.type != "model-alias"}
        true = {(one.type, one.value) for one in truth[record.id]}
        assert told == true, record.id
        read += 1
    assert read > 30


async def test_a_model_that_two_servers_have_is_joined_by_its_server_alone(
    founded: tuple[DemoWorld, WorldControllers], told: str
) -> None:
    """The trap, to its end: which server a workload means is told, or it is a guess."""
    world, controllers = founded
    name = "fraud-detector"
    version = str(world.models[name].aliases["champion"])
    with serve_in_thread(build_app(world, controllers, lambda: world.now)) as url:
        async with watching(told) as here, watching(f"{url}/mlflow") as there:
            await here.next()
            await there.next()
            own = server(told)
            records = [
                *here.of(Kind.MODEL_VERSION).values(),
                *(_of_source(one, "other") for one in there.of(Kind.MODEL_VERSION).values()),
            ]
    serving, guessing = (
        Deployment(
            source="k8s", id=scope or "unknown", name="scoring", workload="Deployment",
            inputs=stated(model_version(scope, name, version, "env MODEL_URI")),
        )
        for scope in (own, "")
    )  # fmt: skip
    index = LineageIndex()
    index.update([*records, serving, guessing])
    sure = edges_into(index, serving.ref)
    assert [(edge.upstream, edge.is_candidate) for edge in sure] == [
        (here.ref(Kind.MODEL_VERSION, f"{name}/{version}"), False)
    ]
    guesses = edges_into(index, guessing.ref)
    assert len(guesses) == 2
    assert all(edge.is_candidate for edge in guesses)


def _of_source(record: ModelVersion, source: str) -> ModelVersion:
    return replace(record, source=source)
