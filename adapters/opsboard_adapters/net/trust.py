"""TLS contexts: which certificate authorities are trusted.

They come from a CA file, from PEM text of a kubeconfig, or from this machine.
"""

import os
import ssl
from functools import cache
from pathlib import Path
from typing import Final

import httpx

from opsboard.adapter import Misconfigured
from opsboard.text.encoding import MAX_BYTES, as_utf8
from opsboard_adapters.net import pem

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_CERTIFICATES: Final = ("CERTIFICATE", "X509 CERTIFICATE")


@cache
def default_context() -> ssl.SSLContext:
    """Return the context that trusts certifi's authorities, or those of ``SSL_CERT_FILE``. Loading
    them is slow, so it is done once.
    """
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _not_made(error) from None


def context_of_ca_file(path: Path) -> ssl.SSLContext:
    """Return a context that trusts only the certificates in *path* (PEM). Raises
    :exc:`Misconfigured`.
    """
    hint = "name a readable file with PEM certificates in ca_file"
    what = f"the CA file {path}"
    authorities = _authorities(read_pem_file(path, what, hint), what, hint)
    try:
        return ssl.create_default_context(cadata=authorities)
    except (OSError, ValueError) as error:
        raise _not_made(error) from None


def context_with_ca_file(path: Path) -> ssl.SSLContext:
    """Return a context that trusts the default authorities, and the certificates in *path* (PEM).

    For servers that another one leads to: they need not be of the same authority. Raises
    :exc:`Misconfigured`.
    """
    hint = "name a readable file with PEM certificates in ca_file"
    what = f"the CA file {path}"
    try:
        context = httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise _not_made(error) from None
    trust_only(context, read_pem_file(path, what, hint), what, hint)
    return context


def trust_only(context: ssl.SSLContext, data: bytes, what: str, hint: str) -> None:
    """Let *context* trust the certificates in *data* (PEM). *what* names the data in an error.

    Certificates that OpenSSL cannot read are skipped as long as one is left; without any, raises
    :exc:`Misconfigured`.
    """
    context.load_verify_locations(cadata=_authorities(data, what, hint))


def trust_system(context: ssl.SSLContext) -> None:
    """Let *context* trust the system's authorities. Raises :exc:`Misconfigured`."""
    try:
        context.load_default_certs()
    except (OSError, ValueError) as error:
        raise _not_made(error) from None


def _authorities(data: bytes, what: str, hint: str) -> bytes:
    """Return the certificates in *data* that OpenSSL can read, as concatenated DER."""
    found = [
        block.der
        for block in pem.pem_blocks(as_utf8(data))
        if block.label in _CERTIFICATES and not block.headers
    ]
    try:
        usable = [one for one in found if is_readable(one)]
    except (OSError, ValueError) as error:
        raise _not_made(error) from None
    if not usable:
        why = ": OpenSSL cannot read any of them" if found else ""
        why = why or (": it is DER, not PEM" if data[:1] == b"\x30" else "")
        raise Misconfigured(f"{what} holds no PEM certificate{why}", hint)
    return b"".join(usable)


def is_readable(certificate: bytes) -> bool:
    """Tell whether OpenSSL can read *certificate* (DER)."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificate)
    except ssl.SSLError:
        return False
    return True


def read_pem_file(path: Path, what: str, hint: str) -> bytes:
    """Return the bytes of *path*, converted to UTF-8 where they are text in another encoding.

    Raises :exc:`Misconfigured` for a folder, a device, an unreadable file and one that is too
    large.
    """
    try:
        path = path.expanduser()
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "no file"
            raise Misconfigured(f"{what} is {kind}", hint)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Misconfigured(f"cannot read {what}: {error.strerror or error}", hint) from None
    except (ValueError, RuntimeError):  # a NUL character, or ~user for an unknown user
        raise Misconfigured(f"cannot read {what}: that is no path", hint) from None
    if len(data) > MAX_BYTES:
        raise Misconfigured(f"{what} has more than {MAX_BYTES:,} bytes", hint)
    return as_utf8(data)


def _not_made(error: Exception) -> Misconfigured:
    named = [name for name in _VARIABLES if os.environ.get(name)]
    why = getattr(error, "strerror", None) or str(error)
    return Misconfigured(
        f"TLS cannot be set up: {why}",
        f"fix or unset {', '.join(named)}" if named else "are OpenSSL and certifi in order?",
    )
