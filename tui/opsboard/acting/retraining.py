"""Retraining: which source trains a model, and with which options.

The config comes first (``[[retrain]]``), then the model's own tags. Anyone who may tag a model
could name anything there, so tags only choose among the sources of the config, never a command,
give plain values to what the training itself asks for, and the plan says where its recipe is from.
"""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from opsboard.acting.engine_port import EnginePort
from opsboard.acting.model_version_wait import latest_version
from opsboard.acting.training_defaults import (
    starting_from,
    tag_findings,
    tagged_defaults,
    training_defaults,
    training_findings,
)
from opsboard.adapter import (
    RETRAIN,
    ActionSpec,
    Finding,
    Form,
    Input,
    Plan,
    Request,
    Severity,
    SourceError,
    TrainingInputs,
    Unsupported,
)
from opsboard.collect.collector import Collector
from opsboard.config.action_rules import RetrainRule
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.names import UNKNOWN
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Model, Record, Ref

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

    *timeout* is in seconds. *from_tags* is whether the model's tags gave it: its *inputs* are what
    somebody wrote then, until they are held against the form.
    """

    source: str
    options: Mapping[str, str]
    inputs: Mapping[str, str]
    timeout: float
    from_tags: bool = False


@frozen_unchecked
class _Start(Frozen):
    """What is asked for, what the model was *trained* with, and what its recipe says of it.

    *left_out* is why what the model's tags say of an input does not hold.
    """

    inputs: Sequence[Input]
    trained: TrainingInputs
    fixed: Mapping[str, str]
    left_out: Mapping[str, str]


class Retraining:
    """Finds the recipe of a model by *rules* and its tags, and plans by the source it names."""

    def __init__(
        self, rules: tuple[RetrainRule, ...], engine: EnginePort, names: EnvironmentRules
    ) -> None:
        self._rules = rules
        self._engine = engine
        self._names = names

    def disabled_reason(self, model: Record, block_reason: Callable[[str], str]) -> str:
        """Return why *model* cannot be retrained from here, or ``""``."""
        try:
            recipe = self.recipe(model)
            self._engine_of(recipe)
        except SourceError as error:
            return f"{error.message}: {error.hint}" if error.hint else error.message
        return block_reason(recipe.source)

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
        """Return the form of the source that trains *model*, with what it starts from.

        That is what the recipe says, else what the version that serves was trained with.
        """
        start = await self._start(request, *await self._trainer(model))
        return Form(inputs=starting_from(start.inputs, start.trained, start.fixed, start.left_out))

    async def _start(self, request: Request, recipe: RetrainRecipe, collector: Collector) -> _Start:
        """Return what the trainer asks for, and what is known of each."""
        asked = _asked(request, recipe, {} if recipe.from_tags else recipe.inputs)
        form = await collector.ask(lambda source: source.form(asked))
        fixed, left_out = recipe.inputs, dict[str, str]()
        if recipe.from_tags:
            fixed, left_out = tagged_defaults(form.inputs, recipe.inputs)
        return _Start(form.inputs, await self._trained(request.ref), fixed, left_out)

    async def _trained(self, model: Ref) -> TrainingInputs:
        """Return what *model* was trained with; where its source does not answer, that is told."""
        try:
            collector = await self._engine.collector(model.source)
            return await collector.ask(lambda source: source.training_inputs(model))
        except SourceError as error:
            return TrainingInputs(unread=error.message)

    async def _trainer(self, model: Record) -> tuple[RetrainRecipe, Collector]:
        """Return the recipe of *model*, and the collector of the source that trains it."""
        recipe = self.recipe(model)
        self._engine_of(recipe)
        return recipe, await self._engine.collector(recipe.source)

    async def plan(self, request: Request, model: Record) -> Plan:
        """Return the plan of the source that trains *model*, as one for the model."""
        recipe, collector = await self._trainer(model)
        start = await self._start(request, recipe, collector)
        inputs, trained = start.inputs, start.trained
        values = {**training_defaults(inputs, trained), **start.fixed, **request.values}
        asked = _asked(request, recipe, values)
        plan = await collector.ask(lambda source: source.plan(asked))
        awaits = await latest_version(request.ref, self._engine)
        began = training_findings(inputs, trained, Form(inputs=tuple(inputs)).filled(values))
        findings = (*plan.findings, *_cautions(recipe), *tag_findings(start.left_out), *began)
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


def _asked(request: Request, recipe: RetrainRecipe, defaults: Mapping[str, str]) -> Request:
    values = {**defaults, **request.values}
    return request.model_copy(update={"recipe": dict(recipe.options), "values": values})


def _cautions(recipe: RetrainRecipe) -> tuple[Finding, ...]:
    if not recipe.from_tags:
        return ()
    text = f"how it is trained comes from the model's own tags: {recipe.source}"
    return (Finding(severity=Severity.WARNING, text=text),)
