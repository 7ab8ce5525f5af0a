"""TLS contexts for a cluster: its CA, its server name, and the client certificate.

Source: ``transport`` and ``rest`` of client-go.
"""

import binascii
import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured
from opsboard.system.temporary_folders import private_file
from opsboard.text.encoding import as_utf8
from opsboard_adapters.net import pem, trust, urls

MEND: Final = "fix the kubeconfig"
Stamp = tuple[tuple[int, int, int], ...]
"""Inode, size and modification time (ns) of each file of a client certificate."""

_REASONS: Final = {
    "KEY_VALUES_MISMATCH": "the client key does not belong to the client certificate",
    "KEY_TYPE_MISMATCH": "the client key does not belong to the client certificate",
}


class ServerContext(ssl.SSLContext):
    """A client's context with the name that the server's certificate is for, if it is another.

    :attr:`server_name` replaces the name of the host on every connection, through proxies too.
    """

    server_name: str = ""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Wrap a connection; *server_hostname* is used if there is no :attr:`server_name`."""
        name = self.server_name or server_hostname
        return super().wrap_bio(incoming, outgoing, server_side, name, session)


def tls_context(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ServerContext:
    """Return the TLS context for *cluster* as *user*. Raises :exc:`Misconfigured`."""
    authority = _material(cluster, "certificate-authority")
    insecure = bool(cluster.get("insecure-skip-tls-verify"))
    if authority is not None and insecure:
        raise Misconfigured(
            "the cluster has a CA, and insecure-skip-tls-verify, which makes it useless",
            "leave out one of them in the kubeconfig",
        )
    made = ServerContext(ssl.PROTOCOL_TLS_CLIENT)
    if insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif authority is not None:
        trust.trust_only(made, authority, "the CA of the cluster", MEND)
    else:
        trust.trust_system(made)
    # As in client-go: every certificate in the CA file is trusted, an intermediate one too, and
    # the CAs of many clusters are older than the rules that Python 3.13 checks by default.
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.server_name = _server_name(str(cluster.get("tls-server-name") or ""))
    certificate = _material(user, "client-certificate")
    if certificate is not None:
        use_certificate(made, certificate, _material(user, "client-key") or b"")
    return made


def _server_name(written: str) -> str:
    """Return ``tls-server-name`` as Go normalizes it: without a final dot or brackets."""
    name = written.removesuffix(".")
    bare = name.removeprefix("[").removesuffix("]") if ":" in name else name
    try:
        if written:
            urls.check_http_url(f"https://[{bare}]" if ":" in bare else f"https://{bare}")
    except ValueError:
        raise Misconfigured("tls-server-name is no name that a host may have", MEND) from None
    return bare


def tls_context_for_proxy(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ServerContext:
    """Return the TLS context for a proxy of *cluster*: the same, without the server's name."""
    return tls_context({**cluster, "tls-server-name": ""}, user)


def _material(values: Mapping[str, Any], key: str) -> bytes | None:
    """Return the bytes of *key*, from its data or its file; ``None`` where there is neither."""
    if data := values.get(f"{key}-data"):
        return _decoded(str(data), f"{key}-data")
    return trust.read_pem_file(Path(values[key]), values[key], MEND) if values.get(key) else None


def _decoded(data: str, key: str) -> bytes:
    try:
        return as_utf8(binascii.a2b_base64(data, strict_mode=True))
    except ValueError:
        raise Misconfigured(f"{key} is not base64", MEND) from None


def certificate_stamp(user: Mapping[str, Any]) -> Stamp:
    """Return what changes when the client certificate files of *user* are written again."""
    found: list[tuple[int, int, int]] = []
    for path in filter(None, map(user.get, ("client-certificate", "client-key"))):
        with suppress(OSError, ValueError):
            seen = Path(path).stat()
            found.append((seen.st_ino, seen.st_size, seen.st_mtime_ns))
    return tuple(found)


def use_certificate(made: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Have later connections of *made* present *certificate* with its *key* (PEM).

    OpenSSL reads files only, so both are written for a moment, for this user alone. Raises
    :exc:`Misconfigured`, for a key with a passphrase too: OpenSSL would ask for that on the
    terminal.
    """
    chain, secret = _certificates(certificate), _key(key)
    with (
        private_file("client.crt", chain, os.environ) as chain_file,
        private_file("client.key", secret, os.environ) as key_file,
    ):
        try:
            made.load_cert_chain(chain_file, key_file, password=_no_passphrase)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            reason = str(getattr(error, "reason", None) or "")
            why = _REASONS.get(reason, reason) or _not_understood(chain)
            raise Misconfigured(f"the client certificate cannot be used: {why}", MEND) from None


def _not_understood(chain: bytes) -> str:
    """Return a sentence on which of the two cannot be parsed: *chain*, or else the key."""
    fine = all(trust.is_readable(block.der) for block in pem.pem_blocks(chain))
    return f"the client {'key' if fine else 'certificate'} is not understood"


def _certificates(data: bytes) -> bytes:
    found = [block.pem for block in pem.pem_blocks(data) if block.label == "CERTIFICATE"]
    if not found:
        raise Misconfigured(f"the client certificate {_odd(data, 'certificate')}", MEND)
    return b"".join(found)


def _key(data: bytes) -> bytes:
    """Return the first private key in *data* (PEM), without anything else."""
    for block in pem.pem_blocks(data):
        if block.label.endswith("PRIVATE KEY"):
            if block.encrypted:
                _no_passphrase()
            if block.label.startswith("OPENSSH"):
                raise Misconfigured(
                    "the client key is one of OpenSSH", "convert it: ssh-keygen -p -m PEM -f KEY"
                )
            return block.pem
    raise Misconfigured(f"the client key {_odd(data, 'private key')}", MEND)


def _odd(data: bytes, what: str) -> str:
    if data[:1] == b"\x30":  # a SEQUENCE (X.690 §8.9), with which X.509 in DER begins
        return f"is DER, not PEM: convert it (openssl ... -inform DER -outform PEM) to a PEM {what}"
    return f"holds no PEM {what}"


def _no_passphrase() -> str:
    raise Misconfigured(
        "the client key has a passphrase, and opsboard cannot ask for it",
        "keep it without one (openssl pkey -in client.key -out plain.key; chmod 600 plain.key), "
        "or log in by an exec plugin or a token",
    )
