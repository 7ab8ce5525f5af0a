"""A state of the world as Terraform writes it (format 4), its secrets included."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from opsboard.demo.world.company import REGISTRY, SERVICES
from opsboard.demo.world.configs import SECRET_VALUE
from opsboard.demo.world.states import DemoState, DemoStateResource

VERSION: Final = "1.11.4"
_ACCOUNT: Final = "111122223333"
_REGION: Final = "eu-west-1"
_TEAMS: Final = {service.name: service.team for service in SERVICES}
_SENSITIVE: Final[Mapping[str, str]] = {
    "aws_db_instance": "password",
    "kubernetes_secret_v1": "data",
}
"""Type → the attribute that the provider calls sensitive."""

Attributes = dict[str, Any]


def state_document(state: DemoState, servers: str) -> Attributes:
    """Return *state* as JSON values; *servers* is the URL below which the API servers are."""
    outputs: Attributes = {
        "database_password": {"value": SECRET_VALUE, "type": "string", "sensitive": True}
    }
    if state.cluster:
        endpoint = f"{servers}/clusters/{state.cluster}"
        outputs["cluster_endpoint"] = {"value": endpoint, "type": "string"}
    return {
        "version": 4,
        "terraform_version": VERSION,
        "serial": state.serial,
        "lineage": state.lineage,
        "outputs": outputs,
        "resources": list(_resources(state, servers).values()),
        "check_results": None,
    }


def _resources(state: DemoState, servers: str) -> dict[tuple[str, str], Attributes]:
    """Return the resources, each with all of its instances."""
    found: dict[tuple[str, str], Attributes] = {}
    for one in state.resources.values():
        resource = found.setdefault(
            (one.type, one.name),
            {
                "mode": "managed",
                "type": one.type,
                "name": one.name,
                "provider": f'provider["{provider_of(one)}"]',
                "instances": [],
            },
        )
        resource["instances"].append(_instance(one, state, servers))
    return found


def provider_of(one: DemoStateResource) -> str:
    """Return the source address of the provider of *one*."""
    return f"registry.terraform.io/hashicorp/{one.type.partition('_')[0]}"


def _instance(one: DemoStateResource, state: DemoState, servers: str) -> Attributes:
    hidden = _SENSITIVE.get(one.type)
    attributes = _ATTRIBUTES.get(one.type)
    return {
        **({"index_key": one.key} if one.key else {}),
        "schema_version": 0,
        "attributes": {
            "id": one.id,
            "tags": {"revision": str(one.changes), "environment": state.name},
            **(attributes(one, state, servers) if attributes is not None else {}),
        },
        "sensitive_attributes": [[{"type": "get_attr", "value": hidden}]] if hidden else [],
        "private": "bnVsbA==",
    }


def _cluster(_: DemoStateResource, state: DemoState, servers: str) -> Attributes:
    return {
        "name": state.cluster,
        "arn": f"arn:aws:eks:{_REGION}:{_ACCOUNT}:cluster/{state.cluster}",
        "endpoint": f"{servers}/clusters/{state.cluster}",
    }


def _repository(one: DemoStateResource, *_: object) -> Attributes:
    arn = f"arn:aws:ecr:{_REGION}:{_ACCOUNT}:repository/{one.key}"
    return {"name": one.key, "arn": arn, "repository_url": f"{REGISTRY}/{one.key}"}


def _database(one: DemoStateResource, state: DemoState, _: str) -> Attributes:
    host = f"{one.key}-{one.changes}.{state.name}.db.harbourside.example"
    return {"identifier": one.key, "address": host, "password": SECRET_VALUE}


def _secret(one: DemoStateResource, *_: object) -> Attributes:
    place = {"name": f"{one.key}-credentials", "namespace": _TEAMS[one.key]}
    return {"metadata": [place], "data": {"PASSWORD": SECRET_VALUE}, "type": "Opaque"}


def _settings(one: DemoStateResource, *_: object) -> Attributes:
    place = {"name": f"{one.key}-config", "namespace": _TEAMS[one.key]}
    return {"metadata": [place], "data": {"DATABASE": f"{one.key}-{one.changes}"}}


_ATTRIBUTES: Final[Mapping[str, Callable[[DemoStateResource, DemoState, str], Attributes]]] = {
    "aws_eks_cluster": _cluster,
    "aws_ecr_repository": _repository,
    "aws_db_instance": _database,
    "kubernetes_config_map_v1": _settings,
    "kubernetes_secret_v1": _secret,
}
