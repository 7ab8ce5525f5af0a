"""The models that the company has when the world begins, and their past."""

from datetime import timedelta
from typing import Final

from opsboard.demo.world import company
from opsboard.demo.world.learning import EPOCH_SECONDS, EPOCHS, Learning
from opsboard.demo.world.models import Experiment, RegisteredModel
from opsboard.demo.world.world import World

AGE: Final = timedelta(days=100)


def found_models(world: World, learning: Learning) -> None:
    """Give *world* its models, each with a past."""
    for number, (name, (description, metric, level)) in enumerate(company.MODELS.items(), 1):
        at = world.now - AGE
        repository = "recommendations" if name == "product-ranker" else "ml-models"
        experiment = Experiment(str(number), name, at)
        model = RegisteredModel(
            name,
            description,
            world.chance.pick(company.PEOPLE),
            repository,
            metric,
            level,
            experiment,
            at,
            at,
            tags={"team": "ml", **_recipe(name, repository)},
            drifting=name == "product-ranker",
        )
        world.experiments[experiment.id] = experiment
        world.models[name] = model
        _give_versions(world, learning, model)


def _recipe(model: str, repository: str) -> dict[str, str]:
    """Return the tags by which a model tells how it is trained: by a workflow."""
    told = {
        "source": "github",
        "repository": f"{company.OWNER}/{repository}",
        "workflow": "train.yml",
        "input.model": model,
    }
    return {f"opsboard.retrain.{key}": value for key, value in told.items()}


def _give_versions(world: World, learning: Learning, model: RegisteredModel) -> None:
    count = world.chance.count(4, 8)
    for age in range(count, 0, -1):
        at = world.now - timedelta(hours=age * 22 + world.chance.count(0, 9))
        run = learning.train(model, at)
        for step in range(EPOCHS):
            learning.log_epoch(model, run, step, at + timedelta(seconds=step * EPOCH_SECONDS))
        learning.register(model, run, at + timedelta(seconds=EPOCHS * EPOCH_SECONDS))
    model.aliases = {"champion": count - 1, "challenger": count}
    model.versions[-2].stage = "Production"
    model.versions[-1].stage = "Staging"
    watched_from = world.now - timedelta(hours=2)
    learning.watch(model, watched_from, drifting=model.drifting)
