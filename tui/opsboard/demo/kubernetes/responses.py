"""Responses of the fake API server: JSON, and errors as ``Status`` objects."""

from typing import Any, Final

from pydantic_core import to_json
from starlette.responses import Response

_REASONS: Final = {
    400: "BadRequest",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
}


class FakeKubernetesError(Exception):
    """The request is answered with an error: HTTP status *code* and a message for people."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> dict[str, Any]:
        """The ``Status`` object of this error."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": _REASONS.get(self.code, "InternalError"),
            "code": self.code,
        }


def json_response(body: object, code: int = 200) -> Response:
    """Return *body* as JSON."""
    return Response(to_json(body), code, media_type="application/json")


def error_response(error: FakeKubernetesError) -> Response:
    """Return the response for an error."""
    return json_response(error.status, error.code)
