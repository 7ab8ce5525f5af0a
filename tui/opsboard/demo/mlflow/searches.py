"""The search endpoints: filter, order and page of models, versions, runs and experiments."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from opsboard.demo.mlflow import filters, serialize
from opsboard.demo.mlflow.requests import page, page_size
from opsboard.demo.world.models import (
    DemoExperiment,
    DemoLoggedModel,
    DemoModelVersion,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.world import DemoWorld

T = TypeVar("T")
Pair = tuple[DemoRegisteredModel, DemoModelVersion]

PROMPT: Final = "tags.mlflow.prompt.is_prompt"
"""The tag of prompts, which MLflow registers as models too: no search finds them without it."""
NO_PROMPT: Final = {PROMPT: "false"}
"""Some clients exclude them by this tag, which models lack."""


@dataclass(frozen=True)
class FakeMlflowSearch(Generic[T]):
    """How one kind of object is searched for."""

    key: str
    things: Callable[[DemoWorld], Iterable[T]]
    attributes_of: Callable[[T], filters.FilterValues]
    serialize: Callable[[T], Mapping[str, Any]]
    attributes: Sequence[str]
    order: Sequence[str]
    default_page_size: int
    max_page_size: int

    def respond(
        self,
        world: DemoWorld,
        query: Mapping[str, Any],
        *,
        chosen: Callable[[T], bool] = lambda _thing: True,
    ) -> Mapping[str, Any]:
        """Return the page of objects that *query* asks for."""
        size = page_size(
            query.get("max_results"), default=self.default_page_size, most=self.max_page_size
        )
        conditions = filters.parse(str(query.get("filter") or ""), self.attributes)
        order = [*(query.get("order_by") or ()), *self.order]
        known = (
            (self.attributes_of(thing), thing) for thing in self.things(world) if chosen(thing)
        )
        if not any(one.key == PROMPT for one in conditions):
            known = (pair for pair in known if pair[0].get(PROMPT) != "true")
        met = [pair for pair in known if all(one.holds(pair[0]) for one in conditions)]
        things = [thing for _, thing in filters.sort_by(met, order, self.attributes)]
        body = page(self.key, things, size, str(query.get("page_token") or ""))
        return (
            {**body, self.key: [self.serialize(one) for one in body[self.key]]} if things else body
        )


def _model_facts(model: DemoRegisteredModel) -> filters.FilterValues:
    return {
        "name": model.name,
        "creation_timestamp": serialize.millis(model.created_at),
        "last_updated_timestamp": serialize.millis(serialize.changed(model)),
        **NO_PROMPT,
        **_prefixed("tags", model.tags),
    }


def _version_facts(pair: Pair) -> filters.FilterValues:
    model, version = pair
    return {
        "name": model.name,
        "version_number": version.number,
        "run_id": version.run.id,
        "source_path": serialize.source(version),
        "creation_timestamp": serialize.millis(version.created_at),
        "last_updated_timestamp": serialize.millis(version.updated_at),
        **NO_PROMPT,
        **_prefixed("tags", version.tags),
    }


def _run_facts(run: DemoTrainingRun) -> filters.FilterValues:
    ended = {"end_time": serialize.millis(run.finished_at)} if run.finished_at else {}
    return {
        "run_id": run.id,
        "run_name": run.name,
        "status": serialize.status(run),
        "user_id": run.user,
        "start_time": serialize.millis(run.started_at),
        **ended,
        **_prefixed("tags", serialize.tags(run)),
        **_prefixed("params", serialize.params(run)),
        **{
            f"metrics.{name}": serialize.latest(values).value
            for name, values in run.metrics.items()
        },
    }


def _experiment_facts(experiment: DemoExperiment) -> filters.FilterValues:
    at = serialize.millis(experiment.created_at)
    return {
        "experiment_id": float(experiment.id),
        "name": experiment.name,
        "creation_time": at,
        "last_update_time": at,
    }


def _prefixed(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}.{key}": value for key, value in values.items()}


def _all_models(world: DemoWorld) -> Iterable[DemoRegisteredModel]:
    return (*world.models.values(), *world.prompts.values())


def _all_versions(world: DemoWorld) -> Iterable[Pair]:
    return ((model, one) for model in _all_models(world) for one in model.versions)


MODELS = FakeMlflowSearch[DemoRegisteredModel](
    key="registered_models",
    things=_all_models,
    attributes_of=_model_facts,
    serialize=serialize.model,
    attributes=("name", "creation_timestamp", "last_updated_timestamp"),
    order=("name ASC",),
    default_page_size=100,
    max_page_size=1_000,
)
VERSIONS = FakeMlflowSearch[Pair](
    key="model_versions",
    things=_all_versions,
    attributes_of=_version_facts,
    serialize=lambda pair: serialize.version(*pair),
    attributes=(
        "name",
        "version_number",
        "run_id",
        "source_path",
        "creation_timestamp",
        "last_updated_timestamp",
    ),
    order=("last_updated_timestamp DESC", "name ASC", "version_number DESC"),
    default_page_size=10_000,
    max_page_size=200_000,
)
RUNS = FakeMlflowSearch[DemoTrainingRun](
    key="runs",
    things=lambda world: world.training_runs.values(),
    attributes_of=_run_facts,
    serialize=serialize.run,
    attributes=("run_id", "run_name", "status", "user_id", "start_time", "end_time"),
    order=("start_time DESC", "run_id ASC"),
    default_page_size=1_000,
    max_page_size=50_000,
)
LOGGED_MODELS = FakeMlflowSearch[DemoLoggedModel](
    key="models",
    things=lambda world: world.logged_models.values(),
    attributes_of=lambda model: {
        "model_id": model.id,
        "name": model.name,
        "source_run_id": model.run.id,
        "creation_timestamp": serialize.millis(model.created_at),
    },
    serialize=serialize.logged_model,
    attributes=("model_id", "name", "source_run_id", "creation_timestamp"),
    order=("creation_timestamp DESC", "model_id ASC"),
    default_page_size=100,
    max_page_size=1_000,
)
EXPERIMENTS = FakeMlflowSearch[DemoExperiment](
    key="experiments",
    things=lambda world: world.experiments.values(),
    attributes_of=_experiment_facts,
    serialize=serialize.experiment,
    attributes=("experiment_id", "name", "creation_time", "last_update_time"),
    order=("creation_time DESC", "experiment_id DESC"),
    default_page_size=1_000,
    max_page_size=50_000,
)
