"""A kubeconfig that leads to one cluster as one user, whatever happens to the one it came from.

``kubectl`` reads the kubeconfig when it starts. A context that was pointed elsewhere since would
lead it to another cluster than the plan says, so it is given a copy of what was checked: one
context with its cluster and user, paths absolute. A token file, a client certificate and an exec
plugin are named in it as they are in the original, and renew as there.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from opsboard_adapters.kubernetes.access.clusters import ClusterAccess
from opsboard_adapters.kubernetes.access.exec_plugin import CONFIG_EXTENSION
from opsboard_adapters.kubernetes.access.kubeconfig_schema import CLUSTER, USER

_REFRESH_TOKEN: Final = "refresh-token"  # noqa: S105 - the name of a key


def pinned_kubeconfig(access: ClusterAccess) -> bytes:
    """Return the kubeconfig of *access* alone. It holds the login: it is for nobody else's eyes.

    The refresh token of the auth-provider ``oidc`` is left out: kubectl would use it up, and have
    nowhere to write the next one to. It goes on for as long as the ID token is good, as the board
    does.
    """
    context = {
        "cluster": access.cluster_name,
        "user": access.user_name,
        "namespace": access.namespace,
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": access.name,
        "contexts": [{"name": access.name, "context": context}],
        "clusters": [{"name": access.cluster_name, "cluster": _cluster(access)}],
        "users": [{"name": access.user_name, "user": _user(access.sent_user)}],
    }
    return json.dumps(config).encode("ascii")


def _cluster(access: ClusterAccess) -> dict[str, Any]:
    known = {key: access.cluster[key] for key in CLUSTER if key in access.cluster}
    extensions = known.pop("extensions", ())
    handed = [one for one in extensions if one.get("name") == CONFIG_EXTENSION]
    return {**known, "server": access.server, **({"extensions": handed} if handed else {})}


def _user(user: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: user[key] for key in USER if key in user and key != "extensions"}
    if provider := found.get("auth-provider"):
        config = dict(provider.get("config") or {})
        config.pop(_REFRESH_TOKEN, None)
        found["auth-provider"] = {**provider, "config": config}
    return found


# --- whether a context still leads there ---------------------------------------------------------

_LEADS: Final = (
    "certificate-authority",
    "certificate-authority-data",
    "insecure-skip-tls-verify",
    "tls-server-name",
    "proxy-url",
)
"""What of a cluster, beside its server, says who answers."""


def user_text(access: ClusterAccess) -> str:
    """Return as whom *access* asks: the user, and whom they act as, groups and all, by which it is
    decided what they may do. No secret is in it."""
    user = access.user
    if not (acted := user.get("as")):
        return access.user_name or "no user"
    ids = [f"uid {user['as-uid']}"] if user.get("as-uid") else []
    groups = [f"groups {', '.join(user['as-groups'])}"] if user.get("as-groups") else []
    extra = [f"extra {', '.join(user['as-user-extra'])}"] if user.get("as-user-extra") else []
    more = "; ".join((*ids, *groups, *extra))
    return f"{access.user_name or 'no user'}, acting as {acted}{f' ({more})' if more else ''}"


def leads_elsewhere(before: ClusterAccess, now: ClusterAccess) -> str:
    """Return how *now* leads to another server, or has another user, than *before*; ``""`` if not.

    A login that was renewed is none other; the namespace that is meant by default is no place.
    """
    if (before.server, before.user_name) != (now.server, now.user_name):
        return f"leads to {now.server} as {now.user_name or 'no user'} by now"
    changed = [key for key in _LEADS if before.cluster.get(key) != now.cluster.get(key)]
    if before.cluster_name != now.cluster_name:
        changed.append("cluster")
    return f"has another {', '.join(changed)} by now" if changed else ""
