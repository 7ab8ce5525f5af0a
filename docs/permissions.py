"""``permissions.md``: what a login needs, from what the adapters declare beside what they ask."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from docs.markdown import NOTE, blocks, code, table
from opsboard.adapter.rights import Right, RightLevel
from opsboard_adapters.github.rights import APP_RIGHTS, CLASSIC_SCOPES
from opsboard_adapters.kubernetes.rights import ClusterRight, cluster_rights
from opsboard_adapters.mlflow.rights import MLFLOW_RIGHTS
from opsboard_adapters.registry.rights import REGISTRY_RIGHTS
from opsboard_adapters.terraform.rights import TERRAFORM_RIGHTS

INTRODUCTION: Final = """\
What each source has to permit, and no more. `opsboard doctor` asks the servers and says what is
missing; a plan says it before anything is done; where something is missing, the rest works. To
read is enough for the whole board; to act is for those who act.
"""

CLUSTER: Final = """\
## Kubernetes

Discovery (`/api`, `/apis`, `/version`), access reviews and self reviews are open to everybody who
is logged in. Where `namespaces` is set, a Role in each of them, with the same rules, is enough.
"""

LISTINGS: Final = """\
Any other resource (`:nodes`, `:svc`, `opsboard get nodes`) needs `list` and `watch` on it, and
`get` for the page of one object; which verb on which resource is missing is said in place of the
table. Nothing of it is asked for before somebody types the word.
"""

CONFIGS: Final = """\
Changes of ConfigMaps and Secrets are shown with this in addition. Whoever may list Secrets may
read them with another program: leave that rule out, or set `config_changes = "off"`, where that
is not wanted. Then it is said once, and nothing else changes.
"""

ACT: Final = "To act, this in addition:"

EXEC: Final = """\
To be let into pods by kubectl (`exec`, `forward`, `debug`), this in addition to what is needed to
read, and none of what is needed to act.
"""

GITHUB: Final = """\
## GitHub

A classic token has scopes; a fine-grained token or an app has permissions for each repository.
"""

VIEW: Final = "opsboard-view"
VIEW_CONFIGS: Final = "opsboard-view-configs"
ACT_ROLE: Final = "opsboard-act"
EXEC_ROLE: Final = "opsboard-exec"

TITLES: Final[Mapping[str, str]] = {
    VIEW: "To read, the board needs this:",
    VIEW_CONFIGS: CONFIGS,
    ACT_ROLE: ACT,
    EXEC_ROLE: EXEC,
}


TERRAFORM = """\
Whoever may read a state may read every password in it. The board needs the state itself, and keeps
no value of it ([terraform.md](terraform.md)): give it a login that may read states and nothing
else, and may write none.
"""


def page() -> str:
    """Return the page."""
    rights = cluster_rights()
    return blocks(
        NOTE,
        "# Permissions",
        INTRODUCTION,
        CLUSTER,
        table(
            ("level", "verbs", "on", "for", "without it"),
            (
                (
                    one.level,
                    ", ".join(code(verb) for verb in one.verbs),
                    code(one.full_name),
                    one.purpose,
                    one.without,
                )
                for one in rights
            ),
        ),
        LISTINGS,
        *(part for name, role in roles().items() for part in (TITLES[name], _fenced(role))),
        GITHUB,
        _table("scope", CLASSIC_SCOPES),
        _table("permission", APP_RIGHTS),
        "## MLflow",
        _table("permission", MLFLOW_RIGHTS),
        "## Registries",
        _table("scope", REGISTRY_RIGHTS),
        "## Terraform and OpenTofu",
        TERRAFORM,
        _table("right", TERRAFORM_RIGHTS),
    )


def _fenced(role: Mapping[str, Any]) -> str:
    return f"```yaml\n{yaml.safe_dump(role, sort_keys=False, default_flow_style=None)}```"


def _table(name: str, rights: Iterable[Right]) -> str:
    rows = ((one.level, one.name, one.purpose, one.without) for one in rights)
    return table(("level", name, "for", "without it"), rows)


def roles() -> dict[str, dict[str, Any]]:
    """Return the cluster roles by their names: to read, to see configs, to act, to be let in."""
    rights = cluster_rights()
    of = {
        VIEW: [it for it in rights if it.level is RightLevel.READ and not it.configs],
        VIEW_CONFIGS: [it for it in rights if it.configs],
        ACT_ROLE: [it for it in rights if it.level is RightLevel.ACT],
        EXEC_ROLE: [it for it in rights if it.level is RightLevel.EXEC],
    }
    return {name: _role(name, needed) for name, needed in of.items()}


def _role(name: str, rights: Iterable[ClusterRight]) -> dict[str, Any]:
    """Return a role of one rule for each group and set of verbs."""
    rules: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for right in rights:
        resources = rules.setdefault((right.group, right.verbs), [])
        resources += [it for it in (right.resource,) if it not in resources]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [
            {"apiGroups": [group], "resources": resources, "verbs": [*verbs]}
            for (group, verbs), resources in rules.items()
        ],
    }
