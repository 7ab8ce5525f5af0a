"""The write endpoints of the registry: aliases, tags and stages."""

import re
from collections.abc import Mapping
from typing import Any, Final

from opsboard.demo.mlflow import serialize
from opsboard.demo.mlflow.reader import FakeMlflowReader
from opsboard.demo.mlflow.requests import FakeMlflowError, MlflowParams, required
from opsboard.demo.world.models import DemoModelVersion, DemoRegisteredModel
from opsboard.demo.world.training import TrainingController

STAGES: Final = ("None", "Staging", "Production", "Archived")
_ALIAS: Final = re.compile(r"[\w-]+")
_RESERVED: Final = re.compile(r"v\d+|latest", re.IGNORECASE)


class FakeMlflowRegistry:
    """Changes the registry by *training*; finds models and versions by *reader*."""

    def __init__(self, reader: FakeMlflowReader, training: TrainingController) -> None:
        self._reader = reader
        self._training = training

    def set_alias(self, query: MlflowParams) -> Mapping[str, Any]:
        model, version = self._version(query)
        alias = required(query, "alias")
        if not _ALIAS.fullmatch(alias):
            raise FakeMlflowError(f"Invalid alias name: '{alias}'.")
        if _RESERVED.fullmatch(alias):
            raise FakeMlflowError(f"'{alias}' alias name is reserved.")
        self._training.set_alias(model, alias, version.number)
        return {}

    def delete_alias(self, query: MlflowParams) -> Mapping[str, Any]:
        self._training.delete_alias(self._reader.named(query), required(query, "alias"))
        return {}

    def delete_model(self, query: MlflowParams) -> Mapping[str, Any]:
        self._training.delete_model(self._reader.named(query))
        return {}

    def tag_model(self, query: MlflowParams) -> Mapping[str, Any]:
        self._reader.named(query).tags[required(query, "key")] = str(query.get("value") or "")
        return {}

    def untag_model(self, query: MlflowParams) -> Mapping[str, Any]:
        self._reader.named(query).tags.pop(required(query, "key"), None)
        return {}

    def update_model(self, query: MlflowParams) -> Mapping[str, Any]:
        model = self._reader.named(query)
        model.description = str(query.get("description") or "")
        return {"registered_model": serialize.model(model)}

    def update_version(self, query: MlflowParams) -> Mapping[str, Any]:
        model, version = self._version(query)
        version.description = str(query.get("description") or "")
        return {"model_version": serialize.version(model, version, aliases=True)}

    def tag_version(self, query: MlflowParams) -> Mapping[str, Any]:
        _, version = self._version(query)
        version.tags[required(query, "key")] = str(query.get("value") or "")
        return {}

    def untag_version(self, query: MlflowParams) -> Mapping[str, Any]:
        _, version = self._version(query)
        version.tags.pop(required(query, "key"), None)
        return {}

    def transition_stage(self, query: MlflowParams) -> Mapping[str, Any]:
        """Move a version to a stage, and archive the others there if that is asked for."""
        model, version = self._version(query)
        stage = required(query, "stage").capitalize()
        if stage not in STAGES:
            raise FakeMlflowError(
                f"Invalid Model Version stage: {stage}. Value must be one of {STAGES}."
            )
        if query.get("archive_existing_versions"):
            for other in model.versions:
                if other is not version and other.stage == stage:
                    self._training.transition_stage(model, other, "Archived")
        self._training.transition_stage(model, version, stage)
        return {"model_version": serialize.version(model, version, aliases=True)}

    def _version(self, query: MlflowParams) -> tuple[DemoRegisteredModel, DemoModelVersion]:
        return self._reader.numbered(required(query, "name"), required(query, "version"))
