"""``opsboard get``: the board's kinds and the servers' listings, in each form."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from opsboard.cli import main
from opsboard.system.exit_codes import ExitCode
from tests.patience import PATIENCE

WAIT = ("--wait-fresh", str(PATIENCE))
Get = Callable[..., tuple[int, str, str]]


@pytest.fixture
def get(clusters_config: Path, capsys: pytest.CaptureFixture[str]) -> Get:
    def get(*words: str) -> tuple[int, str, str]:
        code = main(["get", "--config", str(clusters_config), *WAIT, *words])
        return code, *capsys.readouterr()

    return get


def test_names_are_those_that_other_commands_take(get: Get) -> None:
    code, names, _ = get("deploy", "-o", "name", "--filter", "env:staging")
    assert code == ExitCode.OK
    assert "clusters:staging-eu/shop/Deployment/search" in names.splitlines()
    some = names.splitlines()[:2]
    assert get("deployments", *some, "-o", "name")[1].splitlines() == some


def test_json_and_yaml_say_the_same(get: Get) -> None:
    _, as_json, _ = get("deployment", "shop/checkout", "-o", "json")
    _, as_yaml, _ = get("deployment", "shop/checkout", "-o", "yaml")
    document, from_yaml = json.loads(as_json), yaml.safe_load(as_yaml)
    assert document.pop("schema") == "opsboard.get/2"
    for record in (*document["records"], *from_yaml["records"]):
        for field in [name for name in record if name.endswith("_at")]:
            del record[field]  # the demo tells times anew in each answer
    assert document == from_yaml
    assert {record["name"] for record in document["records"]} == {"checkout"}
    assert {record["namespace"] for record in document["records"]} == {"shop"}


def test_what_servers_list_is_listed_too(get: Get) -> None:
    code, table, _ = get("no", "--filter", "cluster:staging-eu")
    assert code == ExitCode.OK
    assert "staging-eu-node-1" in table
    assert "production-eu" not in table
    node = next(line.split() for line in table.splitlines() if "staging-eu-node-1" in line)
    assert node[:2] == ["ok", "staging-eu-node-1"], "its status is told once"
    assert "Ready" in node, "and so is the server's own word for it"
    _, as_json, _ = get("nodes", "-o", "json")
    assert json.loads(as_json)["records"][0]["cells"]["version"].startswith("v1.")


VIEWS = """
[[views]]
name = "broken"
pane = "deployments"
filter = "!status:ok env:production"
alias = "bad-ones"

[[views]]
name = "secrets"
pane = "builds"

[[views]]
name = "faulty"
pane = "builds"
columns = ["colour"]

[[views]]
name = "staging-nodes"
listing = "nodes"
filter = "cluster:staging-eu"
columns = ["name", "version"]

[[views]]
name = "lost"
listing = "nodez"

[[views]]
name = "b"
pane = "pods"

[[views]]
name = "of-a-pane"
listing = "runs"
"""


def test_a_saved_view_is_had_unless_servers_list_something_of_that_name(
    demo_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"{demo_config.read_text()}\n{VIEWS}")
    file.chmod(0o600)

    def get(word: str) -> tuple[int, str, str]:
        words = ["get", "--config", str(file), word, "-o", "json", "--wait-fresh", "120"]
        code = main(words)
        return code, *capsys.readouterr()

    code, found, _ = get("bad-ones")
    assert code == ExitCode.OK
    document = json.loads(found)
    assert document["pane"] == "broken"
    assert {record["environment"] for record in document["records"]} == {"production"}
    assert "ok" not in {record["status"] for record in document["records"]}
    code, found, said = get("secrets")
    assert (code, found) == (ExitCode.USAGE, "")
    assert "views.1.name: 'secrets' is this view, and what is listed by clusters" in said
    assert "give the view another name" in said
    assert f"{file}:" in said
    code, found, said = get("faulty")
    assert (code, found) == (ExitCode.USAGE, "")
    assert "no column and no field 'colour'" in said
    code, found, said = get("staging-nodes")
    assert code == ExitCode.OK, said
    cells = [record["cells"] for record in json.loads(found)["records"]]
    assert cells
    assert all([*one] == ["version"] for one in cells)
    assert {record["cluster"] for record in json.loads(found)["records"]} == {"staging-eu"}
    code, found, said = get("lost")
    assert (code, found) == (ExitCode.USAGE, "")
    assert "view lost: nothing is called 'nodez'; did you mean 'node'" in said
    code, found, said = get("b")
    assert (code, found) == (ExitCode.USAGE, ""), "no table of another kind in its place"
    assert "the word 'b' opens 'Builds' already; choose another one" in said
    code, found, said = get("of-a-pane")
    assert (code, found) == (ExitCode.USAGE, "")
    assert "'runs' opens 'Builds', a pane: write `pane` in place of `listing`" in said


def test_what_there_is_not_is_said(get: Get) -> None:
    code, names, said = get("deployments", "nope", "shop/checkout", "-o", "name")
    assert code == ExitCode.FAILED
    assert "nothing is called 'nope'" in said
    assert "checkout" in names
    code, nothing, said = get("nodez")
    assert (code, nothing) == (ExitCode.USAGE, "")
    assert "did you mean 'node' or 'nodes'" in said
    assert "there are services, builds, " in get("qqqqqq")[2]
    assert get("pods", "--filter", "nofield:x")[0] == ExitCode.USAGE
    assert get("nodes", "--filter", "/(/")[0] == ExitCode.USAGE


def test_a_source_that_may_have_more_decides_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[sources.ml]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:9"\n')
    words = ["get", "--config", str(config), "--wait-fresh", "10"]
    assert main([*words, "models"]) == ExitCode.UNREACHABLE
    assert "ml is unreachable" in capsys.readouterr().err
    assert main([*words, "pods"]) == ExitCode.OK, "it has no pods"


def test_a_source_that_declares_its_kind_itself_decides_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "terraform.tfstate").write_text('{"version":')
    config = tmp_path / "config.toml"
    config.write_text(f'[sources.infra]\nadapter = "terraform"\npath = "{tmp_path}"\n')
    words = ["get", "--config", str(config), "--wait-fresh", str(PATIENCE)]
    assert main([*words, "workspaces"]) == ExitCode.UNREACHABLE
    said = capsys.readouterr().err  # broken, or partial: of the folder itself it may know by now
    assert "opsboard: infra is " in said
    assert "it is no whole JSON" in said
    assert main([*words, "pods"]) == ExitCode.OK, "it has no pods"


def test_only_the_kind_is_called_required(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["get"])
    assert "the following arguments are required: KIND\n" in capsys.readouterr().err
