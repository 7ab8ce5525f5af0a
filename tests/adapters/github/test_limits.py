"""Rate limits: kept to, told, and waited for."""

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from opsboard.adapter import (
    BudgetUpdate,
    Condition,
    Forbidden,
    Report,
    Throttled,
    Unauthenticated,
    background,
)
from opsboard.records import Kind, Ref
from opsboard_adapters.github.errors import response_error
from opsboard_adapters.github.rate_limits import RateLimits
from tests.adapters.github.support import (
    NOW,
    FakeGitHub,
    collect,
    connected,
    context,
    news,
    run,
    runs,
)

REQUEST = httpx.Request("GET", "https://api.github.com/repos/o/r/actions/runs")
HOUR = timedelta(hours=1)


def _response(status: int, body: str = "{}", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, text=body, headers=named, request=REQUEST)


def _epoch(seconds: float) -> str:
    return str(int(NOW.timestamp() + seconds))


@pytest.mark.parametrize("status", [403, 429])
def test_primary_limit(status: int) -> None:
    limits = RateLimits(authenticated=True)
    response = _response(
        status,
        '{"message": "API rate limit exceeded"}',
        X_RateLimit_Limit="5000",
        X_RateLimit_Remaining="0",
        X_RateLimit_Reset=_epoch(1200),
    )
    error = limits.error_of(response, NOW)
    assert error is not None
    assert error.until == NOW + timedelta(seconds=1200)
    with pytest.raises(Throttled) as caught:
        limits.check(NOW + timedelta(seconds=1199))
    assert caught.value.until == error.until
    limits.check(NOW + timedelta(seconds=1200))


@pytest.mark.parametrize("status", [403, 429])
def test_secondary_limit(status: int) -> None:
    limits = RateLimits(authenticated=True)
    body = '{"message": "You have exceeded a secondary rate limit."}'
    error = limits.error_of(_response(status, body, Retry_After="90"), NOW)
    assert error is not None
    assert "secondary" in error.message
    assert error.until == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, '{"message": "You have exceeded a secondary\\nrate limit"}', "secondary"),
        (403, '{"message": "This endpoint is temporarily being throttled."}', "secondary"),
        (403, f"<html><style>{'p {} ' * 900}</style>a secondary  rate limit", "secondary"),
        (403, "<html><title>Rate limit &middot; GitHub</title>", "a rate limit is reached"),
        (429, "<html><p>Whoa there!</p></html>", "a rate limit is reached"),
    ],
)
def test_a_limit_is_told_by_a_page_or_in_other_words(status: int, body: str, said: str) -> None:
    error = RateLimits(authenticated=True).error_of(_response(status, body), NOW)
    assert error is not None
    assert said in error.message


def test_a_limit_told_by_words_alone() -> None:
    error = RateLimits(authenticated=True).error_of(
        _response(403, '{"message": "You have triggered an abuse detection mechanism"}'), NOW
    )
    assert error is not None
    assert error.until == NOW + timedelta(minutes=1)


def test_a_missing_permission_is_no_limit() -> None:
    response = _response(403, '{"message": "Resource not accessible"}', X_RateLimit_Remaining="9")
    assert RateLimits(authenticated=True).error_of(response, NOW) is None


def test_the_servers_clock_may_be_wrong() -> None:
    limits = RateLimits(authenticated=True)
    theirs = NOW + 3 * HOUR
    response = _response(
        200,
        X_RateLimit_Limit="5000",
        X_RateLimit_Remaining="4000",
        X_RateLimit_Reset=str(int((theirs + HOUR / 2).timestamp())),
        Date=format_datetime(theirs, usegmt=True),
    )
    limits.record(response, NOW)
    assert limits.budget is not None
    assert limits.budget.resets_at == NOW + HOUR / 2


@pytest.mark.parametrize("reset", ["99999999999999", "9" * 400, _epoch(7_200)])
def test_nothing_closes_it_for_more_than_the_hour_of_an_allowance(reset: str) -> None:
    limits = RateLimits(authenticated=True)
    spent = {"X_RateLimit_Limit": "5000", "X_RateLimit_Remaining": "0"}
    limits.record(_response(200, **spent, X_RateLimit_Reset=reset), NOW)
    refused = _response(403, "{}", **spent, X_RateLimit_Reset=reset, Retry_After="9" * 20)
    limits.error_of(refused, NOW)
    with pytest.raises(Throttled):
        limits.check(NOW + HOUR / 2)
    limits.check(NOW + HOUR)


@pytest.mark.parametrize(("authenticated", "paid"), [(True, 0), (False, 1)])
def test_a_304_is_free_for_who_is_logged_in(authenticated: bool, paid: int) -> None:
    limits = RateLimits(authenticated=authenticated)
    limits.record(_response(304), NOW)
    assert limits.paid == paid


def test_single_sign_on() -> None:
    response = _response(403, X_GitHub_SSO="required; url=https://github.com/orgs/o/sso?x=1")
    error = response_error(response, NOW, authenticated=True)
    assert isinstance(error, Forbidden)
    assert "https://github.com/orgs/o/sso?x=1" in error.hint


def test_a_permission_is_named() -> None:
    response = _response(403, X_Accepted_GitHub_Permissions="actions=read")
    assert "actions=read" in response_error(response, NOW, authenticated=True).hint


def test_401_says_how_to_log_in() -> None:
    error = response_error(_response(401), NOW, authenticated=True)
    assert isinstance(error, Unauthenticated)
    assert "gh auth login" in error.hint


async def test_the_budget_is_told(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999"}
    answer = httpx.Response(200, json=runs(), headers=headers)
    github = FakeGitHub({"/repos/o/r/actions/runs": answer})
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
    (spent,) = [one for one in changes if isinstance(one, BudgetUpdate)]
    assert (spent.budget.name, spent.budget.remaining, spent.budget.limit) == ("core", 4999, 5000)


async def test_a_throttled_source_asks_nobody(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    answer = httpx.Response(429, headers={"Retry-After": "60"}, json={"message": "slow down"})
    github = FakeGitHub({"/repos/o/r/actions/runs": answer})
    async with connected(github, ctx, deployments=False) as source:
        for _ in range(3):
            stream = news(source)
            seen = await anext(stream)
            assert isinstance(seen, Report)
            assert seen.health.condition is Condition.THROTTLED
            with pytest.raises(Throttled) as caught:
                await anext(stream)
            assert caught.value.until == NOW + timedelta(seconds=60)
    assert len(github.requests) == 1


@pytest.mark.parametrize(("limit", "kept"), [(5_000, 50), (15_000, 150), (60, 5)])
def test_the_last_of_the_allowance_is_kept_for_people(limit: int, kept: int) -> None:
    limits = RateLimits(authenticated=True)

    def left(remaining: int) -> None:
        told = {"Limit": str(limit), "Remaining": str(remaining), "Reset": _epoch(1200)}
        headers = {f"X_RateLimit_{name}": value for name, value in told.items()}
        limits.record(_response(200, **headers), NOW)

    left(kept + 1)
    with background():
        limits.check(NOW)
    left(kept)
    limits.check(NOW)
    with background(), pytest.raises(Throttled) as caught:
        limits.check(NOW)
    assert caught.value.until == NOW + timedelta(seconds=1200)
    with background():
        limits.check(NOW + timedelta(seconds=1200))
    left(0)
    with pytest.raises(Throttled):
        limits.check(NOW)


async def test_a_detail_is_served_when_polling_has_to_stop(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    told = {"Limit": "5000", "Remaining": "50", "Reset": _epoch(1200)}
    headers = {f"X-RateLimit-{name}": value for name, value in told.items()}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/runs"):
            return httpx.Response(200, json=runs(run(7)), headers=headers)
        body = {"jobs": [], **run(7)}
        return httpx.Response(200, json=body, headers=headers)

    ref = Ref("github", Kind.BUILD, "o/r/7")
    settings = {"repositories": ["o/r", "o/s"], "deployments": False, "max_parallel": 1}
    async with connected(answer, ctx, **settings) as source:
        with pytest.raises(Throttled) as caught:
            await collect(source, ctx)
        assert "reserved for" in caught.value.message
        detail = await source.detail(ref)
    assert detail.record.ref == ref


DOCS = "https://docs.github.com/rest/overview"
LEFT = {"X_RateLimit_Limit": "5000", "X_RateLimit_Remaining": "4990"}


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        # Worded as GitHub does it today, and did it before.
        (
            (
                '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes'
                ' before you try again."}'
            ),
            "GitHub's secondary rate limit is reached",
        ),
        ('{"message": "You have exceeded a secondary quota."}', "secondary rate limit is reached"),
        (
            (
                '{"message": "You have triggered an abuse detection mechanism. Please wait a few'
                f' minutes.", "documentation_url": "{DOCS}#abuse-rate-limits"}}'
            ),
            "secondary rate limit is reached",
        ),
        (
            (
                '{"message": "Please wait a few minutes before you try again.",'
                f' "documentation_url": "{DOCS}/rate-limits-for-the-rest-api'
                '#about-secondary-rate-limits"}'
            ),
            "secondary rate limit is reached",
        ),
        (
            (
                '{"message": "You have exceeded a secondary rate limit and have been temporarily'
                ' blocked from content creation. Please retry your request again later."}'
            ),
            "secondary rate limit on changes is reached",
        ),
        ("You have exceeded a secondary rate limit", "secondary rate limit is reached"),
    ],
)
def test_a_secondary_limit_is_told_as_such_and_waited_for(
    body: str, said: str, status: int
) -> None:
    """The hour at which the allowance is renewed has nothing to do with it."""
    limits = RateLimits(authenticated=True)
    response = _response(status, body, **LEFT, X_RateLimit_Reset=_epoch(3000))
    limits.record(response, NOW)
    error = limits.error_of(response, NOW)
    assert error is not None
    assert said in error.message
    assert "with 4,990 of 5,000 requests left; next try at 09:01:00 UTC" in error.message
    assert "used up" not in error.message
    assert error.until == NOW + timedelta(minutes=1)
    with pytest.raises(Throttled, match="secondary rate limit"):
        limits.check(NOW + timedelta(seconds=59))
    limits.check(NOW + timedelta(seconds=60))


def test_who_was_too_soon_waits_twice_as_long_until_an_answer_comes() -> None:
    limits, now = RateLimits(authenticated=True), NOW
    refused = _response(403, '{"message": "You have exceeded a secondary rate limit."}')
    waits = []
    for _ in range(6):
        for _ in range(3):  # side by side
            limits.record(refused, now)
            error = limits.error_of(refused, now)
        assert error is not None
        assert error.until is not None
        waits.append((error.until - now).total_seconds() / 60)
        now = error.until
    assert waits == [1, 2, 4, 8, 15, 15]
    limits.record(_response(200), now)
    error = limits.error_of(refused, now)
    assert error is not None
    assert error.until == now + timedelta(minutes=1)


def test_a_retry_after_that_says_nothing_is_none() -> None:
    body = '{"message": "You have exceeded a secondary rate limit."}'
    error = RateLimits(authenticated=True).error_of(_response(403, body, Retry_After="0"), NOW)
    assert error is not None
    assert error.until == NOW + timedelta(minutes=1)


def test_a_burst_does_not_open_what_the_allowance_has_closed() -> None:
    limits = RateLimits(authenticated=True)
    spent = {"X_RateLimit_Limit": "5000", "X_RateLimit_Remaining": "0"}
    limits.record(_response(200, **spent, X_RateLimit_Reset=_epoch(1200)), NOW)
    burst = _response(403, '{"message": "You have exceeded a secondary rate limit."}')
    limits.error_of(burst, NOW)
    with pytest.raises(Throttled, match=r"5,000 requests\) is used up; renewed at 09:20:00 UTC"):
        limits.check(NOW + timedelta(minutes=10))


def test_who_is_not_logged_in_is_told_how_to_have_more() -> None:
    body = '{"message": "API rate limit exceeded for 192.0.2.1."}'
    error = RateLimits(authenticated=False).error_of(_response(403, body), NOW)
    assert error is not None
    assert "is used up" in error.message
    assert "gh auth login" in error.hint


@pytest.mark.parametrize(
    "message",
    [
        "Resource not accessible by integration",
        "Must have admin rights to Repository.",
        "Resource protected by organization SAML enforcement.",
        "Repository access blocked",
    ],
)
def test_what_is_forbidden_is_no_limit_though_the_allowance_is_named(message: str) -> None:
    limits = RateLimits(authenticated=True)
    response = _response(403, f'{{"message": "{message}"}}', **LEFT, X_RateLimit_Reset=_epoch(9))
    assert limits.error_of(response, NOW) is None
    limits.check(NOW)


def test_another_allowance_that_is_used_up_is_no_burst() -> None:
    """That of searches is one of 30 a minute."""
    headers = {"X_RateLimit_Limit": "30", "X_RateLimit_Remaining": "0"}
    response = _response(
        403,
        '{"message": "API rate limit exceeded for user ID 1."}',
        **headers,
        X_RateLimit_Reset=_epoch(20),
        X_RateLimit_Resource="search",
    )
    error = RateLimits(authenticated=True).error_of(response, NOW)
    assert error is not None
    assert "is used up; renewed at 09:00:20 UTC" in error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": _epoch(-30)}, 5),
        ({"X_RateLimit_Remaining": "12", "X_RateLimit_Reset": _epoch(3000)}, 60),
        ({"X_RateLimit_Remaining": "0"}, 60),
        ({}, 60),
    ],
)
def test_an_allowance_whose_renewal_is_not_known(headers: dict[str, str], seconds: int) -> None:
    told = {"X_RateLimit_Limit": "5000", **headers}
    response = _response(403, '{"message": "API rate limit exceeded"}', **told)
    error = RateLimits(authenticated=True).error_of(response, NOW)
    assert error is not None
    assert error.until == NOW + timedelta(seconds=seconds)
