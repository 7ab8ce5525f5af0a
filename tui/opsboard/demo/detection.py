"""Whether what is shown is the demo's world, and how to leave that.

A board on the demo looks like any other, and a command on it answers like any other: so both say
that nothing of it is real. What tells is the sources, not the file that they are from: the config
that ``opsboard demo --serve`` prints is meant to be copied, and a source of one's own in it makes
it a config of one's own.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opsboard.config.resolved_source import ResolvedSource

FOLDER_PREFIX: Final = "opsboard-demo-"
"""How the folder of a running demo begins."""
TOKEN: Final = "demo-token"  # noqa: S105 - it opens nothing
GITHUB_PATH: Final = "/api/v3"
MLFLOW_PATH: Final = "/mlflow"

NOTICE: Final = (
    "this is the demo world, nothing in it is real; `opsboard init` writes a config of your own"
)
"""What every command says of a session on the demo, on standard error."""


def is_demo(sources: "Iterable[ResolvedSource]") -> bool:
    """Return whether there are *sources*, and all of them are the demo's own."""
    known = [_is_of_the_demo(source) for source in sources]
    return bool(known) and all(known)


def _is_of_the_demo(source: "ResolvedSource") -> bool:
    """Return whether *source* leads to the demo, by what :mod:`opsboard.demo.folder` writes.

    A real server may well be reached by a tunnel on loopback: an address alone proves nothing for
    GitHub, which has the demo's token too. MLflow has the path that the demo serves it under.
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
    return False


def _on_loopback(url: object, path: str) -> bool:
    try:
        parts = urlsplit(str(url or ""))
        return parts.path.rstrip("/") == path and ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name, or no URL at all
        return False
