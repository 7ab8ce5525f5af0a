"""Read the blocks of a PEM file: certificates and private keys.

RFC 7468, read as leniently as Go's ``encoding/pem`` and OpenSSL do: there may be text around the
blocks in any encoding, CRLF, lines of any length, and blanks at their ends. Blocks are extracted
and written again before OpenSSL reads them, because OpenSSL prompts on the terminal for the
passphrase of an encrypted key.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BLOCK: Final = re.compile(
    rb"-----BEGIN (?P<label>[A-Z0-9 ]+)-----"
    rb"(?P<body>[^-]*(?:-(?!----)[^-]*)*?)"  # a header may hold up to four hyphens in a row
    rb"-----END (?P=label)-----"
)
_HEADER: Final = re.compile(rb"^[ \t]*[A-Za-z][A-Za-z0-9-]*:")
_WIDTH: Final = 64


@dataclass(frozen=True, slots=True)
class PemBlock:
    """A block of PEM: its *label* (``CERTIFICATE``), its content *der*, and its RFC 1421
    *headers*.
    """

    label: str
    der: bytes
    headers: bytes = b""

    @property
    def encrypted(self) -> bool:
        """Whether a passphrase is needed: PKCS #8, or OpenSSL's older form with a ``Proc-Type``
        header.
        """
        return self.label == "ENCRYPTED PRIVATE KEY" or b"ENCRYPTED" in self.headers

    @property
    def pem(self) -> bytes:
        """The block as PEM, in lines of 64 characters, without headers."""
        text = base64.b64encode(self.der)
        lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
        label = self.label.encode()
        begin, end = b"-----BEGIN %s-----" % label, b"-----END %s-----" % label
        return b"\n".join([begin, *lines, end, b""])


def pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Yield the blocks in *data*. Truncated blocks and blocks that are no base64 are skipped."""
    for match in _BLOCK.finditer(data):
        headers, body = _parts(match["body"])
        try:
            der = binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
        except binascii.Error:
            continue
        yield PemBlock(match["label"].decode("ascii"), der, headers)


def _parts(body: bytes) -> tuple[bytes, bytes]:
    """Return the headers of a block and the base64 after them."""
    lines = body.replace(b"\r\n", b"\n").strip().split(b"\n")
    if not _HEADER.match(lines[0]):
        return b"", body
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    return b"\n".join(lines[:end]), b"\n".join(lines[end:])
