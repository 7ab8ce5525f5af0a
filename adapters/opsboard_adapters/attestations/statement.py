"""in-toto statements: bare, in a DSSE envelope, in a Sigstore bundle, or as GitHub answers with it.

A statement counts only for the artifacts that it names as its subjects, by their digests. What is
none, or is too large to be one, is ``None``: what is attached to an artifact takes nothing from it.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md,
https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
"""

import base64
import binascii
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from opsboard_adapters.http.json_repair import MAX_PLAIN_VALUES, count_values
from opsboard_adapters.http.limits import MIB

MAX_STATEMENT: Final = 4 * MIB
"""Bytes of a statement that is read, before and after it is unwrapped."""
_WRAPPERS: Final = ("bundle", "dsseEnvelope")
_URL_SAFE: Final = str.maketrans("-_", "+/")


class Statement(NamedTuple):
    """What is said of artifacts: *predicate*, whose form *predicate_type* names."""

    predicate_type: str
    predicate: Mapping[str, Any]


def decode_statement(content: bytes, digests: Collection[str]) -> Statement | None:
    """Return the statement in *content*, JSON, if it is about one of *digests*, else ``None``."""
    return open_statement(_object(content), digests)


def open_statement(value: object, digests: Collection[str]) -> Statement | None:
    """Return the statement in *value*, decoded JSON, if it is about one of *digests*."""
    statement = _unwrapped(value)
    kind, predicate = statement.get("predicateType"), statement.get("predicate")
    if not isinstance(kind, str) or not isinstance(predicate, dict):
        return None
    return Statement(kind, predicate) if _is_about(statement, digests) else None


def _object(content: bytes) -> object:
    if len(content) > MAX_STATEMENT or count_values(content) > MAX_PLAIN_VALUES:
        return None
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return None


def _unwrapped(value: object) -> Mapping[str, Any]:
    """Return the statement inside of *value*; *value* where it is one itself."""
    for wrapper in _WRAPPERS:
        value = value.get(wrapper, value) if isinstance(value, dict) else value
    payload = value.get("payload") if isinstance(value, dict) else None
    if payload is not None:
        value = _object(_payload(payload))
    return value if isinstance(value, dict) else {}


def _payload(text: object) -> bytes:
    """Return what *text* encodes: DSSE allows the standard and the URL-safe alphabet."""
    if not isinstance(text, str) or len(text) > MAX_STATEMENT * 2:
        return b""
    try:
        return base64.b64decode(text.translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_about(statement: Mapping[str, Any], digests: Collection[str]) -> bool:
    return any(one in digests for one in _subjects(statement.get("subject")))


def _subjects(subjects: object) -> Iterator[str]:
    """Yield the digests of *subjects*, as images have them: ``sha256:...``."""
    for subject in subjects if isinstance(subjects, list) else ():
        known = subject.get("digest") if isinstance(subject, dict) else None
        for algorithm, value in known.items() if isinstance(known, dict) else ():
            yield f"{algorithm}:{value}".lower()
