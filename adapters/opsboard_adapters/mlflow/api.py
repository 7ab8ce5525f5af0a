"""The calls that read from an MLflow server.

Parameters and page sizes hold for 2.x and 3.x alike. What a server answers is parsed into
:mod:`~opsboard_adapters.mlflow.shapes`.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from opsboard.adapter import Malformed, NotFound
from opsboard_adapters.mlflow.shapes import (
    Measurement,
    RegisteredModel,
    Run,
    Version,
    parse,
    parse_all,
)
from opsboard_adapters.mlflow.transport import Parameters, Transport

BULK_INTERVAL: Final = "ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
MODELS_PER_PAGE: Final = 1_000
VERSIONS_PER_PAGE: Final = 2_000
RUNS_PER_PAGE: Final = 500
EXPERIMENTS_PER_PAGE: Final = 1_000
POINTS_PER_PAGE: Final = 20_000
IDS_PER_QUERY: Final = 100
"""Run ids named in one filter: it travels in a request body, but databases bound its length."""

VERSION: Final = re.compile(r"\d[\w.+-]{0,39}")


class Api(Transport):
    """One server: what it has, asked for and parsed."""

    _has_intervals = True

    # --- the registry ---

    async def models(self) -> list[RegisteredModel]:
        """Return all registered models, with their aliases."""
        pages = self._pages("registered-models/search", {}, MODELS_PER_PAGE)
        return [
            model
            async for body in pages
            for model in parse_all(RegisteredModel, body, "registered_models", "registered models")
            if not is_prompt(model.tags)
        ]

    async def count_up_to(self, limit: int) -> tuple[int, bool]:
        """Return how many models there are, counted up to *limit*, and whether there are more."""
        body = await self.get("registered-models/search", {"max_results": limit})
        found = parse_all(RegisteredModel, body, "registered_models", "registered models")
        return len(found), bool(body.get("next_page_token"))

    async def versions(self, model: str | None = None) -> list[Version]:
        """Return all versions, or those of *model*."""
        query = {} if model is None else {"filter": f"name={quoted(model)}"}
        return [
            version
            async for body in self._pages("model-versions/search", query, VERSIONS_PER_PAGE)
            for version in _versions(body)
        ]

    async def latest_changes(self, count: int) -> list[Version]:
        """Return the *count* versions that changed last, latest first."""
        parameters: Parameters = {
            "order_by": ["last_updated_timestamp DESC"],
            "max_results": self._page(count),
        }
        return _versions(await self.get("model-versions/search", parameters))

    async def raw_model(self, name: str) -> dict[str, Any]:
        """Return a registered model as the server describes it."""
        body = await self.get("registered-models/get", {"name": name})
        return _inner(body, "registered_model", f"model {name}")

    async def raw_version(self, name: str, version: str) -> dict[str, Any]:
        """Return a version as the server describes it."""
        body = await self.get("model-versions/get", {"name": name, "version": version})
        return _inner(body, "model_version", f"version {version} of {name}")

    # --- tracking ---

    async def experiments(self) -> list[str]:
        """Return the ids of all experiments that are not deleted."""
        pages = self._pages("experiments/search", {}, EXPERIMENTS_PER_PAGE)
        return [
            str(item.get("experiment_id", ""))
            async for body in pages
            for item in body.get("experiments") or []
        ]

    async def raw_run(self, run_id: str) -> dict[str, Any]:
        """Return a run as the server describes it."""
        return _inner(await self.get("runs/get", {"run_id": run_id}), "run", f"run {run_id}")

    async def runs_of(self, run_ids: Sequence[str], experiments: Sequence[str]) -> list[Run]:
        """Return those of the runs that exist and are not deleted, many to a request."""
        batches = [
            run_ids[start : start + IDS_PER_QUERY]
            for start in range(0, len(run_ids), IDS_PER_QUERY)
        ]
        found = await asyncio.gather(*(self._batch(batch, experiments) for batch in batches))
        return [run for batch in found for run in batch]

    async def _batch(self, run_ids: Sequence[str], experiments: Sequence[str]) -> list[Run]:
        names = ", ".join(quoted(run_id) for run_id in run_ids)
        return await self.search_runs(f"attributes.run_id IN ({names})", experiments)

    async def search_runs(
        self, condition: str, experiments: Sequence[str], limit: int | None = None
    ) -> list[Run]:
        """Return the active runs that meet *condition*, newest first, at most about *limit*."""
        if not experiments:
            return []
        query: dict[str, Any] = {
            "experiment_ids": list(experiments),
            "filter": condition,
            "order_by": ["attributes.start_time DESC"],
            "max_results": self._page(RUNS_PER_PAGE),
        }
        found: list[Run] = []
        async for body in self._paged(
            "runs/search", lambda token: self._post("runs/search", query, token)
        ):
            found += parse_all(Run, body, "runs", "runs")
            if limit is not None and len(found) >= limit:
                break
        return found

    async def history(self, run_id: str, metric: str, count: int) -> list[Measurement]:
        """Return about *count* values of a metric, oldest first, spread over all of its time."""
        if self._has_intervals:
            with suppress(NotFound, Malformed):
                return await self._intervals(run_id, metric, count)
        points = await self._whole_history(run_id, metric)
        self._has_intervals = False  # the run is there, so that call is not: a server before 2.5
        return thinned(in_order(points), count)

    async def _whole_history(self, run_id: str, metric: str) -> list[Measurement]:
        parameters: Parameters = {"run_id": run_id, "metric_key": metric}
        return [
            point
            async for body in self._pages("metrics/get-history", parameters, POINTS_PER_PAGE)
            for point in parse_all(Measurement, body, "metrics", f"history of {metric}")
        ]

    async def _intervals(self, run_id: str, metric: str, count: int) -> list[Measurement]:
        parameters: Parameters = {"run_ids": run_id, "metric_key": metric, "max_results": count}
        body = await self._object(
            self._client.build_request("GET", BULK_INTERVAL, params=dict(parameters))
        )
        points = parse_all(Measurement, body, "metrics", f"history of {metric}")
        return thinned(in_order(points), count)

    # --- the server ---

    async def version(self) -> str:
        """Return the server's version, ``""`` where it does not tell."""
        try:
            response = await self._send(self._client.build_request("GET", "version"))
        except NotFound:
            return ""
        text = response.text.strip()  # declared as a web page, although it is none
        return text if VERSION.fullmatch(text) else ""


def _versions(body: Mapping[str, Any]) -> list[Version]:
    found = parse_all(Version, body, "model_versions", "model versions")
    return [version for version in found if not is_prompt(version.tags)]


def is_prompt(tags: Mapping[str, str]) -> bool:
    """Tell whether it is a prompt, which 3.x keeps among the models, and some servers list."""
    return tags.get("mlflow.prompt.is_prompt", "").lower() == "true"


def _inner(body: Mapping[str, Any], key: str, what: str) -> dict[str, Any]:
    inner = body.get(key)
    if not isinstance(inner, dict):
        raise Malformed(f"{what}: the answer has no {key}", "is the URL that of an MLflow server?")
    return inner


def quoted(text: str) -> str:
    """Return *text* as a string in MLflow's filter language, which knows no escapes."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def in_order(points: Sequence[Measurement]) -> list[Measurement]:
    """Return *points* in the order of their logging."""
    return sorted(points, key=lambda point: (point.timestamp, point.step))


def thinned(points: Sequence[Measurement], count: int) -> list[Measurement]:
    """Return at most *count* of *points*, evenly spread, the first and the last among them."""
    if len(points) <= count or count < 2:
        return list(points)[-count:]
    last = len(points) - 1
    return [points[index * last // (count - 1)] for index in range(count)]


def parse_run(value: object) -> Run:
    """Return what :meth:`Api.raw_run` returned, parsed."""
    return parse(Run, value, "run")
