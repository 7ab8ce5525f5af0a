"""Training a model by a workflow that is begun by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from opsboard.adapter import ActionSpec, Input, Misconfigured, Request
from opsboard_adapters.github.actions.base import GitHubDraft
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.dispatch import DispatchSubject, DispatchWorkflow
from opsboard_adapters.github.settings import WorkflowRecipe

_MODEL: Final = ("model", "model_name", "model-name")


class TrainWithWorkflow(DispatchWorkflow):
    """Begins the workflow that trains a model, as a recipe tells."""

    def __init__(self, offer: ActionSpec) -> None:
        self.offer = offer

    async def subject(self, site: GitHubContext, request: Request) -> DispatchSubject:
        recipe = _recipe(request)
        flow = await site.reader.workflow(recipe.repository, recipe.workflow)
        ref = recipe.ref or await site.reader.default_branch(recipe.repository)
        return DispatchSubject(recipe.repository, flow, ref)

    def fill(self, request: Request, told: Sequence[Input]) -> Sequence[Input]:
        """Return *told*, with the model where the workflow asks for one."""
        name = next((one.name for one in told if one.name in _MODEL), "")
        filled = {"default": request.ref.id}
        return [one.model_copy(update=filled) if one.name == name else one for one in told]

    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        draft = await super().draft(site, request, values)
        return replace(draft, payload={**draft.payload, "model": request.ref.id})


def _recipe(request: Request) -> WorkflowRecipe:
    try:
        return WorkflowRecipe.model_validate(dict(request.recipe))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            f"the recipe of {request.ref.id} cannot be used: {where}: {first['msg']}",
            'a recipe for GitHub is { repository = "owner/name", workflow = "train.yml" }',
        ) from None
