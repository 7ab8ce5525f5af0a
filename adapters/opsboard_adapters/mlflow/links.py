"""URLs of MLflow's own user interface, and the ids of records."""

from typing import Final
from urllib.parse import quote

from opsboard.records import Kind, Ref

RUNS_LISTING: Final = "training-runs"
"""The listing whose rows are runs: a part of their ids."""


class MLflowLinks:
    """URLs below *base*, the URL of the tracking server."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")

    def model(self, name: str) -> str:
        return f"{self._base}/#/models/{quote(name, safe='')}"

    def version(self, name: str, version: str) -> str:
        return f"{self.model(name)}/versions/{quote(version, safe='')}"

    def run(self, experiment_id: str, run_id: str) -> str:
        return f"{self._base}/#/experiments/{quote(experiment_id)}/runs/{quote(run_id)}"


def record_id(*parts: str) -> str:
    """Return an id made of a model's name, and where it applies a version and a metric."""
    *heads, last = parts
    return "/".join([*(_escaped(head) for head in heads), last])


def version_ref(source: str, name: str, version: str) -> Ref:
    """Return the identity of a model version on the board."""
    return Ref(source, Kind.MODEL_VERSION, record_id(name, version))


def split_version_id(identity: str) -> tuple[str, str]:
    """Return the model's name and the version from the id of a model version's record."""
    name, _, version = identity.partition("/")
    return name.replace("%2F", "/").replace("%25", "%"), version


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")
