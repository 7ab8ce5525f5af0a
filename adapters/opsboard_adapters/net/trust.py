"""Whose certificates are trusted: the authorities of a file, of PEM text, or of this machine."""

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
    """Return the context that trusts the usual authorities: reading them takes a while."""
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _not_made(error) from None


def context_of_ca_file(path: Path) -> ssl.SSLContext:
    """Return the context that trusts the authorities in *path* (PEM). Raises Misconfigured."""
    hint = "name a readable file with PEM certificates in ca_file"
    what = f"the CA file {path}"
    authorities = _authorities(read_pem_file(path, what, hint), what, hint)
    try:
        return ssl.create_default_context(cadata=authorities)
    except (OSError, ValueError) as error:
        raise _not_made(error) from None


def trust_only(context: ssl.SSLContext, data: bytes, what: str, hint: str) -> None:
    """Let *context*, a new one, trust the certificates in *data* (PEM), which is *what*.

    Those that are odd count for nothing, as long as one is not. Raises :exc:`Misconfigured`.
    """
    context.load_verify_locations(cadata=_authorities(data, what, hint))


def trust_system(context: ssl.SSLContext) -> None:
    """Let *context* trust this machine's authorities. Raises :exc:`Misconfigured`."""
    try:
        context.load_default_certs()
    except (OSError, ValueError) as error:
        raise _not_made(error) from None


def _authorities(data: bytes, what: str, hint: str) -> bytes:
    """Return the certificates in *data* that OpenSSL understands, as DER, one after another."""
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
        why = ": what is in it is not understood" if found else ""
        why = why or (": it is DER, not PEM" if data[:1] == b"\x30" else "")
        raise Misconfigured(f"{what} holds no PEM certificate{why}", hint)
    return b"".join(usable)


def is_readable(certificate: bytes) -> bool:
    """Return whether OpenSSL can read *certificate* (DER)."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificate)
    except ssl.SSLError:
        return False
    return True


def read_pem_file(path: Path, what: str, hint: str) -> bytes:
    """Return the bytes of *path*, a file that ends, those of text in UTF-8.

    Raises :exc:`Misconfigured`.
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
    except (ValueError, RuntimeError):  # a NUL, or the home of nobody
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
