"""Whom to act as: the ``Impersonate-`` headers of a kubeconfig user.

Source: *User impersonation* in the Kubernetes documentation, and ``transport/round_trippers.go`` of
client-go. They are sent with any login, and over plain HTTP, where there is none.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from opsboard.adapter import Misconfigured

Header = tuple[bytes, bytes]

_IN_A_NAME: Final = "!#$&'*+-.^_`|~"
"""What a header's name may hold beside letters and digits (RFC 9110 §5.6.2), but ``%``, which
begins what is escaped."""


def impersonation_headers(user: Mapping[str, Any]) -> list[Header]:
    """Return the headers that say whom *user* acts as. Raises :exc:`Misconfigured`."""
    if not user.get("as"):
        return []
    return [_header(name, str(value), key) for name, value, key in _told(user)]


def _told(user: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield names and values of headers, and the keys of *user* that they come from."""
    yield "Impersonate-User", user["as"], "as"
    if uid := user.get("as-uid"):
        yield "Impersonate-Uid", uid, "as-uid"
    for group in user.get("as-groups", ()):
        yield "Impersonate-Group", group, "as-groups"
    for key, values in user.get("as-user-extra", {}).items():
        for value in values:
            yield f"Impersonate-Extra-{quote(key, safe=_IN_A_NAME)}", value, f"as-user-extra.{key}"


def _header(name: str, value: str, key: str) -> Header:
    """Return the header *name*. Its value is UTF-8, as client-go sends it."""
    plain = value.strip(" \t")
    if any(char < " " or char == "\x7f" for char in plain):
        raise Misconfigured(
            f"{key} of the user has a character that no HTTP header may have",
            "fix the kubeconfig: is it one line?",
        )
    return name.encode("ascii"), plain.encode("utf-8")
