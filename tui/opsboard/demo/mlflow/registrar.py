"""What changes the registry: aliases, tags and stages."""

import re
from collections.abc import Mapping
from typing import Any, Final

from opsboard.demo.mlflow import telling
from opsboard.demo.mlflow.queries import Query, required
from opsboard.demo.mlflow.reader import Reader
from opsboard.demo.mlflow.refusals import Refusal
from opsboard.demo.world.models import ModelVersion, RegisteredModel
from opsboard.demo.world.world import World

STAGES: Final = ("None", "Staging", "Production", "Archived")
_ALIAS: Final = re.compile(r"[\w-]+")
_RESERVED: Final = re.compile(r"v\d+|latest", re.IGNORECASE)


class Registrar:
    """Changes the registry of *world*; what is named is found by *reader*."""

    def __init__(self, world: World, reader: Reader) -> None:
        self._world = world
        self._reader = reader

    def set_alias(self, query: Query) -> Mapping[str, Any]:
        model, version = self._version(query)
        alias = required(query, "alias")
        if not _ALIAS.fullmatch(alias):
            raise Refusal(f"Invalid alias name: '{alias}'.")
        if _RESERVED.fullmatch(alias):
            raise Refusal(f"'{alias}' alias name is reserved.")
        self._world.learning.point(model, alias, version.number)
        return {}

    def delete_alias(self, query: Query) -> Mapping[str, Any]:
        self._reader.named(query).aliases.pop(required(query, "alias"), None)
        return {}

    def delete_model(self, query: Query) -> Mapping[str, Any]:
        del self._world.models[self._reader.named(query).name]
        return {}

    def tag_model(self, query: Query) -> Mapping[str, Any]:
        self._reader.named(query).tags[required(query, "key")] = str(query.get("value") or "")
        return {}

    def untag_model(self, query: Query) -> Mapping[str, Any]:
        self._reader.named(query).tags.pop(required(query, "key"), None)
        return {}

    def tag_version(self, query: Query) -> Mapping[str, Any]:
        _, version = self._version(query)
        version.tags[required(query, "key")] = str(query.get("value") or "")
        return {}

    def untag_version(self, query: Query) -> Mapping[str, Any]:
        _, version = self._version(query)
        version.tags.pop(required(query, "key"), None)
        return {}

    def move(self, query: Query) -> Mapping[str, Any]:
        """Bring a version into a stage, and those that are in it out of it where that is asked."""
        model, version = self._version(query)
        stage = required(query, "stage").capitalize()
        if stage not in STAGES:
            raise Refusal(f"Invalid Model Version stage: {stage}. Value must be one of {STAGES}.")
        if query.get("archive_existing_versions"):
            for other in model.versions:
                if other is not version and other.stage == stage:
                    self._world.learning.move(model, other, "Archived")
        self._world.learning.move(model, version, stage)
        return {"model_version": telling.version(model, version, aliases=True)}

    def _version(self, query: Query) -> tuple[RegisteredModel, ModelVersion]:
        return self._reader.numbered(required(query, "name"), required(query, "version"))
