"""What the adapters that speak HTTP share: a client, bounded answers, and honest errors.

:func:`open_client` makes an :class:`httpx.AsyncClient` with bounded waits and answers;
:func:`send` makes one request and turns whatever goes wrong into a
:class:`~opsboard.adapter.SourceError` that says what, where and how to fix it; :func:`fetch` does
so and decodes the answer while its memory is accounted for. :mod:`.decoding` makes typed values of
answers, record by record; :class:`Pages` lets no listing go on for ever; :func:`lines` reads logs
and watches.
"""

from opsboard_adapters.http.body import MAX_LINE_BYTES, iter_lines
from opsboard_adapters.http.client import (
    DEFAULT_TIMEOUT,
    BoundedClient,
    limits_of_client,
    open_client,
)
from opsboard_adapters.http.decoding import read_array, read_json
from opsboard_adapters.http.errors import (
    EXCERPT_CHARS,
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
    "MAX_LINE_BYTES",
    "BoundedClient",
    "NotConnected",
    "PageGuard",
    "ResponseKind",
    "ResponseLimits",
    "UnreadableResponse",
    "fetch",
    "iter_lines",
    "limits_of_client",
    "looks_like_html",
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
