"""Retrain a model: dispatch the workflow that its recipe in the config names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from opsboard.adapter import RETRAIN, ActionSpec, Input, Misconfigured, Request
from opsboard.adapter.actions import Draft, ReadContext
from opsboard.records import Kind
from opsboard.text.validation_text import validation_summary
from opsboard_adapters.github.actions.base import GitHubActionClient
from opsboard_adapters.github.actions.dispatch import DispatchSubject, DispatchWorkflow
from opsboard_adapters.github.actions.locate_run import DispatchPayload
from opsboard_adapters.github.settings import WorkflowRecipe

_MODEL_INPUTS: Final = ("model", "model_name", "model-name")
"""Inputs of a workflow that are filled in with the model's name."""


class RetrainWithWorkflow(DispatchWorkflow):
    """Begins the workflow that trains a model."""

    spec = ActionSpec(RETRAIN, "Retrain", "Train the model again.", frozenset({Kind.MODEL}))

    async def subject(
        self, ctx: ReadContext[GitHubActionClient], request: Request
    ) -> DispatchSubject:
        recipe, reader = _recipe(request), ctx.client.reader
        workflow = await reader.workflow(recipe.repository, recipe.workflow)
        ref = recipe.ref or await reader.default_branch(recipe.repository)
        return DispatchSubject(recipe.repository, workflow, ref)

    def with_defaults(self, request: Request, inputs: Sequence[Input]) -> Sequence[Input]:
        """Return *inputs*, with the model in the one that asks for it."""
        name = next((one.name for one in inputs if one.name in _MODEL_INPUTS), "")
        default = {"default": request.ref.id}
        return [one.model_copy(update=default) if one.name == name else one for one in inputs]

    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[DispatchPayload]:
        draft = await super().describe(ctx, request, values)
        return replace(draft, payload=replace(draft.payload, model=request.ref.id))


def _recipe(request: Request) -> WorkflowRecipe:
    try:
        return WorkflowRecipe.model_validate(dict(request.recipe))
    except ValidationError as error:
        raise Misconfigured(
            f"the recipe of {request.ref.id} cannot be used: {validation_summary(error)}",
            'a recipe for GitHub is { repository = "owner/name", workflow = "train.yml" }',
        ) from None
