"""What a kubeconfig may not say at once, or not leave out.

Source: ``tools/clientcmd/validation.go`` of client-go: whichever of two ways to log in were meant,
the other was a mistake, and nothing is guessed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured
from opsboard_adapters.net import urls

MEND: Final = "fix the kubeconfig"
INTERACTIVE_MODES: Final = ("Never", "IfAvailable", "Always")
_MODE_NEEDED: Final = "client.authentication.k8s.io/v1"


def check_cluster(cluster: Mapping[str, Any], where: str) -> None:
    """Look at what *cluster*, which *where* names, says. Raises :exc:`Misconfigured`."""
    _check_once(cluster, "certificate-authority", where)
    _check_readable(cluster, "certificate-authority", where)
    if through := cluster.get("proxy-url"):
        urls.check_proxy_url(through, f"proxy-url of {where}")


def check_user(user: Mapping[str, Any], where: str) -> None:
    """Look at what *user*, whom *where* names, says. Raises :exc:`Misconfigured`."""
    basic = user.get("username") or user.get("password")
    if user.get("token") and basic:
        raise Misconfigured(
            f"{where} has a token and a username or password: only one way to log in is allowed",
            "leave out one of them in the kubeconfig",
        )
    _check_certificate(user, where)
    if user.get("exec") is not None:
        _check_plugin(user, where)
    also = [key for key in ("as-uid", "as-groups", "as-user-extra") if user.get(key)]
    if also and not user.get("as"):
        raise Misconfigured(
            f"{where} has {', '.join(also)}, and does not say whom to impersonate",
            "add the user's name as `as`, or leave them out",
        )


def check_login(user: Mapping[str, Any], where: str) -> None:
    """Look at how *user* logs in, which is done over TLS alone. Raises :exc:`Misconfigured`."""
    if user.get("tokenFile") and user.get("username"):
        raise Misconfigured(
            f"{where} has a tokenFile and a username: only one way to log in is allowed",
            "leave out one of them in the kubeconfig",
        )
    if user.get("password") and not user.get("username"):
        raise Misconfigured(f"{where} has a password and no username", "add the username")


def _check_certificate(user: Mapping[str, Any], where: str) -> None:
    if not _has(user, "client-certificate"):
        return
    _check_once(user, "client-certificate", where)
    _check_once(user, "client-key", where)
    if not _has(user, "client-key"):
        raise Misconfigured(
            f"{where} has a client-certificate and no key to it",
            "add client-key or client-key-data",
        )
    _check_readable(user, "client-certificate", where)
    _check_readable(user, "client-key", where)


def _has(values: Mapping[str, Any], key: str) -> bool:
    return bool(values.get(key) or values.get(f"{key}-data"))


def _check_once(values: Mapping[str, Any], key: str, where: str) -> None:
    if values.get(key) and values.get(f"{key}-data"):
        raise Misconfigured(
            f"{where} has {key} and {key}-data: which of them is meant?",
            "leave out one of them in the kubeconfig",
        )


def _check_readable(values: Mapping[str, Any], key: str, where: str) -> None:
    path = values.get(key)
    if not path:
        return
    try:
        if not Path(path).is_fifo():  # to open one may take for ever
            with Path(path).open("rb"):
                return
    except IsADirectoryError:
        return  # told where it is read
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no path"
        raise Misconfigured(f"cannot read {path}, {key} of {where}: {why}", MEND) from None


def _check_plugin(user: Mapping[str, Any], where: str) -> None:
    plugin = user["exec"]
    if user.get("auth-provider") is not None:
        raise Misconfigured(
            f"{where} has exec and auth-provider: only one of them is allowed",
            "leave out auth-provider in the kubeconfig",
        )
    for key in ("command", "apiVersion"):
        if not plugin.get(key):
            raise Misconfigured(f"{where} has an exec plugin without {key}", f"add {key} to exec")
    if any(not item.get("name") for item in plugin.get("env", ())):
        raise Misconfigured(f"{where} has an exec plugin with an entry of env without a name", MEND)
    mode = plugin.get("interactiveMode", "")
    if mode not in INTERACTIVE_MODES and (mode or plugin["apiVersion"] == _MODE_NEEDED):
        said = f"the interactiveMode {mode!r}" if mode else "no interactiveMode"
        raise Misconfigured(
            f"{where} has an exec plugin with {said}",
            f"add interactiveMode: {INTERACTIVE_MODES[1]} to exec "
            f"(known are {', '.join(INTERACTIVE_MODES)})",
        )
