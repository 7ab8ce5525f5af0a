"""What can be configured of Terraform and OpenTofu: where their states are, and their plans."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from opsboard.adapter import SourceSettings
from opsboard.records.identity import server
from opsboard.system.secrets import Secret
from opsboard_adapters.net.urls import check_http_url

WORKSPACE_PLACE: Final = "{workspace}"
"""What stands for the name of the workspace in settings."""
_PATTERN_SIGNS: Final = frozenset("*?[!")


def at_home(path: Path | str) -> Path:
    """Return *path* with ``~`` read; as it is where there is no such user."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser raises for those


def _is_plain(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "http" and not is_here


class TerraformSettings(SourceSettings):
    """States of one backend."""

    model_config = ConfigDict(hide_input_in_errors=True)

    path: Path | None = Field(
        None,
        description="A state file, or a folder: the `terraform.tfstate` and "
        "`terraform.tfstate.d/*/terraform.tfstate` of the configurations in it.",
    )
    depth: int = Field(
        3, ge=0, le=8, description="Folders below `path` that are looked through for more."
    )
    address: str | None = Field(
        None,
        description="URL of a state, as the `address` of Terraform's HTTP backend; `{workspace}` "
        "in it stands for each name in `workspaces`, where a server has several.",
    )
    lock_address: str | None = Field(
        None,
        description="URL that tells by GET who holds its lock, where the server has one, with "
        "`{workspace}` as in `address`; nothing else is ever sent to it.",
    )
    username: str | None = Field(None, description="User name for `address` (basic auth).")
    password: Secret | None = Field(None, description="Password, or token, of that user.")
    ca_file: Path | None = Field(None, description="PEM file with the server's CA certificates.")
    insecure: bool = Field(
        False,
        description="Allow plain http to another machine, and do not verify the certificate.",
    )
    bucket: str | None = Field(
        None, description="S3 bucket of the states; needs `pip install 'opsboard[s3]'`."
    )
    key: str = Field("terraform.tfstate", description="Path of the state in the bucket.")
    workspace_key_prefix: str = Field(
        "env:", description="Path in the bucket that the states of other workspaces are below."
    )
    region: str | None = Field(None, description="Region of the bucket.")
    endpoint_url: str | None = Field(
        None, description="URL of an S3 service that is not that of AWS, such as MinIO or Ceph."
    )
    profile: str | None = Field(None, description="Profile of the AWS config to log in with.")
    access_key_id: str | None = Field(
        None, description="Access key; by default the login of the AWS tools is used."
    )
    secret_access_key: Secret | None = Field(None, description="Secret of that access key.")
    secret_suffix: str | None = Field(
        None,
        description="Suffix of the secrets `tfstate-WORKSPACE-SUFFIX` of the Kubernetes backend; "
        "they are read by `kubectl`.",
    )
    namespace: str = Field("default", description="Namespace of those secrets.")
    kubeconfig: Path | None = Field(
        None, description="The kubeconfig for them; by default the one that kubectl takes."
    )
    context: str | None = Field(None, description="The context of it; by default the current one.")
    workspace: str | None = Field(
        None, description="What the workspace at `address` is called; by default by its URL."
    )
    workspaces: tuple[str, ...] = Field(
        ("*",), description="Which workspaces are shown, as patterns; `!` in front excludes."
    )
    plan: str | None = Field(
        None,
        description="File with the latest plan, as `terraform show -json` prints it; `{workspace}` "
        "in it stands for the name of the workspace. By default `tfplan.json` beside a "
        "configuration, for the workspace that is selected there.",
    )
    cluster: str | None = Field(
        None,
        description="Address of the API server that `kubernetes_*` resources are in, by which they "
        "are joined with what runs there; `{workspace}` in it stands for the name of the "
        "workspace. By default that is left to the board.",
    )
    lock_warning: float = Field(
        60.0, gt=0, description="Minutes after which a lock that is still held is a warning."
    )
    max_resources: int = Field(
        2_000, ge=1, le=100_000, description="Resources of a workspace that are shown at most."
    )
    max_workspaces: int = Field(
        200, ge=1, le=5_000, description="Workspaces that are shown at most."
    )
    max_object_mib: float = Field(
        64.0, gt=0, le=1_024, description="MiB that a state or a plan may have."
    )
    poll_interval: float = Field(30.0, ge=1.0, description="Seconds between two polls.")

    @field_validator("path", "ca_file", "kubeconfig")
    @classmethod
    def _at_home(cls, value: Path | None) -> Path | None:
        return at_home(value) if value is not None else None

    @field_validator("address", "lock_address", "endpoint_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return check_http_url(value) if value is not None else None

    @field_validator("cluster")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not server(value):
            raise ValueError("give the address of the API server, such as https://10.0.0.1:6443")
        return value

    @model_validator(mode="after")
    def _has_one_backend(self) -> "TerraformSettings":
        given = {
            "path": self.path, "address": self.address, "bucket": self.bucket,
            "secret_suffix": self.secret_suffix,
        }  # fmt: skip
        named = [name for name, value in given.items() if value is not None]
        if len(named) != 1:
            raise ValueError(
                f"say where the states are by exactly one of {', '.join(given)}"
                + (f": there are {' and '.join(named)}" if named else "")
            )
        return self

    @model_validator(mode="after")
    def _names_its_workspaces(self) -> "TerraformSettings":
        urls = (self.address, self.lock_address)
        templates = [WORKSPACE_PLACE in url for url in urls if url is not None]
        if not any(templates):
            return self
        if not all(templates):
            raise ValueError(f"{WORKSPACE_PLACE} belongs into both address and lock_address")
        if self.workspace is not None:
            raise ValueError(f"with {WORKSPACE_PLACE} in address, name all in `workspaces`")
        if not self.workspaces or any(_PATTERN_SIGNS & {*name} for name in self.workspaces):
            raise ValueError(
                f"with {WORKSPACE_PLACE} in address, `workspaces` has to name each: a server of "
                "states lists none"
            )
        return self

    @model_validator(mode="after")
    def _keeps_its_login(self) -> "TerraformSettings":
        if (self.password is None) != (self.username is None):
            raise ValueError("username and password belong together: give both, or neither")
        if (self.secret_access_key is None) != (self.access_key_id is None):
            raise ValueError("access_key_id and secret_access_key belong together")
        urls = (self.address, self.lock_address, self.endpoint_url)
        if not self.insecure and any(map(_is_plain, filter(None, urls))):
            raise ValueError(
                "plain http to another machine shows login and state to whoever listens: give an "
                "https URL, or set insecure = true"
            )
        return self

    @property
    def max_bytes(self) -> int:
        """Bytes that a state or a plan may have."""
        return int(self.max_object_mib * 2**20)

    @property
    def http_workspaces(self) -> tuple[str, ...]:
        """The names of the workspaces at `address`, none where that has to say it."""
        if WORKSPACE_PLACE in (self.address or ""):
            return tuple(dict.fromkeys(self.workspaces))
        return (self.workspace,) if self.workspace else ()
