"""The workflows of the company: their jobs and steps, and what they can be told by hand."""

from typing import Final

from opsboard.demo.world.code import InputSpec, JobSpec, WorkflowSpec
from opsboard.demo.world.company import MODELS

FRAME: Final = ("Set up job", "Check out")

CI: Final = WorkflowSpec(
    "ci",
    "ci.yml",
    "push",
    (
        (
            JobSpec("lint", (*FRAME, "Install", "Lint", "Complete job"), 25),
            JobSpec("test (unit)", (*FRAME, "Install", "Unit tests", "Complete job"), 70),
            JobSpec("test (api)", (*FRAME, "Install", "API tests", "Complete job"), 95),
        ),
        (JobSpec("image", (*FRAME, "Build image", "Push image", "Complete job"), 50),),
    ),
)
DEPLOY: Final = WorkflowSpec(
    "deploy",
    "deploy.yml",
    "workflow_run",
    (
        (
            JobSpec(
                "deploy to staging",
                (*FRAME, "Apply manifests", "Wait for roll-out", "Smoke test", "Complete job"),
                60,
                "staging",
            ),
        ),
        (
            JobSpec(
                "deploy to production",
                (*FRAME, "Apply manifests", "Wait for roll-out", "Complete job"),
                90,
                "production",
            ),
        ),
    ),
    (
        InputSpec("environment", "environment", "Where to", "staging", required=True),
        InputSpec("canary", "number", "Percent of the traffic that it gets at first", "100"),
        InputSpec("log_level", "choice", "How much to log", "info", options=("info", "debug")),
        InputSpec("dry_run", "boolean", "Only show what would change", "false"),
        InputSpec("reason", "string", "Why"),
    ),
)
NIGHTLY: Final = WorkflowSpec(
    "nightly",
    "nightly.yml",
    "schedule",
    ((JobSpec("end to end", (*FRAME, "Start browsers", "Journeys", "Complete job"), 240),),),
)


def _train(*models: str) -> WorkflowSpec:
    """Return the workflow that trains one of *models*."""
    steps = (*FRAME, "Install", "Train", "Register model", "Complete job")
    return WorkflowSpec(
        "train",
        "train.yml",
        "workflow_dispatch",
        ((JobSpec("train", steps, 75),),),
        (
            InputSpec("model", "choice", "Which model", models[0], required=True, options=models),
            InputSpec("epochs", "number", "Passes over the data", "12"),
            InputSpec("learning_rate", "number", "How far each step goes", "0.03"),
            InputSpec("reason", "string", "Why it is trained anew"),
            InputSpec("opsboard_plan", "string", "Set by opsboard, to find the run by"),
        ),
        "Train {model} {opsboard_plan}",
    )


_ALWAYS: Final = (CI, DEPLOY, NIGHTLY)
_TRAINING: Final = {
    "recommendations": _train("product-ranker"),
    "ml-models": _train(*(name for name in MODELS if name != "product-ranker")),
}


def workflows_of(repository: str) -> tuple[WorkflowSpec, ...]:
    """Return the workflows that *repository* has."""
    training = _TRAINING.get(repository)
    return (*_ALWAYS, training) if training else _ALWAYS
