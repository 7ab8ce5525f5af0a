"""``opsboard act`` and ``opsboard audit`` on a demo world, as a script would use them."""

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.log import AuditLog
from opsboard.adapter import Plan
from opsboard.cli import main
from opsboard.collect.context import SystemClock
from opsboard.config.paths import user_paths
from opsboard.demo.detection import NOTICE
from tests.demo_sources import with_sources
from tests.quiet_demo import quiet_demo

MODEL = "fraud-detector"
PATIENT = ("--wait-fresh", "120")
SAID = ("--yes", "--reason", "auc fell")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def world() -> Iterator[Path]:
    """A world of its own, since it is changed; its clock goes on."""
    with quiet_demo() as demo:
        yield with_sources(demo.config, "github", "clusters", "mlflow")


@pytest.fixture(scope="module")
def models(world: Path) -> Path:
    """The same, but for all that is no model: a fifth of the work of asking all sources."""
    config = world.with_name("models.toml")
    config.write_text(world.read_text("utf-8"), "utf-8")
    return with_sources(config, "mlflow")


@pytest.fixture
def run(world: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program on the world; return exit code, output and complaints."""

    def call(*words: str) -> tuple[int, str, str]:
        config = models if MODEL in words else world
        try:
            act = words[0] == "act"
            code = main(["act", *PATIENT, *words[1:], "--config", str(config)] if act else words)
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def _act(run: Run, *words: str) -> dict[str, Any]:
    code, out, _ = run("act", *words, "--json")
    told: dict[str, Any] = json.loads(out)
    assert told["exit_code"] == code
    return told


def _version(world: Path) -> str:
    """The version that serves, as the server itself tells it."""
    uri = tomllib.loads(world.read_text())["sources"]["mlflow"]["tracking_uri"]
    query = {"name": MODEL, "alias": "champion"}
    answer = httpx.get(f"{uri}/api/2.0/mlflow/registered-models/alias", params=query)
    return f"version {answer.json()['model_version']['version']}"


def test_a_plan_changes_nothing_and_leaves_no_trace(run: Run, world: Path) -> None:
    before = _version(world)
    code, out, err = run("act", "rollback", MODEL, "--plan")
    assert (code, err) == (0, f"opsboard: {NOTICE}\n")
    for word in (before, "metrics:", "policy: typed: production is protected"):
        assert word in out
    assert _version(world) == before
    assert not user_paths().state.joinpath("audit.jsonl").exists()


def test_an_act_and_its_record(run: Run, world: Path) -> None:
    before = _version(world)
    told = _act(run, "rollback", MODEL, *SAID)
    (act,) = told["activities"]
    assert (told["schema"], told["exit_code"], act["state"]) == (
        "opsboard.act/2",
        0,
        "succeeded",
    )
    assert (act["before"], act["after"], act["cause"]) == (before, _version(world), "auc fell")
    code, out, _ = run("audit", "--json")
    (kept,) = json.loads(out)["runs"]
    assert (code, kept["state"], kept["plan_id"]) == (0, "succeeded", act["id"])
    assert [entry["event"] for entry in kept["entries"]] == ["intent", "outcome", "verdict"]
    code, out, _ = run("audit")
    assert MODEL in out
    assert "auc fell" in out
    code, out, _ = run("audit", "verify")
    assert (code, "3 entries, whole" in out) == (0, True)
    head = out.split("head ")[1].strip()
    assert run("audit", "verify", "--head", head)[0] == 0


def test_a_run_of_a_listing_is_tagged_by_its_id(run: Run, world: Path) -> None:
    uri = tomllib.loads(world.read_text())["sources"]["mlflow"]["tracking_uri"]
    api = f"{uri}/api/2.0/mlflow"
    found = httpx.get(f"{api}/experiments/search", params={"max_results": 1}).json()
    body = {"experiment_ids": [found["experiments"][0]["experiment_id"]], "max_results": 1}
    (one,) = httpx.post(f"{api}/runs/search", json=body).json()["runs"]
    name = f"mlflow:training-runs/{one['info']['run_id']}"
    told = _act(run, "tag", name, "--set", "key=team", "--set", "value=ml", *SAID)
    assert [(act["state"], act["after"]) for act in told["activities"]] == [("succeeded", "ml")]
    query = {"run_id": one["info"]["run_id"]}
    tags = httpx.get(f"{api}/runs/get", params=query).json()["run"]["data"]["tags"]
    assert {"key": "team", "value": "ml"} in tags
    gone = ("act", "tag", "mlflow:training-runs/none", "--set", "key=a", "--set", "value=b")
    assert "none" in run(*gone, "--plan")[2]
    assert run(*gone, "--plan")[0] != 0
    assert "nothing called" in run(*gone, "--environment", "staging", "--plan")[2]


def test_what_crashed_is_told_when_it_is_to_come_back(run: Run) -> None:
    """Each command looks once, in a session of its own: the audit trail remembers."""
    target = ("shop/checkout", "--environment", "production")
    (plan,) = _act(run, "rollback", *target, *SAID)["plans"]
    bad, good = plan["origin"][0], plan["destination"][0]
    told = " ".join(one["text"] for one in plan["findings"])
    assert "failed here" not in told
    assert "this undoes" not in told
    code, out, _ = run("act", "rollback", *target, "--to", bad, "--plan")
    assert code == 0
    assert f"  warning: revision {bad} failed here at " in out
    assert " UTC, CrashLoopBackOff (" in out
    assert "whether revision" not in out, "the weaker note gives way"
    assert "  warning: this undoes your act of " in out
    assert f" UTC: {bad} → {good} (auc fell)\n" in out
    assert run("audit", "--json")[1].count('"reason": "CrashLoopBackOff"') == 1


def test_a_touched_record_is_told(run: Run, world: Path) -> None:
    _act(run, "rollback", MODEL, *SAID)
    file = user_paths().state / "audit.jsonl"
    file.write_text(file.read_text().replace("auc fell", "it was not me"))
    code, out, err = run("audit", "verify")
    assert (code, "NOT whole" in out, "was changed" in err) == (1, True, True)


def test_a_trail_that_was_cut_is_told_by_the_next_act_and_for_ever(run: Run, world: Path) -> None:
    _act(run, "rollback", MODEL, *SAID)
    file = user_paths().state / "audit.jsonl"
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    for told in (True, False):
        code, _, err = run("act", "rollback", MODEL, "--to", "6" if told else "5", *SAID)
        assert code in {0, 3}, err
        assert ("does not continue from where it was" in err) is told
        code, out, err = run("audit", "verify")
        assert (code, "NOT whole" in out) == (1, True)
        assert "line 2: on record: the trail does not continue from where it was" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("rollback", "nobody"), 64, "nothing called 'nobody'"),
        (("explode", MODEL), 64, "there are: "),
        (
            ("rollback", MODEL, "--environment", "produktion"),
            64,
            "in environment 'produktion'|; of these: production",
        ),
        (("rollback", MODEL, "--set", "colour=red"), 64, "colour is not known here"),
        (("rollback", MODEL, "--set", "colour"), 64, "write NAME=VALUE"),
        (("rollback", MODEL, "--to", "99"), 64, "is one of"),
        (("rolback", "shop/checkout"), 64, "; did you mean 'rollback'?; there are: approve, "),
        (("rollback", "fraud-detcetor"), 64, "did you mean 'fraud-detector' (model, production)?"),
        (
            ("rollback", "shop/chekout"),
            64,
            (
                "to rollback; did you mean 'shop/checkout'? name one by"
                "|clusters:staging-eu/shop/Deployment/checkout (deploy"
            ),
        ),
        (
            ("rollback", "shop/checkout"),
            64,
            (
                "'shop/checkout' is 2 things: name one by SOURCE:ID"
                "|or narrow by --environment: clusters:production-eu/"
            ),
        ),
        (("retrain", "shop/checkout"), 64, ": rollback, restart, scale"),
        (("rollback", MODEL, "--environment", "staging"), 64, "it is in production, and not in st"),
        (("rollback", MODEL, "--environment", "prodution"), 64, "did you mean 'production'?"),
        (
            ("rollback", MODEL, "--set", "allias=x"),
            64,
            "allias is not known here (did you mean 'ali",
        ),
        (("rollback", MODEL, "--set", "alias=chmapion"), 64, "(did you mean 'champion'?)"),
        (("rollback", MODEL, "--yes"), 3, "a reason is required (--reason)"),
        (("rollback", MODEL, "--reason", "r"), 3, "--yes"),
        (("rollback", MODEL, *SAID, "--read-only"), 3, "read-only"),
        (("rollback", MODEL, "--wait-fresh", "soon"), 64, "not a number"),
    ],
)
def test_what_is_refused(
    run: Run, world: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    before = _version(world)
    ended, _, err = run("act", *words)
    assert ended == code
    for words_of_it in said.split("|"):
        assert words_of_it in err
    assert _version(world) == before


@pytest.mark.parametrize("words", [("audit", "--last", "0"), ("audit", "verify", "--head", "x")])
def test_bad_usage_of_audit(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words)[0] == 64


def test_nothing_was_done_yet(run: Run, world: Path) -> None:
    code, out, _ = run("audit")
    assert (code, "nothing was done" in out) == (0, True)


def test_what_may_still_take_effect_is_not_done_again_unknowingly(run: Run, world: Path) -> None:
    """A program was killed while it sent this; the next one is told, whatever it says."""
    words = ("pause", "shop/cart", "--environment", "production")
    _, out, _ = run("act", *words, "--plan", "--json")
    plan = Plan.model_validate(json.loads(out)["plans"][0])
    trail = AuditLog(user_paths().state, current_actor({}), SystemClock())
    trail.append(
        trail.entry(AuditEvent.INTENT).model_copy(update={"plan_id": plan.id, "plan": plan})
    )

    code, out, err = run("act", *words, *SAID)
    assert (code, "policy: typed: " in out) == (3, True)
    assert "left by a program that was ended" in err
    assert err.count("may still take effect until") == 2, "what was left, and why it is refused"
    assert "use --again" in err
    code, out, _ = run("audit", "--json")
    (left,) = json.loads(out)["runs"]
    assert (left["state"], len(left["entries"])) == ("unknown", 1)
    assert run("act", *words, *SAID, "--again")[0] == 0


def test_an_unreachable_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[sources.gone]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:1"\n')
    words = ["act", "rollback", MODEL, "--config", str(config), "--wait-fresh", "5"]
    assert main(words) == 2
    assert "gone is unreachable" in capsys.readouterr().err
