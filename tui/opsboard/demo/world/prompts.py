"""The prompts of the company, which MLflow keeps among the registered models."""

import json
from datetime import timedelta
from typing import Final

from opsboard.demo.world.models import (
    DemoExperiment,
    DemoModelVersion,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.world import DemoWorld

IS_PROMPT: Final = "mlflow.prompt.is_prompt"
TEXT: Final = "mlflow.prompt.text"
TYPE: Final = "_mlflow_prompt_type"

_SECOND: Final = """\
Explain to {{ customer }} why order {{ order }} is held back.
Say what they can do about it."""
_THIRD: Final = """\
Explain to {{ customer }} in three sentences why order {{ order }} is held back.
Never say that they are suspected.
Say what they can do about it."""
_EXPLANATION: Final = (
    ("first", _SECOND.splitlines()[0]),
    ("say what can be done", _SECOND),
    ("shorter, and no blame", _THIRD),
)
_REPLY: Final = [
    {"role": "system", "content": "You answer customers of a shop. Be kind, be short."},
    {"role": "user", "content": "{{ question }}"},
]
_AGE: Final = timedelta(days=9)
_BETWEEN: Final = timedelta(days=3)


def add_prompts(world: DemoWorld) -> None:
    """Add the prompts to *world*."""
    texts = tuple((says, text, "text") for says, text in _EXPLANATION)
    _add(world, "fraud-explanation", "Why an order is held back", texts, {"production": 2})
    _add(world, "support-reply", "First answer", (("first", json.dumps(_REPLY), "chat"),), {})


def _add(
    world: DemoWorld,
    name: str,
    description: str,
    texts: tuple[tuple[str, str, str], ...],
    aliases: dict[str, int],
) -> None:
    at = world.now - _AGE
    nowhere = DemoExperiment("", "", at)
    prompt = DemoRegisteredModel(
        name, description, "amara", "", "", 0.0, nowhere, at, at, tags={IS_PROMPT: "true"}
    )
    run = DemoTrainingRun("", "", nowhere, "", "", "", at)
    for number, (says, text, kind) in enumerate(texts, 1):
        tags = {IS_PROMPT: "true", TYPE: kind, TEXT: text}
        made = at + (number - 1) * _BETWEEN
        prompt.versions.append(DemoModelVersion(number, run, "", made, says, tags=tags))
    prompt.aliases = aliases
    world.prompts[name] = prompt
