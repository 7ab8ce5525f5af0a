"""What a refusal by GitHub means, and the way out of it.

Which limit a refusal by GitHub is about, and what is said of it.

All of them come as 403 or 429, as a missing permission does. By GitHub's documentation ("Rate
limits for the REST API") the allowance is used up where ``X-RateLimit-Remaining`` is 0. Secondary
limits are told by ``Retry-After`` or by the words of the body, in which they were "abuse
detection" once, whatever is left of the allowance: its numbers, and the hour at which it is
renewed, say nothing of them.
"""

import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

import httpx
import msgspec

from opsboard.adapter import Budget, Forbidden, NotFound, SourceError, Throttled, Unauthenticated
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


MEND: Final = "it goes on by itself; fewer repositories or a slower pace need less"
_MEND_BURST: Final = (
    "it goes on by itself; it is about requests side by side or in a minute, of all programs with "
    "this login: lower max_parallel, or poll more slowly"
)
_MEND_ANONYMOUS: Final = "log in (`gh auth login`): who is not has 60 requests an hour"
_EXCERPT: Final = 20_000
"""Characters of a page that are looked at: its style comes before its words."""


class RateLimitKind(Enum):
    """A limit on requests."""

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
"""What the pages say that GitHub's web servers send in place of an answer."""


def rate_limit_of(response: httpx.Response) -> RateLimitKind | None:
    """Return the limit for which *response* refuses; ``None`` where it is about none."""
    if response.status_code not in {403, 429}:
        return None
    message, page = _said(response)
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
    told = response.headers.get("Retry-After") or any(words in message for words in _PAGES)
    if told or response.status_code == 429:
        return RateLimitKind.UNNAMED
    return None


def _said(response: httpx.Response) -> tuple[str, str]:
    """Return the message of *response* and the page that it points to, in small letters."""
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
    """Return the error for an allowance that is used up *until* it is renewed."""
    much = f" ({budget.limit:,} requests)" if budget else ""
    hint = MEND if authenticated else _MEND_ANONYMOUS
    return Throttled(
        f"{RateLimitKind.PRIMARY.value}{much} is used up; renewed at {_clock(until)}", hint, until
    )


def too_many(limit: RateLimitKind, budget: Budget | None, until: datetime) -> Throttled:
    """Return the error for a burst that *limit* forbids, whatever is left of the *budget*."""
    left = ""
    if budget is not None and budget.remaining > 0:
        left = f", with {budget.remaining:,} of {budget.limit:,} requests left"
    said = f"{limit.value} is reached{left}; next try at {_clock(until)}"
    return Throttled(said, _MEND_BURST, until)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"
