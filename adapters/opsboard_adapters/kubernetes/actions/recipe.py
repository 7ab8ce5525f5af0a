"""How a model is trained in a cluster, as ``[[retrain]]`` or the tags of the model tell it."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opsboard.adapter import ActionSpec
from opsboard.adapter.action_spec import RETRAIN
from opsboard.records import Kind

OFFER: Final = ActionSpec(
    RETRAIN,
    "Retrain",
    "Run the job that trains the model.",
    frozenset({Kind.MODEL}),
    needs_input=True,
)


class JobRecipe(BaseModel):
    """A Job that trains: one of a CronJob's, or a copy of a Job that is kept as a template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster: str = Field("", description="The context; may be left out where there is only one.")
    namespace: str = Field(description="The namespace of the CronJob or Job.")
    cronjob: str = Field("", description="The CronJob whose job template is run.")
    job: str = Field("", description="The Job that is copied; it may be a suspended one.")
    container: str = Field("", description="The container that trains; by default the first.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "JobRecipe":
        if bool(self.cronjob) is bool(self.job):
            raise ValueError("name either a cronjob or a job")
        return self
