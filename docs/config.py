"""``config.md``: every key of the config file, from the models that read it."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from docs import drift
from docs.examples import EXAMPLES
from docs.markdown import NOTE, blocks, code, table
from docs.prose import (
    ENVIRONMENTS,
    FILES,
    FOLDERS,
    INTRODUCTION,
    KUBECONFIGS,
    MODELS,
    POLICY,
    PROXIES,
    RECIPE,
    REGISTRIES,
    RELOADING,
    RETRAINING,
    SECRETS,
    SOURCES,
    START_CHECKS,
    TROUBLES,
    VARIABLES,
    VIEWS,
    WINDOWS,
)
from docs.setting_types import default_of, type_of
from opsboard.adapter import Adapter, SourceSettings
from opsboard.config.action_rules import ChangeWindow, RetrainRule, StartCheckRule
from opsboard.config.board_rules import LineageSettings, ServiceRule, ViewColumn, ViewRule
from opsboard.config.settings import AuditSettings, HistorySettings, Settings, UiSettings
from opsboard.system.secrets import SecretSource
from opsboard_adapters.command import Command
from opsboard_adapters.github import GitHub
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.mlflow import DriftRule, MLflow
from opsboard_adapters.registry import Registry
from opsboard_adapters.terraform import Terraform

BUILT_IN: Sequence[type[Adapter[Any]]] = (
    GitHub,
    Kubernetes,
    MLflow,
    Registry,
    Terraform,
    Command,
)
"""The adapters that come with the program."""


def page() -> str:
    """Return the page."""
    sources = [part for adapter in BUILT_IN for part in _adapter(adapter)]
    return blocks(
        "# The config file",
        NOTE,
        INTRODUCTION,
        "## The board",
        keys_of(Settings),
        ENVIRONMENTS,
        "## While the board runs",
        RELOADING,
        "## Looks: `[ui]`",
        keys_of(UiSettings),
        "The ids of actions are in [keys.md](keys.md).",
        "## Saved views: `[[views]]`",
        VIEWS,
        keys_of(ViewRule),
        "### Columns of a view",
        keys_of(ViewColumn),
        "## What is allowed: `[policy]`",
        POLICY,
        "### Change windows: `[[change_windows]]`",
        WINDOWS,
        keys_of(ChangeWindow),
        "## Retraining: `[[retrain]]`",
        RETRAINING,
        keys_of(RetrainRule),
        "## Checks of your own: `[[start_checks]]`",
        START_CHECKS,
        keys_of(StartCheckRule),
        "## Services: `[[services]]`",
        keys_of(ServiceRule),
        "What is found without it is in [services.md](services.md).",
        "## Joins: `[lineage]`",
        keys_of(LineageSettings),
        "The rules of joins are in [lineage.md](lineage.md).",
        "## The audit trail: `[audit]`",
        keys_of(AuditSettings),
        "What it is for is in [acting.md](acting.md#the-audit-trail).",
        "## The history: `[history]`",
        keys_of(HistorySettings),
        "What is kept, and who sees it, is in [history.md](history.md).",
        SOURCES,
        "### Every source",
        keys_of(SourceSettings),
        *sources,
        "## Models",
        MODELS,
        REGISTRIES,
        "## Drift rules",
        keys_of(DriftRule),
        *drift.sections(),
        SECRETS,
        keys_of(SecretSource),
        KUBECONFIGS,
        table(("what is said", "what to do"), TROUBLES),
        PROXIES,
        "## Environment variables",
        table(("variable", "meaning"), VARIABLES),
        "## What is kept where",
        table(("file", "what"), FILES),
        FOLDERS,
    )


def keys_of(model: type[BaseModel]) -> str:
    """Return a table of the keys of *model*, without those that are as in every source."""
    rows = [
        (
            code(name),
            f"{type_of(field)}; {default_of(field)}",
            field.description or "",
            code(f"{name} = {_example(model, name)}"),
        )
        for name, field in model.model_fields.items()
        if not _is_as_in_every_source(model, name)
    ]
    return table(("key", "type; default", "meaning", "example"), rows)


def _example(model: type[BaseModel], name: str) -> str:
    own = EXAMPLES[model]
    return own[name] if name in own else EXAMPLES[SourceSettings][name]


def _is_as_in_every_source(model: type[BaseModel], name: str) -> bool:
    common = SourceSettings.model_fields.get(name)
    if common is None or model is SourceSettings or not issubclass(model, SourceSettings):
        return False
    return default_of(model.model_fields[name]) == default_of(common)


def _adapter(adapter: type[Adapter[Any]]) -> Sequence[str]:
    """Return the section of an adapter; where it can train models, with what a recipe says."""
    own = set(adapter.settings.model_fields) - set(SourceSettings.model_fields)
    settings = keys_of(adapter.settings) if own else "It has no keys of its own."
    recipe = adapter.recipe
    training = [RECIPE, _recipe_keys(recipe)] if recipe else []
    return [f'### {adapter.title}: `adapter = "{adapter.name}"`', settings, *training]


def _recipe_keys(recipe: type[BaseModel]) -> str:
    rows = [
        (code(name), f"{type_of(field)}; {default_of(field)}", field.description or "")
        for name, field in recipe.model_fields.items()
    ]
    return table(("recipe", "type; default", "meaning"), rows)
