"""What a refusal by GitHub means, and the way out of it."""

import re
from datetime import datetime
from typing import Final

import httpx

from opsboard.adapter import Forbidden, NotFound, SourceError, Unauthenticated
from opsboard_adapters import http

_SSO_URL = re.compile(r"url=(https://[^;\s]+)")
_HIDDEN: Final = "check the name; a private repository looks missing to a login without access"


def refusal(response: httpx.Response, now: datetime, *, authenticated: bool) -> SourceError:
    """Return the error for *response*, which no rate limit explains."""
    general = http.status_error(response, now)
    status = response.status_code
    if status == 401:
        return Unauthenticated(general.message, "log in again: `gh auth login`, or a new token")
    if status == 403:
        return Forbidden(general.message, _permission_mend(response, authenticated))
    if status == 404:
        return NotFound(general.message, _HIDDEN if authenticated else f"log in; {_HIDDEN}")
    if status == 410:
        return NotFound(general.message, "GitHub keeps it for a limited time only")
    return general


def _permission_mend(response: httpx.Response, authenticated: bool) -> str:
    headers = response.headers
    if "disabled" in response.text[:2_000].lower():
        return "it is switched off there: switch it on, or take the repository out of the config"
    if headers.get("X-GitHub-SSO", "").startswith("required"):
        match = _SSO_URL.search(headers["X-GitHub-SSO"])
        at = f" at {match[1]}" if match else ""
        return f"the organisation demands single sign-on: authorise the token{at}"
    if needed := headers.get("X-Accepted-GitHub-Permissions"):
        return f"give the token the permission {needed}"
    if (needed := headers.get("X-Accepted-OAuth-Scopes", "").strip()) and authenticated:
        return f"give the token one of the scopes {needed}"
    return "use a login that may read this" if authenticated else "log in: `gh auth login`"
