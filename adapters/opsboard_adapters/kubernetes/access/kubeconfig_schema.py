"""The fields of a kubeconfig: their types, and which of them exclude or need each other.

Source: the ``Config`` (v1) API and ``tools/clientcmd/validation.go`` of client-go. client-go
refuses a whole file for one wrong type; here an entry is checked when a context uses it, so one
context takes down no other. Keys are case-sensitive, and null counts as absent. Where two ways to
log in are given, nothing is guessed: one of them is a mistake.
"""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured
from opsboard_adapters.net import urls

MEND: Final = "fix the kubeconfig"


@dataclass(frozen=True, slots=True)
class Base64Text:
    """Bytes in base64 (RFC 4648 §4). Line breaks are ignored; other white space is an error."""


@dataclass(frozen=True, slots=True)
class MapOf:
    """A table with any keys, whose values have the type *value*."""

    value: Any


KubeconfigSchema = Mapping[str, Any]
"""Key -> ``str``, ``bool``, :class:`Base64Text`, :class:`MapOf`, a schema, or a list of these."""

_EXTENSIONS: Final[Any] = [{"name": str}]

CONTEXT: Final[KubeconfigSchema] = {
    "cluster": str,
    "user": str,
    "namespace": str,
    "extensions": _EXTENSIONS,
}

CLUSTER: Final[KubeconfigSchema] = {
    "server": str,
    "certificate-authority": str,
    "certificate-authority-data": Base64Text(),
    "insecure-skip-tls-verify": bool,
    "tls-server-name": str,
    "proxy-url": str,
    "disable-compression": bool,
    "extensions": _EXTENSIONS,
}

EXEC: Final[KubeconfigSchema] = {
    "apiVersion": str,
    "command": str,
    "args": [str],
    "env": [{"name": str, "value": str}],
    "installHint": str,
    "interactiveMode": str,
    "provideClusterInfo": bool,
}

USER: Final[KubeconfigSchema] = {
    "token": str,
    "tokenFile": str,
    "username": str,
    "password": str,
    "client-certificate": str,
    "client-certificate-data": Base64Text(),
    "client-key": str,
    "client-key-data": Base64Text(),
    "as": str,
    "as-uid": str,
    "as-groups": [str],
    "as-user-extra": MapOf([str]),
    "auth-provider": {"name": str, "config": MapOf(str)},
    "exec": EXEC,
    "extensions": _EXTENSIONS,
}

CONFIG: Final[KubeconfigSchema] = {
    "kind": str,
    "apiVersion": str,
    "current-context": str,
    "contexts": [{"name": str}],
    "clusters": [{"name": str}],
    "users": [{"name": str}],
    "preferences": {"colors": bool, "extensions": _EXTENSIONS},
    "extensions": _EXTENSIONS,
}
"""A whole file. Its contexts, clusters and users are checked when they are used."""

_TYPE_NAMES: Final = {str: "text", bool: "true or false"}


def checked(values: Any, schema: KubeconfigSchema, file: str, key: str = "") -> dict[str, Any]:
    """Return the table *values* without null fields; keys that *schema* lacks are left as they are.

    Raises :exc:`Misconfigured`, which names the place in *file* (below *key*) and never repeats a
    value, as it may be a secret.
    """
    if not key:
        return _table(values, schema, file, f"{file}: ")
    return _table(values, schema, f"{file}: {key}", f"{file}: {key}.")


def _table(values: Any, schema: KubeconfigSchema, where: str, within: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise _wrong(where, "a table")
    found = {key: value for key, value in values.items() if value is not None}
    for key, wanted in schema.items():
        if key in found:
            found[key] = _one(found[key], wanted, f"{within}{key}")
    return found


def _one(value: Any, wanted: Any, where: str) -> Any:
    if isinstance(wanted, list):
        return _list(value, wanted[0], where)
    if isinstance(wanted, MapOf):
        table = _table(value, {}, where, "")
        return {key: _one(item, wanted.value, f"{where}.{key}") for key, item in table.items()}
    if isinstance(wanted, Mapping):
        return _table(value, wanted, where, f"{where}.")
    if isinstance(wanted, Base64Text):
        return _base64(value, where)
    if not isinstance(value, wanted):
        raise _wrong(where, _TYPE_NAMES[wanted])
    return value


def _list(value: Any, wanted: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, "a list")
    nothing = "" if wanted is str else {}
    items = [nothing if item is None else item for item in value]
    return [
        _one(item, wanted, f"{where}[{_item_name(item, number)}]")
        for number, item in enumerate(items)
    ]


def _item_name(item: Any, number: int) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) and name else str(number)


def _base64(value: Any, where: str) -> str:
    """Return *value* without its line breaks."""
    if not isinstance(value, str):
        raise _wrong(where, "text")
    plain = value.replace("\r", "").replace("\n", "")
    try:
        binascii.a2b_base64(plain, strict_mode=True)
    except ValueError:
        hint = "write it again (base64 -w0 FILE), or name the file by the same key without -data"
        raise Misconfigured(f"{where} is not base64", hint) from None
    return plain


def _wrong(where: str, wanted: str) -> Misconfigured:
    quotes = ": put it into quotes" if wanted == "text" else ""
    return Misconfigured(f"{where} must be {wanted}", f"fix the kubeconfig{quotes}")


INTERACTIVE_MODES: Final = ("Never", "IfAvailable", "Always")
_MODE_NEEDED: Final = "client.authentication.k8s.io/v1"


def check_cluster(cluster: Mapping[str, Any], where: str) -> None:
    """Check the entry *cluster*, which *where* names in errors. Raises :exc:`Misconfigured`."""
    _check_not_both(cluster, "certificate-authority", where)
    _check_readable(cluster, "certificate-authority", where)
    if through := cluster.get("proxy-url"):
        urls.check_proxy_url(through, f"proxy-url of {where}")


def check_user(user: Mapping[str, Any], where: str) -> None:
    """Check the entry *user*, which *where* names in errors. Raises :exc:`Misconfigured`."""
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
    """Check the login of *user*, which is used over TLS alone. Raises :exc:`Misconfigured`."""
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
    _check_not_both(user, "client-certificate", where)
    _check_not_both(user, "client-key", where)
    if not _has(user, "client-key"):
        raise Misconfigured(
            f"{where} has a client-certificate and no key to it",
            "add client-key or client-key-data",
        )
    _check_readable(user, "client-certificate", where)
    _check_readable(user, "client-key", where)


def _has(values: Mapping[str, Any], key: str) -> bool:
    return bool(values.get(key) or values.get(f"{key}-data"))


def _check_not_both(values: Mapping[str, Any], key: str, where: str) -> None:
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
        if not Path(path).is_fifo():  # opening a FIFO may block for ever
            with Path(path).open("rb"):
                return
    except IsADirectoryError:
        return  # the error is raised where it is read
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


# --- auth-provider: the logins before exec plugins -----------------------------------------------
# Source: ``plugin/pkg/client/auth`` of client-go, which has kept ``oidc`` alone.

_REPLACEMENTS: Final[Mapping[str, str]] = {
    "gcp": "log in again with gke-gcloud-auth-plugin: "
    "gcloud container clusters get-credentials CLUSTER",
    "azure": "log in again with kubelogin: kubelogin convert-kubeconfig",
}
_OTHER_LOGINS: Final = "use an exec plugin, a token or a client certificate instead"


def check_auth_provider(provider: Mapping[str, Any], where: str) -> None:
    """Check the auth-provider of the user that *where* names. Raises :exc:`Misconfigured`."""
    name = provider.get("name", "")
    if name != "oidc":
        gone = "which kubectl no longer has" if name in _REPLACEMENTS else "which is not known"
        raise Misconfigured(
            f"{where} logs in by the auth-provider {name!r}, {gone}",
            _REPLACEMENTS.get(name, _OTHER_LOGINS),
        )
    config = provider.get("config", {})
    for key in ("idp-issuer-url", "client-id"):
        if not config.get(key):
            raise Misconfigured(
                f"{where} logs in by the auth-provider 'oidc', which lacks {key}",
                f"add {key} to its config",
            )
