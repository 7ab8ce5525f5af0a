"""What says which version of a model serves: an alias, or a stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opsboard_adapters.mlflow.registry import RegistryState

STAGE: Final = "stage:"
"""In front of a stage, where it is written as a word. No alias can have a colon in it."""
PRODUCTION: Final = "Production"


@dataclass(frozen=True, slots=True)
class AliasOrStage:
    """An alias, or with ``stage:`` in front of its *word*, a stage."""

    word: str

    @property
    def is_stage(self) -> bool:
        return self.word.startswith(STAGE)

    @property
    def name(self) -> str:
        return self.word.removeprefix(STAGE)

    @property
    def kind(self) -> str:
        return "stage" if self.is_stage else "alias"

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return f"{self.kind} {self.name}"

    @property
    def mark(self) -> str:
        """The tag of a model that says which plan moved it last."""
        return f"opsboard.plan.{self.word.replace(':', '.')}"

    @property
    def trace(self) -> str:
        """The tag of a model that says which versions it pointed to before, the latest first."""
        return f"opsboard.previous.{self.word.replace(':', '.')}"


def movable_aliases(
    model: str, registry: RegistryState, leading: Sequence[str]
) -> list[AliasOrStage]:
    """Return what can be moved, the one that says what serves first.

    Where nothing serves yet, that is the first of the *leading* aliases.
    """
    ranks = {alias.lower(): rank for rank, alias in enumerate(leading)}
    aliases = registry.models[model].aliases
    ordered = sorted(aliases, key=lambda alias: (ranks.get(alias.lower(), len(ranks)), alias))
    staged = any(one.stage == PRODUCTION for one in registry.versions_of(model))
    stages = [AliasOrStage(f"{STAGE}{PRODUCTION}")] if staged else []
    led = [AliasOrStage(alias) for alias in ordered if alias.lower() in ranks]
    others = [AliasOrStage(alias) for alias in ordered if alias.lower() not in ranks]
    if not led and not stages:
        led = [AliasOrStage(alias) for alias in leading[:1]]
    return [*led, *stages, *others]


def versions_at(alias: AliasOrStage, model: str, registry: RegistryState) -> tuple[str, ...]:
    """Return the versions that *alias* points to: none, one, or with a stage several."""
    if alias.is_stage:
        known = registry.versions_of(model)
        return tuple(one.version for one in known if one.stage == alias.name)
    version = registry.models[model].aliases.get(alias.name)
    return (version,) if version else ()


def versions_text(numbers: tuple[str, ...]) -> str:
    """Return the versions that something points to, in words."""
    if not numbers:
        return "no version"
    return f"version{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
