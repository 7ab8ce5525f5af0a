"""Which workloads serve a model, by what they state: versions, aliases, and what is a guess."""

from typing import Any

from opsboard.lineage.index import LineageIndex
from opsboard.lineage.model_servers import ModelServer, model_servers
from opsboard.records import Alias, Claim, Deployment, Model, ModelVersion, Record, Status, Strength
from opsboard.records.claims import stated
from opsboard.records.identity import model_alias, model_version

SERVER = "https://mlflow.example"
OTHER = "https://other.example"


def version(number: str, *aliases: str, name: str = "fraud", server: str = SERVER) -> ModelVersion:
    return ModelVersion(
        source="ml" if server == SERVER else "other",
        id=f"{name}/{number}", name=name, model=name, version=number, aliases=aliases,
        outputs=stated(
            model_version(server, name, number, "MLflow registry"),
            *(model_alias(server, name, alias, "MLflow alias, as it is now") for alias in aliases),
        ),
    )  # fmt: skip


MODEL = Model(
    source="ml", id="fraud", name="fraud", serving="6",
    aliases=(Alias("champion", "6"), Alias("old", "2")),
    inputs=stated(model_version(SERVER, "fraud", "6", "MLflow alias champion", Strength.TAG)),
)  # fmt: skip
FIVE, SIX = version("5"), version("6", "champion")


def workload(name: str, *claims: Claim | None, **fields: Any) -> Deployment:
    values: dict[str, Any] = {"status": Status.OK, "desired": 1, "ready": 1, "updated": 1, **fields}
    return Deployment(
        source="k", id=name, name=name, workload="Deployment", inputs=stated(*claims), **values
    )


def env(number: str, server: str = SERVER, strength: Strength = Strength.LABEL) -> Claim | None:
    return model_version(server, "fraud", number, "env MODEL_URI", strength)


def served(*records: Record) -> list[ModelServer]:
    index = LineageIndex()
    versions = [one for one in (*records, FIVE, SIX) if isinstance(one, ModelVersion)]
    index.update([MODEL, FIVE, SIX, *records])
    return list(model_servers(index, MODEL, versions))


def told(*records: Record) -> list[tuple[str, str, str, bool]]:
    return [(s.record.name, s.version, s.alias, s.is_candidate) for s in served(*records)]


def test_each_workload_serves_the_version_that_it_states() -> None:
    staging = workload("a", env("6"), environment="staging")
    assert told(staging, workload("b", env("5"), environment="production")) == [
        ("b", "5", "", False), ("a", "6", "", False),
    ]  # fmt: skip


def test_a_version_that_the_board_does_not_have_is_served_all_the_same() -> None:
    assert told(workload("a", env("1"))) == [("a", "1", "", False)]


def test_what_names_an_alias_serves_no_version_for_sure() -> None:
    champion = model_alias(SERVER, "fraud", "champion", "env MODEL_URI")
    old = model_alias(SERVER, "fraud", "old", "env MODEL_URI")  # of a version not on the board
    assert told(workload("a", champion), workload("b", old)) == [
        ("a", "", "champion", False), ("b", "", "old", False),
    ]  # fmt: skip


def test_two_containers_may_serve_two_versions_by_one_rule() -> None:
    assert [row[1] for row in told(workload("a", env("5"), env("6")))] == ["5", "6"]


def test_what_is_being_rolled_out_is_a_candidate() -> None:
    both = workload("a", env("5"), env("6", strength=Strength.CANDIDATE))
    assert told(both) == [("a", "5", "", False), ("a", "6", "", True)]


def test_a_model_of_that_name_on_another_server_is_another_model() -> None:
    assert told(workload("a", env("6", OTHER)), version("6", server=OTHER)) == []


def test_where_no_server_is_stated_it_is_this_one_unless_two_may_be_meant() -> None:
    assert told(workload("a", env("6", ""))) == [("a", "6", "", False)]
    assert told(workload("a", env("6", "")), version("6", server=OTHER)) == [("a", "6", "", True)]


def test_what_is_scaled_to_zero_serves_nothing_now() -> None:
    (one,) = served(workload("a", env("6"), desired=0, ready=0, updated=0))
    assert one.is_stopped


def test_another_model_whose_name_begins_alike_is_not_meant() -> None:
    other = model_version(SERVER, "fraud/b", "6", "env MODEL_URI", Strength.LABEL)
    assert told(workload("a", other)) == []
