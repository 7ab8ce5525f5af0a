"""Small answers as plain values: for what has no shape of its own."""

from typing import Any

import httpx
import msgspec

from opsboard.adapter import Malformed
from opsboard_adapters.http.errors import looks_like_html, request_line
from opsboard_adapters.http.json_repair import MAX_PLAIN_VALUES, count_values, repair_json


def read_json(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, dict):
        raise Malformed(
            f"{request_line(response)}: JSON, but no object", "is the URL that of the API?"
        )
    return body


def read_array(response: httpx.Response) -> list[Any]:
    """Return the JSON array in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, list):
        raise Malformed(
            f"{request_line(response)}: JSON, but no array", "is the URL that of the API?"
        )
    return body


def reject_web_page(response: httpx.Response) -> None:
    """Raise :exc:`Malformed` where *response* is the page of a login or a proxy."""
    if looks_like_html(response):
        raise Malformed(
            f"{request_line(response)}: got a web page, not an API answer",
            "a login page or proxy is in between: check the URL, and log in to the proxy",
        )


def _read(response: httpx.Response) -> Any:
    content = response.content
    if count_values(content) > MAX_PLAIN_VALUES:
        raise Malformed(
            f"{request_line(response)}: the answer holds more than {MAX_PLAIN_VALUES:,} values",
            "is the URL that of the API?",
        )
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        reject_web_page(response)
    try:
        return msgspec.json.decode(repair_json(content))
    except RecursionError:
        raise Malformed(
            f"{request_line(response)}: nested too deeply", "is the URL that of the API?"
        ) from None
    except ValueError as error:
        raise Malformed(
            f"{request_line(response)}: not valid JSON ({error})", "asked again by itself"
        ) from None
