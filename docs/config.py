"""``config.md``: every key of the config file, from the models that read it."""

from pydantic import BaseModel

from docs.examples import EXAMPLES
from docs.markdown import NOTE, blocks, code, table
from docs.prose import (
    ENVIRONMENTS,
    FILES,
    FOLDERS,
    INTRODUCTION,
    POLICY,
    RETRAINING,
    SECRETS,
    SOURCES,
    VARIABLES,
)
from docs.types import default_of, type_of
from opsboard.adapter import SourceSettings
from opsboard.config.settings import ChangeWindow, Retrain, Settings, UiSettings
from opsboard.secret import SecretSource
from opsboard_adapters.github import GitHub
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.mlflow import DriftRule, MLflow
from opsboard_adapters.mlflow.settings import DEFAULT_DRIFT

BUILT_IN = (GitHub, Kubernetes, MLflow)
"""The adapters that come with the program."""


def page() -> str:
    """Return the page."""
    sources = [part for adapter in BUILT_IN for part in _adapter(adapter.name, adapter.title)]
    return blocks(
        "# The config file",
        NOTE,
        INTRODUCTION,
        "## The board",
        keys_of(Settings),
        ENVIRONMENTS,
        "## Looks: `[ui]`",
        keys_of(UiSettings),
        "The ids of actions are in [keys.md](keys.md).",
        "## What is allowed: `[policy]`",
        POLICY,
        "### Change windows: `[[change_windows]]`",
        keys_of(ChangeWindow),
        "## Retraining: `[[retrain]]`",
        RETRAINING,
        keys_of(Retrain),
        SOURCES,
        "### Every source",
        keys_of(SourceSettings),
        *sources,
        "## Drift rules",
        keys_of(DriftRule),
        "A bare pattern stands for a rule that has nothing else. Without rules of your own:",
        _default_rules(),
        SECRETS,
        keys_of(SecretSource),
        "## Environment variables",
        table(("variable", "meaning"), VARIABLES),
        "## What is kept where",
        table(("file", "what"), FILES),
        FOLDERS,
    )


def keys_of(model: type[BaseModel]) -> str:
    """Return a table of the keys of *model*, without those that every source has."""
    rows = [
        (
            code(name),
            f"{type_of(field)}; {default_of(field)}",
            field.description or "",
            code(f"{name} = {EXAMPLES[model][name]}"),
        )
        for name, field in model.model_fields.items()
        if model is SourceSettings
        or name not in SourceSettings.model_fields
        or not issubclass(model, SourceSettings)
    ]
    return table(("key", "type; default", "meaning", "example"), rows)


def _adapter(name: str, title: str) -> tuple[str, str]:
    adapter = next(adapter for adapter in BUILT_IN if adapter.name == name)
    return f'### {title}: `adapter = "{name}"`', keys_of(adapter.settings)


def _default_rules() -> str:
    rows = [
        (
            code(rule.pattern),
            rule.direction,
            "" if rule.threshold is None else f"{rule.threshold:g}",
        )
        for rule in DEFAULT_DRIFT
    ]
    return table(("pattern", "drifts", "threshold"), rows)
