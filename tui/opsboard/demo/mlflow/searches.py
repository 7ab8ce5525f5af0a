"""The searches: what can be asked of models, versions, runs and experiments."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from opsboard.demo.mlflow import filters, telling
from opsboard.demo.mlflow.pages import page, size_of
from opsboard.demo.world.models import (
    Experiment,
    LoggedModel,
    ModelVersion,
    RegisteredModel,
    TrainingRun,
)
from opsboard.demo.world.world import World

T = TypeVar("T")
Pair = tuple[RegisteredModel, ModelVersion]

NO_PROMPT: Final = {"tags.mlflow.prompt.is_prompt": "false"}
"""Prompts are registered as models. Clients ask for those that are none; models lack the tag."""


@dataclass(frozen=True)
class Search(Generic[T]):
    """How one kind of thing is searched for."""

    key: str
    things: Callable[[World], Iterable[T]]
    facts: Callable[[T], filters.Facts]
    tell: Callable[[T], Mapping[str, Any]]
    attributes: Sequence[str]
    order: Sequence[str]
    default: int
    most: int

    def answer(
        self,
        world: World,
        query: Mapping[str, Any],
        *,
        chosen: Callable[[T], bool] = lambda _thing: True,
    ) -> Mapping[str, Any]:
        """Return the page of things that *query* asks for."""
        size = size_of(query.get("max_results"), default=self.default, most=self.most)
        conditions = filters.parse(str(query.get("filter") or ""), self.attributes)
        order = [*(query.get("order_by") or ()), *self.order]
        known = ((self.facts(thing), thing) for thing in self.things(world) if chosen(thing))
        met = [pair for pair in known if all(one.holds(pair[0]) for one in conditions)]
        things = [thing for _, thing in filters.ordered(met, order, self.attributes)]
        body = page(self.key, things, size, str(query.get("page_token") or ""))
        return {**body, self.key: [self.tell(one) for one in body[self.key]]} if things else body


def _model_facts(model: RegisteredModel) -> filters.Facts:
    return {
        "name": model.name,
        "creation_timestamp": telling.millis(model.created_at),
        "last_updated_timestamp": telling.millis(telling.changed(model)),
        **NO_PROMPT,
        **_prefixed("tags", model.tags),
    }


def _version_facts(pair: Pair) -> filters.Facts:
    model, version = pair
    return {
        "name": model.name,
        "version_number": version.number,
        "run_id": version.run.id,
        "source_path": telling.source(version),
        "creation_timestamp": telling.millis(version.created_at),
        "last_updated_timestamp": telling.millis(version.updated_at),
        **NO_PROMPT,
        **_prefixed("tags", version.tags),
    }


def _run_facts(run: TrainingRun) -> filters.Facts:
    ended = {"end_time": telling.millis(run.finished_at)} if run.finished_at else {}
    return {
        "run_id": run.id,
        "run_name": run.name,
        "status": telling.status(run),
        "user_id": run.user,
        "start_time": telling.millis(run.started_at),
        **ended,
        **_prefixed("tags", telling.tags(run)),
        **_prefixed("params", telling.params(run)),
        **{f"metrics.{name}": telling.latest(values).value for name, values in run.metrics.items()},
    }


def _experiment_facts(experiment: Experiment) -> filters.Facts:
    at = telling.millis(experiment.created_at)
    return {
        "experiment_id": float(experiment.id),
        "name": experiment.name,
        "creation_time": at,
        "last_update_time": at,
    }


def _prefixed(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}.{key}": value for key, value in values.items()}


def _all_versions(world: World) -> Iterable[Pair]:
    return ((model, one) for model in world.models.values() for one in model.versions)


MODELS = Search[RegisteredModel](
    key="registered_models",
    things=lambda world: world.models.values(),
    facts=_model_facts,
    tell=telling.model,
    attributes=("name", "creation_timestamp", "last_updated_timestamp"),
    order=("name ASC",),
    default=100,
    most=1_000,
)
VERSIONS = Search[Pair](
    key="model_versions",
    things=_all_versions,
    facts=_version_facts,
    tell=lambda pair: telling.version(*pair),
    attributes=(
        "name",
        "version_number",
        "run_id",
        "source_path",
        "creation_timestamp",
        "last_updated_timestamp",
    ),
    order=("last_updated_timestamp DESC", "name ASC", "version_number DESC"),
    default=10_000,
    most=200_000,
)
RUNS = Search[TrainingRun](
    key="runs",
    things=lambda world: world.training.values(),
    facts=_run_facts,
    tell=telling.run,
    attributes=("run_id", "run_name", "status", "user_id", "start_time", "end_time"),
    order=("start_time DESC", "run_id ASC"),
    default=1_000,
    most=50_000,
)
LOGGED_MODELS = Search[LoggedModel](
    key="models",
    things=lambda world: world.logged_models.values(),
    facts=lambda model: {
        "model_id": model.id,
        "name": model.name,
        "source_run_id": model.run.id,
        "creation_timestamp": telling.millis(model.created_at),
    },
    tell=telling.logged_model,
    attributes=("model_id", "name", "source_run_id", "creation_timestamp"),
    order=("creation_timestamp DESC", "model_id ASC"),
    default=100,
    most=1_000,
)
EXPERIMENTS = Search[Experiment](
    key="experiments",
    things=lambda world: world.experiments.values(),
    facts=_experiment_facts,
    tell=telling.experiment,
    attributes=("experiment_id", "name", "creation_time", "last_update_time"),
    order=("creation_time DESC", "experiment_id DESC"),
    default=1_000,
    most=50_000,
)
