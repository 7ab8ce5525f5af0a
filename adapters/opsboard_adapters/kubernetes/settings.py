"""The settings of a Kubernetes source."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from opsboard.adapter import SourceSettings


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...]),
]


class KubernetesSettings(SourceSettings):
    """Which clusters and which of their namespaces."""

    contexts: Names = Field(
        (), description="Contexts of the kubeconfig, each a cluster; by default the current one."
    )
    kubeconfig: Path | None = Field(
        None, description="A kubeconfig to read instead of $KUBECONFIG and ~/.kube/config."
    )
    in_cluster: bool = Field(
        False, description="Use the service account of the pod that opsboard runs in."
    )
    namespaces: Names = Field(
        (), description="Namespaces to watch; by default all, in one request each kind."
    )

    model_env: Names = Field(
        (),
        description="Further variables of containers that hold the URI of the model they serve "
        "(models:/NAME/VERSION), beside MODEL_URI, MLFLOW_MODEL_URI and STORAGE_URI.",
    )

    config_changes: Literal["metadata", "hash", "off"] = Field(
        "metadata",
        description="How changes of ConfigMaps and Secrets are seen: by their metadata (names, "
        "who changed an entry and when, never a value), by hash (the values are read, and a keyed "
        "hash of each is kept, which tells the entries that have changed), or off.",
    )

    debug_image: str = Field(
        "",
        description="The image of the container that `debug` puts into a pod; without it, the form "
        "asks for one.",
    )

    @model_validator(mode="after")
    def _not_both(self) -> "KubernetesSettings":
        if self.in_cluster and (self.contexts or self.kubeconfig):
            raise ValueError("in_cluster goes without contexts and kubeconfig")
        return self
