"""What a user needs where the server has basic authentication; without it, nothing is asked.

Source: *Basic HTTP Authentication* in the documentation of MLflow, table of permissions.
"""

from typing import Final

from opsboard.adapter.rights import Right, RightLevel

MLFLOW_RIGHTS: Final = (
    Right("`READ` on registered models", "models, versions, aliases", "the model is not listed"),
    Right(
        "`READ` on experiments",
        "runs, metrics, drift, training runs, artifacts, traces",
        "what is in the experiment is not known, and said so",
    ),
    Right(
        "`EDIT` on the registered model",
        "`rollback`, `promote`: to move an alias and to tag the model; `tag`, `description`",
        "the plan is blocked where the server says so, else refused by it",
        RightLevel.ACT,
    ),
    Right(
        "`EDIT` on the experiment",
        "`tag`, `description` of a run",
        "the plan is blocked where the server says so, else refused by it",
        RightLevel.ACT,
    ),
)
