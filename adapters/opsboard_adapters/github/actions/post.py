"""Sending what a plan says, and what GitHub answers to that."""

from typing import Any, Final

import httpx

from opsboard.adapter import (
    Forbidden,
    Misconfigured,
    Permit,
    PreconditionFailed,
    SourceError,
    Throttled,
)
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.http.mutations import definite_refusal

TAKEN: Final = frozenset({200, 201, 202, 204})
_DETAILS: Final = "return_run_details"
_AGAIN: Final = "look at it, and plan it again"
_RUNS: Final = ("already running", "already in progress")


async def post(api: GitHubApi, path: str, body: dict[str, Any], permit: Permit) -> httpx.Response:
    """Return the answer to *body*, which was taken.

    Raises :exc:`PreconditionFailed` where what it is about is not as it was, :exc:`OutcomeUnknown`
    where nobody knows, and another :exc:`SourceError` where nothing was done.
    """
    response = await api.post(path, body, permit)
    if response.status_code == 422 and _DETAILS in body and _DETAILS in response.text:
        # An older server that does not know this key has refused, and so has done nothing.
        without = {key: value for key, value in body.items() if key != _DETAILS}
        response = await api.post(path, without, permit)
    if response.status_code in TAKEN:
        return response
    raise _refused(api, response)


def _refused(api: GitHubApi, response: httpx.Response) -> SourceError:
    error = api.error_of(response)
    said = error.message
    if isinstance(error, Throttled):
        return Throttled(f"nothing was done: {said}", "try again then", error.until)
    if response.status_code == 409 or any(words in said for words in _RUNS):
        return PreconditionFailed(f"it is not any more as planned: {said}", _AGAIN)
    if isinstance(error, Forbidden):
        return _forbidden(error)
    if response.status_code == 422:
        return Misconfigured(f"GitHub does not take it: {said}", _AGAIN)
    return definite_refusal(error)


def _forbidden(error: Forbidden) -> Forbidden:
    if "admin rights" in error.message:
        return Forbidden(
            f"this login may not do that: {error.message}",
            "ask for the role Write in that repository, or use a login that has it",
        )
    if "month" in error.message:
        return Forbidden(error.message, "GitHub re-runs for 30 days only: dispatch it, or push")
    return Forbidden(error.message, error.hint)
