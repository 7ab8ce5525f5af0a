"""What an adapter sends by httpx, as seen where it leaves; for the conformance suite."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import httpx

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_sent: ContextVar["list[SentRequest] | None"] = ContextVar("sent_requests", default=None)


class SentRequest(NamedTuple):
    """A request that has left."""

    method: str
    url: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.url}" + (f" {self.body.decode()}" if self.body else "")

    def is_reading(self, reading: Sequence[str]) -> bool:
        """Tell whether it changes nothing: by its method, or since one of *reading* matches it."""
        text = str(self)
        return self.method in _SAFE_METHODS or any(re.search(one, text) for one in reading)


@contextmanager
def sent_requests() -> Iterator[list[SentRequest]]:
    """Note the requests that are sent by httpx within, and by tasks that are made within."""
    transport = httpx.AsyncHTTPTransport
    handle = transport.handle_async_request

    async def noted(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> Any:
        sent = _sent.get()
        if sent is not None:
            body = await request.aread()
            sent.append(SentRequest(request.method, str(request.url), body))
        return await handle(self, request)

    with patch.object(transport, "handle_async_request", noted):
        found: list[SentRequest] = []
        token = _sent.set(found)
        try:
            yield found
        finally:
            _sent.reset(token)


def repeated(requests: Sequence[SentRequest]) -> list[str]:
    """Return the requests that were sent more than once, each with how often."""
    counts = Counter(map(str, requests))
    return [f"{count} x {request}" for request, count in counts.items() if count > 1]
