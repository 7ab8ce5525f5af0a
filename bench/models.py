"""From exec to a complete table of 500 models, beside a plain client that reads everything.

The table is that of ``opsboard status --json``: all rows with serving version, environment and
status, which needs the runs of serving versions. The client requests one thing after the other, as
MLflow's own does: all models, all versions, the run of each version, and the history of each of its
metrics. It runs on MLflow 3 if ``OPSBOARD_TEST_MLFLOW_3`` names a Python that has it, else on the
demo.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx
from tests.adapters.mlflow.environments import RELEASES
from tests.adapters.mlflow.estate import MODELS, estate
from tests.adapters.mlflow.servers import running as mlflow

from bench.harness import BenchOptions, Sandbox, new_sandbox
from bench.report import Figure, milliseconds
from opsboard.demo.options import DemoOptions, DemoScale
from opsboard.demo.process import running_demo as demo
from opsboard_adapters.mlflow.translate import NOT_LOOKED

CONFIG: Final = '[sources.ml]\nadapter = "mlflow"\ntracking_uri = {}\n'
TIMES: Final = 3
PATIENCE: Final = 600.0


def measure(options: BenchOptions) -> list[Figure]:
    """Return the figures of the table, beside the client, and beside one that only searches."""
    with new_sandbox() as sandbox, _server(sandbox) as (name, url):
        tables = [_table(sandbox, url) for _ in range(min(options.runs, TIMES) + 1)][1:]
        searched, read = Client(url).searched(), Client(url).everything()
        tables += [_table(sandbox, url)]
    what = f"{MODELS} models on {name}: exec → complete table"
    took = milliseconds(tables)
    return [
        Figure(what, took, "ms", read * 1_000, "a client that reads everything:", most=0.3),
        Figure(what, took, "ms", searched * 1_000, "one that only searches, without histories:"),
    ]


@contextmanager
def _server(sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    release = RELEASES["mlflow3"]
    if os.environ.get(release.variable):
        with mlflow(release, sandbox.home, fill=estate().write) as url:
            yield release.name, url
        return
    with demo(DemoOptions(scale=DemoScale(models=MODELS))) as config:
        told = config.read_text(encoding="utf-8")
        (line,) = [one for one in told.splitlines() if one.startswith("tracking_uri")]
        yield "the demo", str(json.loads(line.partition("=")[2]))


def _table(sandbox: Sandbox, url: str) -> float:
    """Return the seconds until the program has printed a complete table."""
    config = sandbox.home / "models.toml"
    config.write_text(CONFIG.format(json.dumps(url)), encoding="utf-8")
    command = sandbox.command("--config", str(config), "status", "--json")
    began = time.perf_counter()
    done = subprocess.run(
        command, env=dict(sandbox.env), capture_output=True, check=False, timeout=PATIENCE
    )
    took = time.perf_counter() - began
    rows = json.loads(done.stdout)["panes"]["models"]
    unread = [row["name"] for row in rows if row["reason"] in {NOT_LOOKED, "not read"}]
    if len(rows) != MODELS or unread:
        raise RuntimeError(f"the table is not complete: {len(rows)} rows, without {unread[:3]}")
    return took


class Client:
    """A plain client of the server at *url*: one request after the other."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/api/2.0/mlflow/", timeout=PATIENCE)

    def searched(self) -> float:
        """Return the seconds that it takes to list all models, versions and runs."""
        began = time.perf_counter()
        self._registry()
        query = {"max_results": 1_000, "view_type": "ALL"}
        experiments = self._pages("experiments/search", "experiments", query)
        ids = [one["experiment_id"] for one in experiments]
        asked = {"experiment_ids": ids, "max_results": 1_000, "run_view_type": "ALL"}
        self._pages("runs/search", "runs", asked, method="POST")
        return time.perf_counter() - began

    def everything(self) -> float:
        """Return the seconds that it takes to read all models, versions, runs and histories."""
        began = time.perf_counter()
        for run_id in dict.fromkeys(one.get("run_id") for one in self._registry()):
            if not run_id:
                continue
            answer = self._http.get("runs/get", params={"run_id": run_id})
            if answer.status_code == httpx.codes.NOT_FOUND:
                continue
            for metric in answer.json()["run"]["data"].get("metrics", []):
                query = {"run_id": run_id, "metric_key": metric["key"]}
                self._pages("metrics/get-history", "metrics", query)
        return time.perf_counter() - began

    def _registry(self) -> list[Any]:
        """Read all models; return all versions."""
        self._pages("registered-models/search", "registered_models", {"max_results": 1_000})
        return self._pages("model-versions/search", "model_versions", {"max_results": 10_000})

    def _pages(
        self, path: str, key: str, query: Mapping[str, Any], method: str = "GET"
    ) -> list[Any]:
        found: list[Any] = []
        token = ""
        while True:
            asked = {**query, **({"page_token": token} if token else {})}
            sent = {"params": asked} if method == "GET" else {"json": asked}
            body = self._http.request(method, path, **sent).raise_for_status().json()  # type: ignore[arg-type]
            found += body.get(key, [])
            token = body.get("next_page_token", "")
            if not token:
                return found
