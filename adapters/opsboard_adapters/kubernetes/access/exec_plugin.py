"""Credentials from a program: client-go's exec plugins.

Source: *client-go credential plugins*, API ``client.authentication.k8s.io`` v1 and v1beta1.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured, Unauthenticated
from opsboard.system.non_interactive import (
    NonInteractiveError,
    NotStartedError,
    run_non_interactive,
)
from opsboard.text.encoding import decode_text
from opsboard_adapters.kubernetes.access.yaml_document import first_document
from opsboard_adapters.net import trust

TIMEOUT: Final = 60.0
"""Seconds that a plugin may take."""
KIND: Final = "ExecCredential"
CONFIG_EXTENSION: Final = "client.authentication.k8s.io/exec"
"""The extension of a cluster that is handed to the plugin, as its ``config``."""
MAX_HINT: Final = 300
"""Characters of the kubeconfig's ``installHint`` that are shown."""
VERSIONS: Final = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, sent after its *scheme*, a client certificate with its key (PEM), or both."""

    token: str = ""
    certificate: str = ""
    key: str = ""
    expires_at: datetime | None = None
    scheme: str = "Bearer"

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


async def run_plugin(
    plugin: Mapping[str, Any], cluster: Mapping[str, Any], env: Mapping[str, str]
) -> Credential:
    """Run *plugin*, the ``exec`` entry of a kubeconfig user, and return its credential.

    Raises :exc:`Misconfigured` for a plugin that cannot be used here, and :exc:`Unauthenticated`
    where it fails. Its output is never quoted: it may hold a secret.
    """
    version = str(plugin.get("apiVersion"))
    command = str(plugin.get("command") or "")
    if version not in VERSIONS:
        raise Misconfigured(
            f"the exec plugin {command!r} speaks {version}", f"this knows {' and '.join(VERSIONS)}"
        )
    if plugin.get("interactiveMode") == "Always":
        raise Misconfigured(
            f"the exec plugin {command!r} needs a terminal (interactiveMode: Always)",
            "the board's is taken: log in with a token, or with a plugin that does not prompt",
        )
    words = [command, *map(str, plugin.get("args") or ())]
    answer = await _output(plugin, words, _environment(plugin, cluster, version, env))
    return _parse(answer, command, version)


def _environment(
    plugin: Mapping[str, Any], cluster: Mapping[str, Any], version: str, env: Mapping[str, str]
) -> dict[str, str]:
    extra = {item["name"]: item.get("value", "") for item in plugin.get("env") or ()}
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(cluster)
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    return {**env, **extra, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _cluster_info(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``spec.cluster`` of the ExecCredential: the CA is data, even if it is in a file."""
    info = {key: cluster[key] for key in _CLUSTER_KEYS if key in cluster}
    path = cluster.get("certificate-authority")
    if path and "certificate-authority-data" not in info:
        data = trust.read_pem_file(Path(path), str(path), "fix the kubeconfig")
        info["certificate-authority-data"] = base64.b64encode(data).decode()
    for extension in cluster.get("extensions") or ():
        if extension.get("name") == CONFIG_EXTENSION:
            info["config"] = extension.get("extension")
    return info


_CLUSTER_KEYS: Final = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
)


async def _output(plugin: Mapping[str, Any], words: list[str], env: Mapping[str, str]) -> bytes:
    try:
        answer = await run_non_interactive(words, env, seconds=TIMEOUT)
    except NotStartedError as error:
        hint = " ".join(str(plugin.get("installHint") or "").split())[:MAX_HINT]
        hint = f"install it, or fix PATH{f': {hint}' if hint else ''}"
        raise Unauthenticated(f"the exec plugin: {error}", hint) from None
    except NonInteractiveError as error:
        raise Unauthenticated(
            f"the exec plugin: {error}",
            f"it can ask nothing here; run it by hand: {_by_hand(words)}",
        ) from None
    if answer.exit_code:
        raise Unauthenticated(
            f"the exec plugin {words[0]!r} failed with exit code {answer.exit_code}",
            f"it can ask nothing here; log in by hand: {_by_hand(words)}",
        )
    return answer.output


def _by_hand(words: list[str]) -> str:
    return f"{' '.join(words[:2])} ..."


def _parse(answer: bytes, command: str, version: str) -> Credential:
    try:
        document = _document(decode_text(answer))
        answered = document.get("apiVersion", version)
        status = document["status"]
        expiry = status.get("expirationTimestamp")
        credential = Credential(
            token=_text(status.get("token")),
            certificate=_text(status.get("clientCertificateData")),
            key=_text(status.get("clientKeyData")),
            expires_at=_moment(expiry) if expiry else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unauthenticated(
            f"the exec plugin {command!r} printed no ExecCredential", f"it must speak {version}"
        ) from None
    if answered != version:
        raise Unauthenticated(
            f"the exec plugin {command!r} answered in {str(answered)[:80]!r}",
            f"it must speak {version}",
        )
    if bool(credential.certificate) is not bool(credential.key):
        lacking = "key" if credential.certificate else "certificate"
        raise Unauthenticated(
            f"the exec plugin {command!r} gave a certificate or a key alone, without its {lacking}",
            "log in with it again",
        )
    if not credential.token and not credential.certificate:
        raise Unauthenticated(f"the exec plugin {command!r} gave no credential", "log in with it")
    return credential


def _document(text: str) -> Any:
    """Return the ExecCredential in *text*, which is JSON if it begins with ``{``, else YAML.

    Raises :exc:`ValueError` for anything else.
    """
    found = json.loads(text) if text.lstrip().startswith("{") else first_document(text)
    if found.get("kind", KIND) != KIND:
        raise ValueError
    return found


def _text(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value or ""


def _moment(written: str) -> datetime:
    """Return a time *written* in RFC 3339; one without a zone is taken for UTC."""
    at = datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
