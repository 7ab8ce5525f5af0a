"""Pages of a listing, and the tokens that lead from one to the next."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from opsboard.demo.mlflow.errors import FakeMlflowError


def page_size(asked: object, *, default: int, most: int) -> int:
    """Return the page size that was *asked* for, if it is one."""
    if asked is None or asked == "":
        return default
    try:
        size = int(str(asked))
    except ValueError:
        size = 0
    if not 0 < size <= most:
        raise FakeMlflowError(f"Invalid value {asked!r} for parameter 'max_results' supplied")
    return size


def page(key: str, items: Sequence[Any], size: int, token: str) -> Mapping[str, Any]:
    """Return the page that *token* leads to, without *key* where it is empty."""
    start = _start(token)
    shown = list(items[start : start + size])
    body: dict[str, Any] = {key: shown} if shown else {}
    if start + size < len(items):
        body["next_page_token"] = base64.b64encode(str(start + size).encode()).decode()
    return body


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError):
        raise FakeMlflowError("Invalid page token, could not base64-decode") from None
