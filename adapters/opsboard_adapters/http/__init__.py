"""What the adapters that speak HTTP share: a client, bounded answers, and honest errors.

:func:`open_client` makes an :class:`httpx.AsyncClient` with bounded waits and answers;
:func:`send` makes one request and turns whatever goes wrong into a
:class:`~opsboard.adapter.SourceError` that says what, where and how to mend it; :func:`fetch` does
so and decodes the answer while its memory is accounted for. :mod:`.decoding` makes typed values of
answers, record by record; :class:`Pages` lets no listing go on for ever; :func:`lines` reads logs
and watches.
"""

from opsboard_adapters.http.bounds import Answer, Bounds, Unreadable, bounds_of
from opsboard_adapters.http.client import SECONDS, Client, bounds_of_client, open_client
from opsboard_adapters.http.dates import date, retry_at, whole_number
from opsboard_adapters.http.objects import read_array, read_json
from opsboard_adapters.http.pages import Pages
from opsboard_adapters.http.reading import LONGEST_LINE, lines
from opsboard_adapters.http.refusals import (
    EXCERPT,
    NotConnected,
    looks_like_html,
    refusal,
    unreachable,
)
from opsboard_adapters.http.sending import fetch, send

__all__ = [
    "EXCERPT",
    "LONGEST_LINE",
    "SECONDS",
    "Answer",
    "Bounds",
    "Client",
    "NotConnected",
    "Pages",
    "Unreadable",
    "bounds_of",
    "bounds_of_client",
    "date",
    "fetch",
    "lines",
    "looks_like_html",
    "open_client",
    "read_array",
    "read_json",
    "refusal",
    "retry_at",
    "send",
    "unreachable",
    "whole_number",
]
