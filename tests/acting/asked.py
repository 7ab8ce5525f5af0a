"""What a server is asked: telling what only reads from what may change something."""

import json
from typing import Final

from starlette.requests import Request
from starlette.types import Message, Receive, Scope

READS: Final = (
    "/search", "accessreviews", "/get-history", "/selfsubjectreviews", "/attestations/bulk-list",
)  # fmt: skip
"""Ends of paths to which a POST reads only. A workload that is called so is changed otherwise."""


def only_reads(scope: Scope, body: bytes) -> bool:
    """Tell whether a request only searches, or is a dry run: of a deletion, its body says so."""
    if scope["method"] in {"GET", "HEAD"}:
        return True
    if scope["method"] == "POST" and scope["path"].endswith(READS):
        return True
    if scope["method"] == "POST" and scope["path"].endswith("/graphql"):
        return str(json.loads(body)["query"]).lstrip().startswith(("query", "{"))
    if "dryRun=All" in scope["query_string"].decode():
        return True
    told: dict[str, object] = json.loads(body or b"{}") if scope["method"] == "DELETE" else {}
    return told.get("dryRun") == ["All"]


async def read_whole(scope: Scope, receive: Receive) -> tuple[bytes, Receive]:
    """Return the body of a request, and what gives it again to who is asked next."""
    body = await Request(scope, receive).body()
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again
