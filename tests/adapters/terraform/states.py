"""States and plans as Terraform writes them, with a canary wherever a value is."""

import json
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parent / "fixtures"
"""Written by Terraform 1.11.4, with ``terraform_data`` alone: a state with six instances, a plan
that changes all of them, and one that ended with an error."""

CANARY: Final = "canary"
LINEAGE: Final = "8d3f0a6e-0000-4000-8000-5a1e7c0ffee5"
CLUSTER: Final = "https://0A1B.gr7.eu-west-1.eks.amazonaws.com"


def canary(name: str) -> str:
    """Return a text that must be seen nowhere."""
    return f"{CANARY}-{name}-5f1d0c"


def resource(type_: str, name: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a resource with one instance, in which everything else is a canary."""
    instance = {
        "schema_version": 0,
        "attributes": {"secret": canary("attribute"), "tags": [canary("tag")], **attributes},
        "sensitive_attributes": more.pop("sensitive", []),
        "private": canary("private"),
        "identity": {"id": canary("identity")},
        **more.pop("instance", {}),
    }
    return {
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider": f'provider["registry.terraform.io/hashicorp/{type_.partition("_")[0]}"]',
        "instances": [instance],
        **more,
    }


def workload(name: str, **more: Any) -> dict[str, Any]:
    """Return a Deployment in the namespace ``shop``."""
    container = {"image": canary("image"), "env": [{"name": "TOKEN", "value": canary("env")}]}
    attributes = {
        "metadata": [{"name": name, "namespace": "shop", "annotations": {"a": canary("note")}}],
        "spec": [{"template": [{"spec": [{"container": [container]}]}]}],
    }
    return resource("kubernetes_deployment", name, attributes, **more)


def shop(serial: int = 7, *resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a state of *resources*; by default a cluster, a registry, and what runs there."""
    listed = resources or (
        resource(
            "aws_eks_cluster",
            "main",
            {"name": "main", "arn": "arn:aws:eks:eu-west-1:1:cluster/main", "endpoint": CLUSTER},
        ),
        resource(
            "aws_ecr_repository",
            "cart",
            {"name": "cart", "repository_url": "1.dkr.ecr.eu-west-1.amazonaws.com/shop/cart"},
        ),
        workload("checkout"),
    )
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": serial,
        "lineage": LINEAGE,
        "outputs": {
            "token": {"value": canary("output"), "type": "string", "sensitive": True},
            "address": {"value": canary("plain-output"), "type": "string"},
        },
        "resources": list(listed),
        "check_results": [{"object_kind": "check", "status": "pass", "m": canary("check")}],
        "unknown": canary("unknown"),
        **more,
    }


def change(address: str, *actions: str) -> dict[str, Any]:
    """Return a change of a plan."""
    values = {"before": {"x": canary("before")}, "after": {"x": canary("after")}}
    return {
        "address": address,
        "mode": "managed",
        "type": address.split(".")[-2],
        "name": address.rsplit(".", maxsplit=1)[-1],
        "provider_name": "registry.terraform.io/hashicorp/kubernetes",
        "change": {"actions": list(actions), "after_sensitive": {"x": True}, **values},
    }


def plan(
    at: str, changes: list[dict[str, Any]], drift: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    """Return a plan as ``terraform show -json`` prints it."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"x": {"value": canary("variable")}},
        "planned_values": {"outputs": {"x": {"value": canary("planned")}}},
        "resource_changes": changes,
        "resource_drift": drift,
        "output_changes": {"x": {"before": canary("b"), "after": canary("a")}},
        "prior_state": {"values": {"x": canary("prior")}},
        "timestamp": at,
        "errored": False,
        **more,
    }


KEY_FILE: Final = "attributes.key"
"""What the adapter keeps for itself, to compare by: it says nothing of who asks."""

LOCK: Final = {
    "ID": "7d6bb64b-3a0c-4d33-8d4c-1f0a2b3c4d5e",
    "Operation": "OperationTypeApply",
    "Info": canary("info"),
    "Who": "ana@bastion-7",
    "Version": canary("version"),
    "Created": "2026-11-26T08:15:30.123456789Z",
    "Path": canary("path"),
}


def write_json(file: Path, value: Any) -> None:
    """Write *value* as Terraform does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, indent=2))


def write_folder(folder: Path) -> None:
    """Write a configuration with two workspaces, a plan and a lock, and another one in it."""
    write_json(folder / "terraform.tfstate", shop())
    prod = shop(12, resource("terraform_data", "one", {}), lineage="2b-prod")
    write_json(folder / "terraform.tfstate.d" / "prod" / "terraform.tfstate", prod)
    write_json(folder / "terraform.tfstate.d" / "prod" / ".terraform.tfstate.lock.info", LOCK)
    changes = [
        change("kubernetes_deployment.checkout", "update"),
        change("kubernetes_deployment.cart", "create"),
    ]
    drift = [change("kubernetes_deployment.checkout", "update")]
    write_json(folder / "tfplan.json", plan("2099-01-01T00:00:00Z", changes, drift))
    network = FIXTURES / "state-4.json"
    (folder / "network").mkdir()
    (folder / "network" / "terraform.tfstate").write_bytes(network.read_bytes())
