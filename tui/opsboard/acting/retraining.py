"""Retraining: which source trains a model, and with which options.

The config comes first (``[[retrain]]``), then the model's own tags. Anyone who may tag a model
could name anything there, so tags only choose among the sources of the config, never a command,
and the plan says where its recipe is from.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from opsboard.acting.engine_port import EnginePort
from opsboard.acting.model_version_wait import latest_version
from opsboard.adapter import (
    RETRAIN,
    ActionSpec,
    Finding,
    Form,
    Plan,
    Request,
    Severity,
    SourceError,
    Unsupported,
)
from opsboard.collect.collector import Collector
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import RetrainRule
from opsboard.environments.names import UNKNOWN
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Model, Record

RETRAIN_SPEC: Final = ActionSpec(
    RETRAIN, "Retrain", "Train the model again, and follow it to its new version.",
    frozenset({Kind.MODEL}), needs_input=True,
)  # fmt: skip

NOT_BY_TAGS: Final = frozenset({"command"})
"""Adapters that a model's tags cannot name: they would run what an unknown person wrote."""

_SOURCE: Final = "source"
_INPUT: Final = "input."


@frozen_unchecked
class RetrainRecipe(Frozen):
    """Which *source* trains a model, its *options*, and defaults for the *inputs* of its form.

    *timeout* is in seconds. *from_tags* is whether the model's tags gave it.
    """

    source: str
    options: Mapping[str, str]
    inputs: Mapping[str, str]
    timeout: float
    from_tags: bool = False


class Retraining:
    """Finds the recipe of a model by *rules* and its tags, and plans by the source it names."""

    def __init__(
        self, rules: tuple[RetrainRule, ...], engine: EnginePort, names: EnvironmentRules
    ) -> None:
        self._rules = rules
        self._engine = engine
        self._names = names

    def disabled_reason(self, model: Record, sealed: Callable[[str], str]) -> str:
        """Return why *model* cannot be retrained from here, or ``""``."""
        try:
            recipe = self.recipe(model)
            self._engine_of(recipe)
        except SourceError as error:
            return f"{error.message}: {error.hint}" if error.hint else error.message
        return sealed(recipe.source)

    def recipe(self, model: Record) -> RetrainRecipe:
        """Return the recipe of *model*. Raises :exc:`Unsupported` where there is none."""
        if not isinstance(model, Model):
            raise Unsupported("only models are retrained")
        for rule in self._rules:
            if any(fnmatchcase(model.name, pattern) for pattern in rule.models):
                return RetrainRecipe(rule.source, rule.recipe, rule.inputs, rule.timeout)
        return self._tagged(model)

    def _tagged(self, model: Model) -> RetrainRecipe:
        tags = dict(model.recipe)
        if not (source := tags.pop(_SOURCE, "")):
            raise Unsupported(
                "no training is configured for it",
                "add [[retrain]] to the config, or tag the model opsboard.retrain.source",
            )
        resolved = self._engine.resolved(source)
        if resolved is not None and resolved.adapter.name in NOT_BY_TAGS:
            raise Unsupported(f"its tags name {source!r}, which only the config may do")
        inputs = {k.removeprefix(_INPUT): v for k, v in tags.items() if k.startswith(_INPUT)}
        recipe = {key: value for key, value in tags.items() if not key.startswith(_INPUT)}
        timeout = float(RetrainRule.model_fields["timeout"].default)
        return RetrainRecipe(source, recipe, inputs, timeout, from_tags=True)

    def _engine_of(self, recipe: RetrainRecipe) -> ResolvedSource:
        resolved = self._engine.resolved(recipe.source)
        if resolved is None:
            raise Unsupported(
                f"there is no source {recipe.source!r} to train it", "fix the recipe's source"
            )
        if resolved.adapter.recipe is None:
            raise Unsupported(f"{recipe.source} ({resolved.adapter.title}) cannot train models")
        return resolved

    async def form(self, request: Request, model: Record) -> Form:
        """Return the form of the source that trains *model*, with the recipe's own defaults."""
        recipe, collector = await self._trainer(model)
        asked = _asked(request, recipe)
        form = await collector.ask(lambda source: source.form(asked))
        inputs = tuple(
            one.model_copy(update={"default": recipe.inputs[one.name]})
            if one.name in recipe.inputs
            else one
            for one in form.inputs
        )
        return Form(inputs=inputs)

    async def _trainer(self, model: Record) -> tuple[RetrainRecipe, Collector]:
        """Return the recipe of *model*, and the collector of the source that trains it."""
        recipe = self.recipe(model)
        self._engine_of(recipe)
        return recipe, await self._engine.collector(recipe.source)

    async def plan(self, request: Request, model: Record) -> Plan:
        """Return the plan of the source that trains *model*, as one for the model."""
        recipe, collector = await self._trainer(model)
        asked = _asked(request, recipe)
        plan = await collector.ask(lambda source: source.plan(asked))
        awaits = await latest_version(request.ref, self._engine)
        findings = (*plan.findings, *_cautions(recipe))
        return plan.model_copy(
            update={
                "ref": request.ref,
                "executor": recipe.source,
                "target": f"Model {model.name}, by {plan.target}",
                "name": model.name,
                "environment": model.environment or plan.environment,
                "awaits": awaits,
                "timeout": recipe.timeout,
                "findings": findings,
            }
        ).touching(self._touched(model))

    def _touched(self, model: Record) -> tuple[str, ...]:
        """Return the environments of *model*: what its record says, and what it is called by.

        A label of its source may hide what its aliases tell; it takes nothing back of it.
        """
        aliases = [alias.name for alias in model.aliases] if isinstance(model, Model) else []
        environments = self._names.environments_of(model.name, *aliases)
        return (model.environment or UNKNOWN, *(one for one in environments if one != UNKNOWN))


def _asked(request: Request, recipe: RetrainRecipe) -> Request:
    values = {**recipe.inputs, **request.values}
    return request.model_copy(update={"recipe": dict(recipe.options), "values": values})


def _cautions(recipe: RetrainRecipe) -> tuple[Finding, ...]:
    if not recipe.from_tags:
        return ()
    text = f"how it is trained comes from the model's own tags: {recipe.source}"
    return (Finding(severity=Severity.WARNING, text=text),)
