"""The errors of the MLflow REST API."""

from typing import Final

from starlette.responses import HTMLResponse, JSONResponse, Response

_PAGE: Final = """\
<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
"""


class FakeMlflowError(Exception):
    """A request that cannot be answered. *code* is MLflow's word for why."""

    status = 400
    code = "INVALID_PARAMETER_VALUE"
    error_class = "INVALID_PARAMETER_VALUE"

    def response(self) -> Response:
        """Return the error as the server words it."""
        body = {
            "error_code": self.code,
            "message": str(self),
            "sqlstate": "KAM00",
            "error_class": self.error_class,
        }
        return JSONResponse(body, self.status)


class FakeMlflowNotFound(FakeMlflowError):
    """What was asked for does not exist."""

    status = 404
    code = "RESOURCE_DOES_NOT_EXIST"
    error_class = "RESOURCE_NOT_FOUND"


def not_found_page() -> Response:
    """Return what a server says to a path that it does not know."""
    return HTMLResponse(_PAGE, 404)
