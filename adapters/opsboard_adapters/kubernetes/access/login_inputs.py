"""Where the logins of a source's clusters come from, for keeping one login's board from another.

The kubeconfig is shared by many contexts, so only the servers and users of this source count; the
files that these users name (a token, a client certificate with its key) count as a whole. What an
exec plugin makes of its own environment is not known without running it: the variables by which
the plugins of the large clouds choose an account are declared for them.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import HostEnviron, LoginInputs, Misconfigured
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.access.kubeconfig import kubeconfig_files
from opsboard_adapters.kubernetes.settings import KubernetesSettings

_VARIABLES: Final = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")

_PLUGIN_VARIABLES: Final = (
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "CLOUDSDK_CONFIG", "CLOUDSDK_ACTIVE_CONFIG_NAME", "CLOUDSDK_CORE_ACCOUNT",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_CONFIG_DIR", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AAD_LOGIN_METHOD",
    "AAD_SERVICE_PRINCIPAL_CLIENT_ID", "AAD_USER_PRINCIPAL_NAME",
)  # fmt: skip
"""By which aws eks get-token, gke-gcloud-auth-plugin and kubelogin choose whom to log in as."""

_FILE_KEYS: Final = ("tokenFile", "client-certificate", "client-key")


def login_inputs(settings: KubernetesSettings, host_environ: HostEnviron) -> LoginInputs:
    """Return the kubeconfig files, the servers and users in them, and the files of these users."""
    # without a working folder, a path that starts there stays relative
    kubeconfig = kubeconfig_files(settings.kubeconfig, replace(host_environ, cwd=Path()))
    try:
        clusters = usable_clusters(settings, host_environ)
    except Misconfigured:
        return LoginInputs(variables=_VARIABLES, shared_files=kubeconfig)
    files = [Path(file) for cluster in clusters for file in _files(cluster.user)]
    if not all(file.is_absolute() for file in kubeconfig):
        files = [Path(os.path.relpath(file, host_environ.cwd)) for file in files]
    plugins = any(cluster.user.get("exec") for cluster in clusters)
    return LoginInputs(
        variables=(*_VARIABLES, *_PLUGIN_VARIABLES) if plugins else _VARIABLES,
        files=tuple(files),
        shared_files=kubeconfig,
        identity="\n".join(f"{it.name} {it.server} {it.user_name} {it.user}" for it in clusters),
    )


def _files(user: Mapping[str, Any]) -> Iterator[str]:
    return (user[key] for key in _FILE_KEYS if user.get(key))
