"""A page of pods decoded into structs, beside dicts; and how long it blocks the event loop.

All figures are processor time, so that they hold on a busy machine too.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic_core import from_json

from bench.harness import BenchOptions, new_sandbox
from bench.pods import demo_server
from bench.report import Figure, milliseconds
from opsboard_adapters.http.decoding import decode_each, decode_page
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.pods import parse_pod
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE, V1List, object_name
from opsboard_adapters.kubernetes.structs import V1Pod
from opsboard_adapters.listing.completeness import SkippedRecords

LONGEST_TURN: Final = 50.0
"""The most milliseconds for which decoding may block the loop that all sources share."""
HUGE: Final = 5
"""Pages in one response: about as large as a response may be."""
MANAGED_FIELDS: Final = [
    {
        "manager": f"controller-{number}",
        "operation": "Update",
        "apiVersion": "v1",
        "fieldsV1": {f"f:field-{field}": {"f:value": {}} for field in range(70)},
    }
    for number in range(3)
]
"""``managedFields``, which make a real server's pods weigh 9 KB and are not read here."""


def measure(options: BenchOptions) -> list[Figure]:
    """Return the figures for one page and for the largest response that is accepted."""
    with new_sandbox() as sandbox, demo_server(sandbox, PAGE_SIZE) as server:
        body = _page(server.kubeconfig, server.context)
    for item in body["items"]:
        item["metadata"]["managedFields"] = MANAGED_FIELDS
    page = json.dumps(body).encode()
    huge = json.dumps({**body, "items": body["items"] * HUGE}).encode()
    return [
        _decoding(page, options.runs),
        asyncio.run(_turn(page, f"a page of {len(page) / 2**20:.1f} MiB")),
        asyncio.run(_turn(huge, f"a page of {len(huge) / 2**20:.1f} MiB")),
    ]


def _page(kubeconfig: Path, context: str) -> dict[str, Any]:
    known = json.loads(kubeconfig.read_text(encoding="utf-8"))["clusters"]
    (server,) = (one["cluster"]["server"] for one in known if one["name"] == context)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{server}/api/v1/pods?limit={PAGE_SIZE}") as answer:
        body: dict[str, Any] = json.load(answer)
    return body


def _decoding(page: bytes, runs: int) -> Figure:
    typed, dicts = [], []
    for _ in range(runs):
        begin = time.thread_time()
        from_json(page)
        middle = time.thread_time()
        asyncio.run(_decode(page))
        dicts.append(middle - begin)
        typed.append(time.thread_time() - middle)
    return Figure(
        f"a page of {PAGE_SIZE} pods, {len(page) / 2**20:.1f} MiB: bytes → structs",
        milliseconds(typed),
        "ms",
        milliseconds(dicts),
        "into dicts:",
        most=0.5,
    )


async def _decode(page: bytes) -> list[V1Pod]:
    request = httpx.Request("GET", "http://demo/api/v1/pods")
    response = httpx.Response(200, content=page, request=request)
    _, items = await decode_page(response, V1List, "items")
    return await decode_each(
        items, V1Pod, SkippedRecords("pods"), lambda values, _: object_name("Pod", values)
    )


async def _turn(page: bytes, what: str) -> Figure:
    longest = await _longest_turn(lambda: _decode(page))
    sandbox = ClusterContext("demo", "c", "c", timedelta(0), lambda *_: "", lambda *_: ())
    pods = (await _decode(page))[:PAGE_SIZE]
    begin = time.thread_time()
    for pod in pods:
        parse_pod(sandbox, pod)
    parsing = (time.thread_time() - begin) * 1_000
    note = f"{parsing:.0f} ms for {len(pods)} records"
    return Figure(f"{what}: longest turn of the loop", longest, "ms", limit=LONGEST_TURN, note=note)


async def _longest_turn(work: Callable[[], Awaitable[object]]) -> float:
    """Return for how many milliseconds *work* blocks the loop at most."""
    task = asyncio.ensure_future(work())
    longest, before = 0.0, time.thread_time()
    while not task.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    await task
    return longest * 1_000
