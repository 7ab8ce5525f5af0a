"""A cluster of the demo whose clock stands still unless a test moves it, and how to ask it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DEPLOYMENTS = "apis/apps/v1/namespaces/shop/deployments"


class ClusterClock:
    """What sets the world's clock."""

    def __init__(self) -> None:
        self.at = AT

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


async def get(api: httpx.AsyncClient, path: str, **params: str | int) -> Any:
    answer = await api.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(body: Any) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]
