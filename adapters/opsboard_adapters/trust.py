"""Whose certificates are trusted: the authorities of a file, of PEM text, or of this machine."""

import os
import re
import ssl
from functools import cache
from pathlib import Path
from typing import Final

import httpx

from opsboard.adapter import Misconfigured
from opsboard.text_encoding import LARGEST, as_utf8

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_CERTIFICATE: Final = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----.+?-----END (?:X509 )?CERTIFICATE-----", re.DOTALL
)


@cache
def usual() -> ssl.SSLContext:
    """Return the context that trusts the usual authorities: reading them takes a while."""
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _not_made(error) from None


def own() -> ssl.SSLContext:
    """Return a context that trusts this machine's authorities, and that nobody else changes."""
    try:
        return ssl.create_default_context()
    except (OSError, ValueError) as error:
        raise _not_made(error) from None


def of_file(path: Path) -> ssl.SSLContext:
    """Return the context that trusts the authorities in *path* (PEM). Raises Misconfigured."""
    mend = "name a readable file with PEM certificates in ca_file"
    return of_pem(read_file(path, f"the CA file {path}", mend), f"the CA file {path}", mend)


def of_pem(data: bytes, what: str, mend: str) -> ssl.SSLContext:
    """Return the context that trusts the certificates in *data*, which is *what*, and no other.

    Nothing but certificates is given to OpenSSL: what is encrypted it would ask about.
    """
    found = _CERTIFICATE.findall(as_utf8(data))
    if not found or any(b"ENCRYPTED" in one for one in found):
        raise Misconfigured(f"{what} holds no PEM certificate", mend)
    try:
        text = b"\n".join(found).decode("ascii")
        return ssl.create_default_context(cadata=text)
    except UnicodeDecodeError:
        raise Misconfigured(f"{what} holds no PEM certificate", mend) from None
    except ssl.SSLError as error:
        reason = error.reason or "not understood"
        raise Misconfigured(f"{what} holds no PEM certificate: {reason}", mend) from None
    except (OSError, ValueError) as error:
        raise _not_made(error) from None


def read_file(path: Path, what: str, mend: str) -> bytes:
    """Return the bytes of *path*, a file that ends, those of text in UTF-8.

    Raises :exc:`Misconfigured`.
    """
    try:
        path = path.expanduser()
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "no file"
            raise Misconfigured(f"{what} is {kind}", mend)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Misconfigured(f"cannot read {what}: {error.strerror or error}", mend) from None
    except (ValueError, RuntimeError):  # a NUL, or the home of nobody
        raise Misconfigured(f"cannot read {what}: that is no path", mend) from None
    if len(data) > LARGEST:
        raise Misconfigured(f"{what} has more than {LARGEST:,} bytes", mend)
    return as_utf8(data)


def _not_made(error: Exception) -> Misconfigured:
    named = [name for name in _VARIABLES if os.environ.get(name)]
    why = getattr(error, "strerror", None) or str(error)
    return Misconfigured(
        f"TLS cannot be set up: {why}",
        f"mend or unset {', '.join(named)}" if named else "are OpenSSL and certifi in order?",
    )
