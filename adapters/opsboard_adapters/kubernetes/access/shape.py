"""The shape of what a kubeconfig says of one context: texts, tables and lists, or a clear error.

Source: the ``Config`` (v1) API of client-go, which refuses other types as well.
"""

from collections.abc import Mapping
from typing import Any, Final

from opsboard.adapter import Misconfigured

Shape = Mapping[str, Any]
"""Key -> ``str``, ``bool``, ``list``, another shape, or a list of one shape or type."""

CONTEXT: Final[Shape] = {"cluster": str, "user": str, "namespace": str}

CLUSTER: Final[Shape] = {
    "server": str,
    "certificate-authority": str,
    "certificate-authority-data": str,
    "insecure-skip-tls-verify": bool,
    "tls-server-name": str,
    "proxy-url": str,
    "extensions": [{"name": str}],
}

USER: Final[Shape] = {
    "token": str,
    "tokenFile": str,
    "client-certificate": str,
    "client-certificate-data": str,
    "client-key": str,
    "client-key-data": str,
    "as": str,
    "as-uid": str,
    "exec": {
        "apiVersion": str,
        "command": str,
        "args": [str],
        "env": [{"name": str, "value": str}],
        "provideClusterInfo": bool,
    },
}

_WORDS: Final = {str: "text", bool: "true or false"}


def checked(values: Mapping[str, Any], shape: Shape, where: str) -> dict[str, Any]:
    """Return *values* without what is null; what *shape* does not know is left as it is.

    Raises :exc:`Misconfigured`, which says *where*, and never repeats a value.
    """
    found = {key: value for key, value in values.items() if value is not None}
    for key, wanted in shape.items():
        if key in found:
            found[key] = _one(found[key], wanted, f"{where}: {key}")
    return found


def _one(value: Any, wanted: Any, where: str) -> Any:
    if isinstance(wanted, list):
        if not isinstance(value, list):
            raise _wrong(where, "a list")
        return [_one(item, wanted[0], where) for item in value]
    if isinstance(wanted, Mapping):
        if not isinstance(value, dict):
            raise _wrong(where, "a table")
        return checked(value, wanted, where)
    if not isinstance(value, wanted):
        raise _wrong(where, _WORDS[wanted])
    return value


def _wrong(where: str, wanted: str) -> Misconfigured:
    quotes = ": put it into quotes" if wanted == "text" else ""
    return Misconfigured(f"{where} must be {wanted}", f"mend the kubeconfig{quotes}")
