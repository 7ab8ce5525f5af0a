"""Whether all sources are the demo's, so that board and commands can say that nothing is real.

This is judged by the sources and not by the file that they are from: the config that ``opsboard
demo --serve`` prints is meant to be copied, and with one real source in it, it is a real config.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opsboard.config.resolved_source import ResolvedSource

FOLDER_PREFIX: Final = "opsboard-demo-"
"""The prefix of the name of a running demo's folder."""
TOKEN: Final = "demo-token"  # noqa: S105 - it opens nothing
GITHUB_PATH: Final = "/api/v3"
MLFLOW_PATH: Final = "/mlflow"
REGISTRY_PATH: Final = "/registry"
STATES_PATH: Final = "/terraform/state/{workspace}"

NOTICE: Final = (
    "this is the demo, nothing in it is real; `opsboard init` writes a config of your own"
)
"""What commands say on standard error where the sources are the demo's."""


def is_demo(sources: "Iterable[ResolvedSource]") -> bool:
    """Return whether there are *sources*, and all of them are the demo's own."""
    known = [_is_of_the_demo(source) for source in sources]
    return bool(known) and all(known)


def _is_of_the_demo(source: "ResolvedSource") -> bool:
    """Return whether *source* leads to the demo, by what :mod:`opsboard.demo.folder` writes.

    A loopback address alone proves nothing, since a real server may be reached by a tunnel. So
    GitHub needs the demo's token too, and MLflow, the registry and states the path under which the
    demo serves them.
    """
    settings = source.settings
    match source.adapter.name:
        case "github":
            token = getattr(getattr(settings, "token", None), "value", None)
            shown = token.get_secret_value() if token is not None else ""
            return shown == TOKEN and _on_loopback(getattr(settings, "api_url", ""), GITHUB_PATH)
        case "kubernetes":
            kubeconfig = Path(getattr(settings, "kubeconfig", None) or "")
            return kubeconfig.parent.name.startswith(FOLDER_PREFIX)
        case "mlflow":
            return _on_loopback(getattr(settings, "tracking_uri", ""), MLFLOW_PATH)
        case "registry":
            return _on_loopback(getattr(settings, "url", ""), REGISTRY_PATH)
        case "terraform":
            return _on_loopback(getattr(settings, "address", ""), STATES_PATH)
    return False


def _on_loopback(url: object, path: str) -> bool:
    try:
        parts = urlsplit(str(url or ""))
        return parts.path.rstrip("/") == path and ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name, or no URL at all
        return False
