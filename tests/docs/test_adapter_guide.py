"""The adapter of ``docs/adapters.md`` is taken out of the page, installed, tested, and run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsboard.records import Record
from tests.patience import PATIENCE

PAGE = (Path(__file__).parents[2] / "docs" / "adapters.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


class Guide:
    """The example as an engineer would have it: a package, installed in *site*, and a folder."""

    def __init__(self, folder: Path, files: Mapping[str, str] = FILES) -> None:
        self.folder = folder
        self.package, self.site, self.dumps = folder / "package", folder / "site", folder / "dumps"
        for made in (self.package, self.dumps):
            made.mkdir()
        for name, text in files.items():
            (self.package / name).write_text(text, encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(self.site)]
        subprocess.run([*pip, *offline, str(self.package)], check=True, timeout=PATIENCE)
        (self.dumps / "users.dump").write_bytes(b"x" * 3 * 2**20)
        (self.dumps / "orders.dump").write_bytes(b"")
        old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
        os.utime(self.dumps / "orders.dump", (old, old))
        self.config = folder / "backups.toml"
        self.config.write_text(
            f'[sources.backups]\nadapter = "backups"\nfolder = "{self.dumps}"\n', encoding="utf-8"
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": ""}
        python = {"PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, **home, **python},
            cwd=self.package,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def opsboard(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "opsboard", *arguments, "--config", str(self.config))


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    return Guide(tmp_path_factory.mktemp("guide"))


def test_it_is_under_fifty_lines_and_shows_a_kind_of_its_own() -> None:
    code = FILES["opsboard_backups.py"]
    assert len([line for line in code.splitlines() if line.strip()]) < 50
    assert "RecordKind(" in code


def test_every_common_field_is_in_the_table() -> None:
    table = PAGE.partition("<!-- table: common fields -->")[2].partition("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    fields = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert fields == list(Record.__dataclass_fields__)


def test_it_passes_the_conformance_suite(guide: Guide) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=strict"]
    result = guide.run("-m", "pytest", *options, "test_conformance.py")
    assert result.returncode == 0, result.stdout + result.stderr
    passed = re.search(r"(\d+) passed", result.stdout)
    assert passed is not None
    assert int(passed[1]) >= 15


def test_the_commands_of_the_page_are_those_that_are_run_here() -> None:
    commands = [line.partition("#")[0] for block in SHELL for line in block.splitlines()]
    told = {" ".join(line.split()[1:]) for line in commands if line.startswith("opsboard ")}
    assert "doctor --config backups.toml" in told
    assert "status --config backups.toml --pane backups" in told
    assert "status --config backups.toml --json" in told


def test_doctor_finds_it_well(guide: Guide) -> None:
    result = guide.opsboard("doctor")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Backup folder" in result.stdout
    assert "readable: 2 records" in result.stdout


def test_its_table_is_printed_and_its_alert_decides_the_exit_code(guide: Guide) -> None:
    result = guide.opsboard("status", "--pane", "backups")
    assert result.returncode == 1, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["failed", "orders.dump", "0", "3d"] in lines
    assert [line[:3] for line in lines if "users.dump" in line] == [["ok", "users.dump", "3"]]


def test_its_records_are_json_and_its_failure_is_an_alert(guide: Guide) -> None:
    document = json.loads(guide.opsboard("status", "--json").stdout)
    backups = {record["database"]: record for record in document["panes"]["backups"]}
    assert backups["users"]["mib"] == 3.0
    assert backups["users"]["kind"] == "backup"
    (alert,) = document["panes"]["alerts"]
    assert alert["about"] == ["backups", "backup", "orders.dump"]


def test_a_filter_knows_its_fields(guide: Guide) -> None:
    found = guide.opsboard("status", "--pane", "backups", "--filter", "database:users mib:>1")
    assert "users.dump" in found.stdout
    assert "orders.dump" not in found.stdout


@pytest.mark.parametrize("folder", ["/nonexistent/dumps"])
def test_what_is_wrong_is_said_with_a_hint(guide: Guide, folder: str, tmp_path: Path) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text(f'[sources.backups]\nadapter = "backups"\nfolder = "{folder}"\n', "utf-8")
    result = guide.run("-m", "opsboard", "doctor", "--config", str(config))
    assert result.returncode != 0
    assert f"No such file or directory: '{folder}'" in result.stdout
    assert "hint: check that the file exists" in result.stdout
