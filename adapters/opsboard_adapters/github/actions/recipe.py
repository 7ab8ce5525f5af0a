"""How a model is trained on GitHub: by a workflow that is begun by hand."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from opsboard_adapters.github.settings import RepositoryName

_FILE: Final = r"^[A-Za-z0-9_.-]+\.ya?ml$"


class WorkflowRecipe(BaseModel):
    """A workflow, and where it is. Its inputs are the form's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: RepositoryName = Field(description="As owner/name.")
    workflow: Annotated[str, StringConstraints(pattern=_FILE)] = Field(
        description="Name of the workflow's file in .github/workflows."
    )
    ref: str = Field(
        "", description="Branch or tag to run it at; by default the repository's default branch."
    )
