"""Where a login comes from that the settings do not hold: the files of AWS, a kubeconfig."""

from pathlib import Path
from typing import Final

from opsboard.adapter import HostEnviron, LoginInputs
from opsboard_adapters.terraform.settings import TerraformSettings

_AWS: Final = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)  # fmt: skip


def login_inputs(settings: TerraformSettings, host_environ: HostEnviron) -> LoginInputs:
    """Return what the login of *settings* depends on beside them."""
    env = host_environ.env
    if settings.bucket is not None and settings.access_key_id is None:
        folder = host_environ.home / ".aws"
        config = env.get("AWS_CONFIG_FILE") or folder / "config"
        login = env.get("AWS_SHARED_CREDENTIALS_FILE") or folder / "credentials"
        return LoginInputs(variables=_AWS, files=(Path(config), Path(login)))
    if settings.secret_suffix is not None:
        named = [settings.kubeconfig] if settings.kubeconfig else []
        listed = [Path(one) for one in env.get("KUBECONFIG", "").split(":") if one]
        files = named or listed or [host_environ.home / ".kube" / "config"]
        return LoginInputs(variables=("KUBECONFIG",), files=tuple(files))
    return LoginInputs()
