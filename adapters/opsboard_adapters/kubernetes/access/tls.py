"""TLS for a cluster: its CA, and the client's own certificate."""

import base64
import binascii
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured
from opsboard_adapters import trust

MEND: Final = "mend the kubeconfig"


def context(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    """Return the TLS context for *cluster* as *user*. Raises :exc:`Misconfigured`."""
    authority = _authority(cluster)
    made = trust.own() if authority is None else trust.of_pem(authority, "the CA", MEND)
    if cluster.get("insecure-skip-tls-verify"):
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    present(made, _material(user, "client-certificate"), _material(user, "client-key"))
    return made


def _authority(cluster: Mapping[str, Any]) -> bytes | None:
    if data := cluster.get("certificate-authority-data"):
        return _decoded(data, "certificate-authority-data")
    if path := cluster.get("certificate-authority"):
        return _read(path)
    return None


def _material(user: Mapping[str, Any], key: str) -> bytes:
    if data := user.get(f"{key}-data"):
        return _decoded(data, f"{key}-data")
    return _read(user[key]) if user.get(key) else b""


def present(made: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Have connections of *made* to come show *certificate* (PEM) instead of any other.

    OpenSSL takes only a file: it lives a moment, mode 0600. Raises :exc:`Misconfigured`, for a
    key with a passphrase, too: OpenSSL would ask for it on the board's terminal.
    """
    if not certificate:
        return
    with tempfile.NamedTemporaryFile(prefix="opsboard-") as file:
        file.write(certificate + b"\n" + key)
        file.flush()
        try:
            made.load_cert_chain(file.name, password=_no_passphrase)
        except (ssl.SSLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or "not a PEM certificate with its key"
            raise Misconfigured(
                f"the client certificate cannot be used: {reason}", "mend the kubeconfig"
            ) from None


def _no_passphrase() -> str:
    raise Misconfigured(
        "the client key has a passphrase, and there is nobody to ask for it",
        "keep it without one (openssl pkey -in client.key -out plain.key; chmod 600 plain.key), "
        "or log in by an exec plugin or a token",
    )


def _decoded(data: object, key: str) -> bytes:
    try:
        return base64.b64decode(str(data), validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(f"{key} is not base64", "mend the kubeconfig") from None


def _read(path: str) -> bytes:
    return trust.read_file(Path(path), path, MEND)
