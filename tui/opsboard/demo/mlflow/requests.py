"""Requests to the fake MLflow: parameters, pages, and errors in the words of the real server.

A request is a mapping of parameters, whether they came in the URL or as JSON in the body.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from starlette.responses import HTMLResponse, JSONResponse, Response

_PAGE: Final = """\
<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
"""


class FakeMlflowError(Exception):
    """The request is answered with an error: an HTTP *status* and MLflow's ``error_code``."""

    status = 400
    code = "INVALID_PARAMETER_VALUE"
    error_class = "INVALID_PARAMETER_VALUE"

    def response(self) -> Response:
        """Return the error response as MLflow formats it."""
        body = {
            "error_code": self.code,
            "message": str(self),
            "sqlstate": "KAM00",
            "error_class": self.error_class,
        }
        return JSONResponse(body, self.status)


class FakeMlflowNotFound(FakeMlflowError):
    """404: it does not exist."""

    status = 404
    code = "RESOURCE_DOES_NOT_EXIST"
    error_class = "RESOURCE_NOT_FOUND"


def not_found_page() -> Response:
    """Return the response for an unknown path: a web page, as the real server sends."""
    return HTMLResponse(_PAGE, 404)


MlflowParams = Mapping[str, Any]
MlflowHandler = Callable[[MlflowParams], Mapping[str, Any]]


def required(query: MlflowParams, name: str) -> str:
    """Return the required text parameter *name*. Raises :exc:`FakeMlflowError`."""
    value = query.get(name)
    if not value:
        raise FakeMlflowError(
            f"Missing value for required parameter '{name}'. "
            "See the API docs for more information about request parameters."
        )
    if not isinstance(value, str):
        raise FakeMlflowError(f"Invalid value {value} for parameter '{name}' supplied")
    return value


def page_size(asked: object, *, default: int, most: int) -> int:
    """Return the page size *asked* for. Raises :exc:`FakeMlflowError` where it is out of range."""
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
