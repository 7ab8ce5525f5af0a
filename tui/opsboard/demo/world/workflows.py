"""The workflows of the company: their jobs, steps and inputs."""

from typing import Final

from opsboard.demo.world.ci import DemoInputSpec, DemoJobSpec, DemoWorkflowSpec
from opsboard.demo.world.company import MODELS

SETUP_STEPS: Final = ("Set up job", "Check out")

CI: Final = DemoWorkflowSpec(
    "ci",
    "ci.yml",
    "push",
    (
        (
            DemoJobSpec("lint", (*SETUP_STEPS, "Install", "Lint", "Complete job"), 25),
            DemoJobSpec("test (unit)", (*SETUP_STEPS, "Install", "Unit tests", "Complete job"), 70),
            DemoJobSpec("test (api)", (*SETUP_STEPS, "Install", "API tests", "Complete job"), 95),
        ),
        (DemoJobSpec("image", (*SETUP_STEPS, "Build image", "Push image", "Complete job"), 50),),
    ),
)
DEPLOY: Final = DemoWorkflowSpec(
    "deploy",
    "deploy.yml",
    "workflow_run",
    (
        (
            DemoJobSpec(
                "deploy to staging",
                (
                    *SETUP_STEPS,
                    "Apply manifests",
                    "Wait for roll-out",
                    "Smoke test",
                    "Complete job",
                ),
                60,
                "staging",
            ),
        ),
        (
            DemoJobSpec(
                "deploy to production",
                (*SETUP_STEPS, "Apply manifests", "Wait for roll-out", "Complete job"),
                90,
                "production",
            ),
        ),
    ),
    (
        DemoInputSpec("environment", "environment", "Where to", "staging", required=True),
        DemoInputSpec("canary", "number", "Percent of the traffic that it gets at first", "100"),
        DemoInputSpec("log_level", "choice", "How much to log", "info", options=("info", "debug")),
        DemoInputSpec("dry_run", "boolean", "Only show what would change", "false"),
        DemoInputSpec("reason", "string", "Why"),
    ),
)
NIGHTLY: Final = DemoWorkflowSpec(
    "nightly",
    "nightly.yml",
    "schedule",
    (
        (
            DemoJobSpec(
                "end to end", (*SETUP_STEPS, "Start browsers", "Journeys", "Complete job"), 240
            ),
        ),
    ),
)


def _train(*models: str) -> DemoWorkflowSpec:
    """Return the workflow that trains one of *models*, which is its input."""
    steps = (*SETUP_STEPS, "Install", "Train", "Register model", "Complete job")
    return DemoWorkflowSpec(
        "train",
        "train.yml",
        "workflow_dispatch",
        ((DemoJobSpec("train", steps, 75),),),
        (
            DemoInputSpec(
                "model", "choice", "Which model", models[0], required=True, options=models
            ),
            DemoInputSpec("epochs", "number", "Passes over the data", "12"),
            DemoInputSpec("learning_rate", "number", "How far each step goes", "0.03"),
            DemoInputSpec("reason", "string", "Why it is retrained"),
            DemoInputSpec("opsboard_plan", "string", "Set by opsboard, to find the run by"),
        ),
        "Train {model} {opsboard_plan}",
    )


_ALWAYS: Final = (CI, DEPLOY, NIGHTLY)
_TRAINING: Final = {
    "recommendations": _train("product-ranker"),
    "ml-models": _train(*(name for name in MODELS if name != "product-ranker")),
}


def workflows_of(repository: str) -> tuple[DemoWorkflowSpec, ...]:
    """Return the workflows that *repository* has."""
    training = _TRAINING.get(repository)
    return (*_ALWAYS, training) if training else _ALWAYS
