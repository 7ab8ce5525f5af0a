"""The real gh, GitHub's own client, on the demo's GitHub.

``OPSBOARD_TEST_GH`` names the program. It speaks plain HTTP to a Unix socket where its config
says so, with the names of hosts as ever: no certificate is needed, and nothing of the machine's
own login is seen.
"""

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from opsboard.demo.server import make_server
from opsboard.demo.world.world import DemoWorld
from tests.patience import PATIENCE

GH = os.environ.get("OPSBOARD_TEST_GH", "")
REPOSITORY = "harbourside/checkout"
HOSTS = {
    "github.example": {"GH_HOST": "github.example", "GH_ENTERPRISE_TOKEN": "x"},
    "github.com": {"GH_TOKEN": "x"},
}

pytestmark = pytest.mark.skipif(not GH, reason="OPSBOARD_TEST_GH names no gh")


@dataclass(frozen=True)
class Gh:
    """The client, with a home of its own."""

    env: dict[str, str]

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [GH, *words],
            env=self.env,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )

    def told(self, *words: str) -> str:
        """Return what it prints; fail where it fails."""
        done = self(*words, "-R", REPOSITORY)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *words: str) -> str:
        """Return why it fails."""
        done = self(*words, "-R", REPOSITORY)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self.told(*words))

    def run_that(self, conclusion: str, workflow: str) -> int:
        """Return the newest run of *workflow* that ended so."""
        words = ("run", "list", "-w", workflow, "-s", conclusion, "-L", "1", "--json", "databaseId")
        return int(self.json(*words)[0]["databaseId"])


@pytest.fixture(params=HOSTS)
def gh(app: Starlette, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gh]:
    path = tmp_path / "s"
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(str(path))
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        _wait(lambda: server.started)
        config = tmp_path / "gh"
        own = {"GH_CONFIG_DIR": str(config), "HOME": str(tmp_path), "NO_COLOR": "1"}
        quiet = {"GH_NO_UPDATE_NOTIFIER": "1", "GH_PROMPT_DISABLED": "1", "TZ": "Asia/Kolkata"}
        client = Gh({"PATH": os.environ["PATH"], **own, **quiet, **HOSTS[request.param]})
        assert client("config", "set", "http_unix_socket", str(path)).returncode == 0
        yield client
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        sock.close()


def _wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def test_runs_are_listed_and_viewed(gh: Gh) -> None:
    assert "failure" in gh.told("run", "list", "-s", "failure")
    run = gh.run_that("failure", "ci")
    shown = gh.told("run", "view", str(run))
    assert "JOBS" in shown
    assert "Process completed with exit code 1." in shown
    jobs = gh.json("run", "view", str(run), "--json", "jobs")["jobs"]
    failed = next(job for job in jobs if job["conclusion"] == "failure")
    shown = gh.told("run", "view", "--job", str(failed["databaseId"]))
    assert "X " in shown
    done = gh("run", "watch", str(run), "--exit-status", "-R", REPOSITORY)
    assert "has already completed with 'failure'" in done.stdout + done.stderr


def test_logs_are_those_of_the_steps(gh: Gh) -> None:
    run = gh.run_that("failure", "ci")
    jobs = gh.json("run", "view", str(run), "--json", "jobs")["jobs"]
    told = [line.split("\t") for line in gh.told("run", "view", str(run), "--log").splitlines()]
    assert {line[0] for line in told} == {job["name"] for job in jobs if job["steps"]}
    assert {"Set up job", "Complete job"} <= {line[1] for line in told}
    assert "UNKNOWN STEP" not in {line[1] for line in told}
    failed = gh.told("run", "view", str(run), "--log-failed").splitlines()
    assert failed[-1].endswith("##[error]Process completed with exit code 1.")
    assert len({line.split("\t")[0] for line in failed}) == 1
    job = next(job for job in jobs if job["conclusion"] == "failure")
    alone = gh.told("run", "view", "--job", str(job["databaseId"]), "--log").splitlines()
    assert set(failed) < set(alone)


def test_the_log_of_a_run_that_goes_on_is_refused(gh: Gh) -> None:
    words = ("run", "list", "-s", "in_progress", "--json", "databaseId", "-R")
    running = []
    for repository in ("checkout", "storefront", "payments", "catalog", "mobile-app"):
        done = gh(*words, f"harbourside/{repository}")
        running += [(repository, one["databaseId"]) for one in json.loads(done.stdout)]
    repository, run = running[0]
    done = gh("run", "view", str(run), "--log", "-R", f"harbourside/{repository}")
    assert "still in progress" in done.stderr


def test_runs_are_repeated_cancelled_and_dispatched(gh: Gh) -> None:
    run = gh.run_that("failure", "ci")
    gh.told("run", "rerun", str(run), "--failed")
    again = gh.json("run", "view", str(run), "--json", "attempt,status")
    assert again["attempt"] == 2
    assert again["status"] != "completed"
    gh.told("run", "cancel", str(run))
    log = gh.told("run", "view", str(run), "--attempt", "1", "--log-failed")
    assert "##[error]" in log
    assert "deploy" in gh.told("workflow", "list")
    assert "Total runs" in gh.told("workflow", "view", "ci")
    assert "workflow_dispatch" in gh.told("workflow", "view", "deploy.yml", "--yaml")
    before = len(gh.json("run", "list", "-w", "deploy", "--json", "databaseId"))
    gh.told("workflow", "run", "deploy.yml", "--ref", "main", "-f", "environment=staging")
    gh.told("workflow", "run", "deploy.yml", "-f", "environment=staging")
    assert len(gh.json("run", "list", "-w", "deploy", "--json", "databaseId")) == before + 2
    assert "not found" in gh.refused("workflow", "run", "none.yml", "--ref", "main")


def test_a_login_is_known(gh: Gh) -> None:
    done = gh("auth", "status")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "account dalia" in done.stdout


def test_any_path_is_asked(gh: Gh) -> None:
    path = f"repos/{REPOSITORY}/actions/runs"
    done = gh("api", path, "-q", ".total_count")
    assert int(done.stdout) > 0
    done = gh("api", f"{path}/1")
    assert "Not Found (HTTP 404)" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("workflow", "disable", "ci"),
        ("cache", "list"),
        ("secret", "list"),
        ("pr", "list"),
    ],
)
def test_what_is_not_spoken_is_said(gh: Gh, words: tuple[str, ...]) -> None:
    assert "This demo does not serve" in gh.refused(*words)


def test_commits_and_attestations_are_asked_for_by_its_api_command(
    gh: Gh, world: DemoWorld
) -> None:
    def api(*words: str) -> Any:
        done = gh("api", *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    first = world.repositories["checkout"].main[0].sha
    compared = api(f"repos/{REPOSITORY}/compare/{first}...main")
    assert (compared["status"], compared["behind_by"]) == ("ahead", 0)
    assert compared["ahead_by"] >= len(world.repositories["checkout"].main) - 1
    assert api(f"repos/{REPOSITORY}/compare/main...main")["status"] == "identical"
    document = (
        '{ repository(owner: "harbourside", name: "checkout") { defaultBranchRef { name } } }'
    )
    told = api("graphql", "-f", f"query={document}")
    assert told["data"]["repository"]["defaultBranchRef"]["name"] == "main"
    image = next(world.images.pushed("shop/checkout", world.now))
    path = f"repos/{REPOSITORY}/attestations/{image.content.digest}"
    assert len(api(path)["attestations"]) == 1
