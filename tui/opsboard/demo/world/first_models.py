"""The models that the company has when the world begins, and their past."""

from datetime import timedelta
from typing import Final

from opsboard.demo.world import company
from opsboard.demo.world.models import DemoExperiment, DemoRegisteredModel
from opsboard.demo.world.training import EPOCH_SECONDS, EPOCHS, TrainingController
from opsboard.demo.world.world import DemoWorld

AGE: Final = timedelta(days=100)


def found_models(world: DemoWorld, learning: TrainingController) -> None:
    """Give *world* its models, each with a past."""
    for number, (name, (description, metric, level)) in enumerate(company.MODELS.items(), 1):
        at = world.now - AGE
        repository = "recommendations" if name == "product-ranker" else "ml-models"
        experiment = DemoExperiment(str(number), name, at)
        model = DemoRegisteredModel(
            name,
            description,
            world.rng.choice(company.PEOPLE),
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


def _give_versions(
    world: DemoWorld, learning: TrainingController, model: DemoRegisteredModel
) -> None:
    count = world.rng.randint(4, 8)
    for age in range(count, 0, -1):
        at = world.now - timedelta(hours=age * 22 + world.rng.randint(0, 9))
        run = learning.create_run(model, at)
        for step in range(EPOCHS):
            learning.log_epoch(model, run, step, at + timedelta(seconds=step * EPOCH_SECONDS))
        learning.register(model, run, at + timedelta(seconds=EPOCHS * EPOCH_SECONDS))
    model.aliases = {"champion": count - 1, "challenger": count}
    model.versions[-2].stage = "Production"
    model.versions[-1].stage = "Staging"
    watched_from = world.now - timedelta(hours=2)
    learning.start_monitoring(model, watched_from, drifting=model.drifting)
