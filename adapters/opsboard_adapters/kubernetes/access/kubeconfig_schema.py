"""The shape of a kubeconfig: texts, tables, lists and base64, or a clear error.

Source: the ``Config`` (v1) API of client-go, which refuses other types as well (it refuses a whole
file for one of them; here one context takes down no other). Keys are told apart by their letters'
case, and null is as good as nothing.
"""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from opsboard.adapter import Misconfigured


@dataclass(frozen=True, slots=True)
class Base64Text:
    """Bytes, written in base64 (RFC 4648 §4). Line breaks count for nothing; blanks do count."""


@dataclass(frozen=True, slots=True)
class MapOf:
    """A table with any keys, each of whose values has the shape *value*."""

    value: Any


KubeconfigSchema = Mapping[str, Any]
"""Key -> ``str``, ``bool``, :class:`Base64`, :class:`MapOf`, a shape, or a list of one of them."""

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
"""A file as a whole. What its contexts, clusters and users say is looked at as they are used."""

_WORDS: Final = {str: "text", bool: "true or false"}


def checked(values: Any, shape: KubeconfigSchema, file: str, key: str = "") -> dict[str, Any]:
    """Return the table *values* without what is null; keys that *shape* lacks are left as they are.

    Raises :exc:`Misconfigured`, which says where in *file* (below *key*), and never repeats a
    value.
    """
    if not key:
        return _table(values, shape, file, f"{file}: ")
    return _table(values, shape, f"{file}: {key}", f"{file}: {key}.")


def _table(values: Any, shape: KubeconfigSchema, where: str, within: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise _wrong(where, "a table")
    found = {key: value for key, value in values.items() if value is not None}
    for key, wanted in shape.items():
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
        raise _wrong(where, _WORDS[wanted])
    return value


def _list(value: Any, wanted: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, "a list")
    nothing = "" if wanted is str else {}
    items = [nothing if item is None else item for item in value]
    return [
        _one(item, wanted, f"{where}[{_called(item, number)}]") for number, item in enumerate(items)
    ]


def _called(item: Any, number: int) -> str:
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
        hint = "write it anew (base64 -w0 FILE), or name the file by the same key without -data"
        raise Misconfigured(f"{where} is not base64", hint) from None
    return plain


def _wrong(where: str, wanted: str) -> Misconfigured:
    quotes = ": put it into quotes" if wanted == "text" else ""
    return Misconfigured(f"{where} must be {wanted}", f"fix the kubeconfig{quotes}")
