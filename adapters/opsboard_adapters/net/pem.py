"""What stands in a PEM file: its blocks, whatever stands around them.

Source: RFC 7468, read as leniently as Go's ``encoding/pem`` and OpenSSL do: text around the blocks
in any encoding, CRLF, lines of any length, blanks at their ends. Blocks are taken out and written
anew before OpenSSL sees them: what is encrypted it would ask about on the terminal.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BLOCK: Final = re.compile(
    rb"-----BEGIN (?P<label>[A-Z0-9 ]+)-----"
    rb"(?P<body>[^-]*(?:-(?!----)[^-]*)*?)"  # a header may have a hyphen in it, and even four
    rb"-----END (?P=label)-----"
)
_HEADER: Final = re.compile(rb"^[ \t]*[A-Za-z][A-Za-z0-9-]*:")
_WIDTH: Final = 64


@dataclass(frozen=True, slots=True)
class PemBlock:
    """A block of PEM: its *label*, what it holds, and its headers (RFC 1421) as they stand."""

    label: str
    der: bytes
    headers: bytes = b""

    @property
    def encrypted(self) -> bool:
        """Whether a passphrase is needed to read it (PKCS #8, or OpenSSL's own older form)."""
        return self.label == "ENCRYPTED PRIVATE KEY" or b"ENCRYPTED" in self.headers

    @property
    def pem(self) -> bytes:
        """The block alone, in lines of 64 characters, without its headers."""
        text = base64.b64encode(self.der)
        lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
        label = self.label.encode()
        begin, end = b"-----BEGIN %s-----" % label, b"-----END %s-----" % label
        return b"\n".join([begin, *lines, end, b""])


def pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Yield the blocks in *data*, but those that are cut off or no base64."""
    for match in _BLOCK.finditer(data):
        headers, body = _parts(match["body"])
        try:
            der = binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
        except binascii.Error:
            continue
        yield PemBlock(match["label"].decode("ascii"), der, headers)


def _parts(body: bytes) -> tuple[bytes, bytes]:
    """Return the headers of a block, and the base64 behind them."""
    lines = body.replace(b"\r\n", b"\n").strip().split(b"\n")
    if not _HEADER.match(lines[0]):
        return b"", body
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    return b"\n".join(lines[:end]), b"\n".join(lines[end:])
