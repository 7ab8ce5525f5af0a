"""HTTP for adapters: a client with limits on time and memory, JSON decoding, and clear errors.

:func:`open_client` makes an :class:`httpx.AsyncClient` with timeouts and size limits. :func:`send`
makes one request and turns every failure into a :class:`~opsboard.adapter.SourceError` that says
what, where and how to fix it; :func:`fetch` also decodes the response while it counts towards the
memory limit (:mod:`.memory`). :mod:`.decoding` turns responses into typed structs, record by
record; :class:`PageGuard` ends endless listings; :func:`iter_lines` reads logs and watches;
:mod:`.mutations` sends requests that change something.
"""

from opsboard_adapters.http.body import MAX_LINE_BYTES, LineSplitter, iter_lines, omitted_bytes
from opsboard_adapters.http.client import (
    DEFAULT_TIMEOUT,
    PATIENCE_EXTENSION,
    BoundedClient,
    limits_of_client,
    open_client,
)
from opsboard_adapters.http.decoding import read_array, read_json
from opsboard_adapters.http.errors import (
    EXCERPT_CHARS,
    LONGEST_WAIT,
    NotConnected,
    looks_like_html,
    parse_digits,
    parse_http_date,
    retry_after,
    status_error,
    transport_error,
)
from opsboard_adapters.http.limits import (
    PageGuard,
    ResponseKind,
    ResponseLimits,
    UnreadableResponse,
    response_limits,
)
from opsboard_adapters.http.send import fetch, send

__all__ = [
    "DEFAULT_TIMEOUT",
    "EXCERPT_CHARS",
    "LONGEST_WAIT",
    "MAX_LINE_BYTES",
    "PATIENCE_EXTENSION",
    "BoundedClient",
    "LineSplitter",
    "NotConnected",
    "PageGuard",
    "ResponseKind",
    "ResponseLimits",
    "UnreadableResponse",
    "fetch",
    "iter_lines",
    "limits_of_client",
    "looks_like_html",
    "omitted_bytes",
    "open_client",
    "parse_digits",
    "parse_http_date",
    "read_array",
    "read_json",
    "response_limits",
    "retry_after",
    "send",
    "status_error",
    "transport_error",
]
