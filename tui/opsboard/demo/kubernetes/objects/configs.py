"""ConfigMaps and Secrets."""

from base64 import b64encode
from typing import Final

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import Object, new_object, stamp
from opsboard.demo.world.clusters import DemoConfig

LEADER: Final = "control-plane.alpha.kubernetes.io/leader"
RESOURCE_OF: Final = {"ConfigMap": resources.CONFIG_MAPS, "Secret": resources.SECRETS}


def config_object(config: DemoConfig) -> Object:
    """Return the object of *config*."""
    annotations = None
    if config.leader_since is not None:
        annotations = {LEADER: f'{{"renewTime":"{stamp(config.leader_since)}"}}'}
    made = new_object(
        RESOURCE_OF[config.kind],
        config.name,
        config.namespace,
        config.uid,
        config.created_at,
        labels={"owner": "helm"} if config.type.startswith("helm.sh/") else None,
        annotations=annotations,
    )
    made["metadata"]["managedFields"] = [
        {
            "manager": config.manager,
            "operation": "Update",
            "apiVersion": "v1",
            "time": stamp(config.changed_at),
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {".": {}, **{f"f:{name}": {} for name in config.values}}},
        }
    ]
    secret = config.kind == "Secret"
    made["data"] = {
        name: b64encode(value.encode()).decode() if secret else value
        for name, value in config.values.items()
    }
    return {**made, "type": config.type} if secret else made
