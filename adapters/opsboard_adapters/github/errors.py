"""What an error response of GitHub means, and how to fix it.

A missing permission, the hourly allowance and the secondary rate limits all come as 403 or 429. By
GitHub's documentation, the allowance is used up where ``X-RateLimit-Remaining`` is 0. A secondary
limit is recognised by ``Retry-After`` or by the text of the body, which used to call it "abuse
detection"; the numbers of the allowance say nothing about it.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

import httpx
import msgspec

from opsboard.adapter import (
    Budget,
    Forbidden,
    Malformed,
    NotFound,
    SourceError,
    Throttled,
    Unauthenticated,
)
from opsboard_adapters import http

_SSO_URL = re.compile(r"url=(https://[^;\s]+)")
_HIDDEN: Final = "check the name; a private repository looks missing to a login without access"


def response_error(response: httpx.Response, now: datetime, *, authenticated: bool) -> SourceError:
    """Return the error for *response*, if it is not about a rate limit."""
    general = http.status_error(response, now)
    status = response.status_code
    if status == 401:
        return Unauthenticated(general.message, "log in again: `gh auth login`, or a new token")
    if status == 403:
        return Forbidden(general.message, _permission_hint(response, authenticated))
    if status == 404:
        return NotFound(general.message, _HIDDEN if authenticated else f"log in; {_HIDDEN}")
    if status == 410:
        return NotFound(general.message, "GitHub keeps it for a limited time only")
    return general


def query_error(errors: object) -> SourceError:
    """Return the error for a GraphQL answer without data, of which *errors* say why."""
    first = errors[0] if isinstance(errors, list) and errors else {}
    told = first if isinstance(first, dict) else {}
    message = f"GraphQL: {str(told.get('message', 'the answer has no data'))[:200]}"
    if told.get("type") == "NOT_FOUND":
        return NotFound(message, _HIDDEN)
    if told.get("type") == "FORBIDDEN":
        return Forbidden(message, "use a login that may read this")
    return Malformed(message, "is the URL that of a GitHub API?")


def _permission_hint(response: httpx.Response, authenticated: bool) -> str:
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


HINT: Final = "requests resume automatically; fewer repositories or longer poll intervals need less"
_HINT_BURST: Final = (
    "requests resume automatically; the limit is on parallel requests and requests a minute, of "
    "all programs with this login: lower max_parallel, or poll less often"
)
_HINT_ANONYMOUS: Final = "log in (`gh auth login`): without a login there are 60 requests an hour"
_EXCERPT: Final = 20_000
"""Characters of a web page that are searched: its styles come before its text."""


class RateLimitKind(Enum):
    """Which limit on requests was reached; the value is its name in messages."""

    PRIMARY = "the hourly request allowance"
    SECONDARY = "GitHub's secondary rate limit"
    CONTENT = "GitHub's secondary rate limit on changes"
    UNNAMED = "a rate limit"


_SECONDARY: Final = (
    "secondary rate", "secondary quota", "abuse detection", "abuse rate",
    "temporarily being throttled",
)  # fmt: skip
_SECONDARY_PAGES: Final = ("secondary-rate-limit", "abuse-rate-limit")
_CONTENT: Final = "blocked from content creation"
_PRIMARY: Final = ("rate limit exceeded", "rate limit for")
_PAGES: Final = ("<title>rate limit", "whoa there!")
"""Texts of the web pages that GitHub's front-end servers send in place of an API response."""


def rate_limit_of(response: httpx.Response) -> RateLimitKind | None:
    """Return the limit that *response* is about; ``None`` where it is about none."""
    if response.status_code not in {403, 429}:
        return None
    message, page = _texts_of(response)
    if _CONTENT in message:
        return RateLimitKind.CONTENT
    if any(words in message for words in _SECONDARY) or any(
        words in page for words in _SECONDARY_PAGES
    ):
        return RateLimitKind.SECONDARY
    if response.headers.get("X-RateLimit-Remaining") == "0" or any(
        words in message for words in _PRIMARY
    ):
        return RateLimitKind.PRIMARY
    limited = response.headers.get("Retry-After") or any(words in message for words in _PAGES)
    if limited or response.status_code == 429:
        return RateLimitKind.UNNAMED
    return None


def _texts_of(response: httpx.Response) -> tuple[str, str]:
    """Return the message of *response* and its documentation URL, in lower case."""
    text = " ".join(response.text[:_EXCERPT].lower().split())
    try:
        body: Any = msgspec.json.decode(response.content)
    except (ValueError, RecursionError):
        return text, ""
    if not isinstance(body, dict):
        return text, ""
    message = " ".join(str(body.get("message", "")).lower().split())
    return message, str(body.get("documentation_url", "")).lower()


def used_up(budget: Budget | None, until: datetime, *, authenticated: bool) -> Throttled:
    """Return the error for an hourly allowance that is used up *until* it is renewed."""
    much = f" ({budget.limit:,} requests)" if budget else ""
    hint = HINT if authenticated else _HINT_ANONYMOUS
    return Throttled(
        f"{RateLimitKind.PRIMARY.value}{much} is used up; renewed at {_clock(until)}", hint, until
    )


def too_many(limit: RateLimitKind, budget: Budget | None, until: datetime) -> Throttled:
    """Return the error for a secondary *limit*, which applies whatever is left of the *budget*."""
    left = ""
    if budget is not None and budget.remaining > 0:
        left = f", with {budget.remaining:,} of {budget.limit:,} requests left"
    said = f"{limit.value} is reached{left}; next try at {_clock(until)}"
    return Throttled(said, _HINT_BURST, until)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"
