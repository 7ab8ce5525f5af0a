"""Small answers as plain values: for what has no shape of its own."""

from typing import Any

import httpx
import msgspec

from opsboard.adapter import Malformed
from opsboard_adapters.http.refusals import asked, looks_like_html
from opsboard_adapters.http.repair import MOST_PLAIN, mended, values_of


def read_json(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, dict):
        raise Malformed(f"{asked(response)}: JSON, but no object", "is the URL that of the API?")
    return body


def read_array(response: httpx.Response) -> list[Any]:
    """Return the JSON array in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, list):
        raise Malformed(f"{asked(response)}: JSON, but no array", "is the URL that of the API?")
    return body


def no_web_page(response: httpx.Response) -> None:
    """Raise :exc:`Malformed` where *response* is the page of a login or a proxy."""
    if looks_like_html(response):
        raise Malformed(
            f"{asked(response)}: got a web page, not an API answer",
            "a login page or proxy is in between: check the URL, and log in to the proxy",
        )


def _read(response: httpx.Response) -> Any:
    content = response.content
    if values_of(content) > MOST_PLAIN:
        raise Malformed(
            f"{asked(response)}: the answer holds more than {MOST_PLAIN:,} values",
            "is the URL that of the API?",
        )
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        no_web_page(response)
    try:
        return msgspec.json.decode(mended(content))
    except RecursionError:
        raise Malformed(
            f"{asked(response)}: nested too deeply", "is the URL that of the API?"
        ) from None
    except ValueError as error:
        raise Malformed(
            f"{asked(response)}: not valid JSON ({error})", "asked again by itself"
        ) from None
