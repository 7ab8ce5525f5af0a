"""``opsboard logs``: logs of the demo's world, by the real adapters over HTTP."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.adapter import LogLine
from opsboard.cli import main
from opsboard.commands.logs import LogPrinter
from opsboard.commands.report_style import plain_report_style
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from opsboard.system.exit_codes import ExitCode
from opsboard.views.log_filter import parse_log_filter
from tests.patience import PATIENCE

WAIT = ("--wait-fresh", "240")


def _run(config: Path, *words: str) -> int:
    try:
        return main(["--config", str(config), "logs", *words])
    except SystemExit as error:
        return int(error.code or 0)


def test_the_log_of_a_workload_is_that_of_all_its_pods_in_order(
    clusters_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = ("cart", "--environment", "production", *WAIT)
    assert _run(clusters_config, *target, "--tail", "40", "--timestamps") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 40
    times = [line.split(" ")[0] for line in lines]
    assert times == sorted(times)
    pods = {line.split(" ")[1].partition("/")[0] for line in lines}
    assert len(pods) > 1
    assert _run(clusters_config, *target, "--container", min(pods), "--grep", "level>=trace") == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown
    assert all(line.startswith(f"{min(pods)}/") for line in shown)


def test_what_there_is_not_is_said_with_an_exit_code(
    clusters_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(clusters_config, "cartt", *WAIT) == 1
    assert "cart" in capsys.readouterr().err
    assert _run(clusters_config, "cart", *WAIT) == 1
    assert "--environment" in capsys.readouterr().err
    assert _run(clusters_config, "cart", "--environment", "prodution", *WAIT) == 1
    said = capsys.readouterr().err
    assert "nothing on the board to read the log of in environment 'prodution'" in said
    assert "did you mean 'production'?" in said
    target = ("cart", "--environment", "production", *WAIT)
    assert _run(clusters_config, *target, "--container", "mian") == 1
    assert "no container or pod is called mian" in capsys.readouterr().err
    for wrong in (("--grep", "/[a/"), ("--since", "soon"), ("--tail", "many")):
        assert _run(clusters_config, *target, *wrong) == 64, wrong


def test_lines_are_told_apart_only_where_there_are_several(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = LogPrinter(plain_report_style(), parse_log_filter("!secret"), times=True)
    at = datetime(2026, 11, 27, 9, tzinfo=UTC)
    printer.show(LogLine("alone", at, "app", group="a"))
    printer.show(LogLine("cut…", part="app", group="a", omitted=2_000_000))
    printer.show(LogLine("a secret", at, "app", group="a"))
    printer.note_parts([("b", "app")])
    printer.show(LogLine("of two", part="app", group="a"))
    assert capsys.readouterr().out.splitlines() == [
        "2026-11-27T09:00:00.000000Z alone", "cut… 2 MB more", "a/app of two",
    ]  # fmt: skip


def test_what_is_added_is_printed_at_once_until_one_interrupts() -> None:
    with running_demo(DemoOptions(7)) as config:
        words = ["--config", str(config), "logs", "cart", "--environment", "production", *WAIT]
        with subprocess.Popen(
            [sys.executable, "-m", "opsboard", *words, "--follow", "--tail", "2", "--timestamps"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            try:
                assert running.stdout is not None
                lines = [
                    running.stdout.readline() for _ in range(6)
                ]  # four more than are asked for
                running.send_signal(signal.SIGINT)
                _, said = running.communicate(timeout=PATIENCE)
            finally:
                running.kill()
    assert running.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in said
    assert len(set(lines)) == 6
    stamps = [line.split(" ")[0] for line in lines]
    assert stamps[:2] == sorted(stamps[:2])
    assert min(stamps[2:]) > stamps[0]


def test_all_jobs_of_a_build_are_printed_by_one_option(
    demo_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(demo_config), "get", "builds", "-o", "json", *WAIT]) == 0
    found = json.loads(capsys.readouterr().out)
    failed = [one for one in found["records"] if one["status"] == "failed"]
    build = next(one for one in failed if one["workflow"] == "ci")  # which has several jobs
    target = f"{build['source']}:{build['id']}"
    assert _run(demo_config, target, "--whole", "--tail", "100000", *WAIT) == 0
    whole = capsys.readouterr().out.splitlines()
    assert _run(demo_config, target, "--tail", "100000", *WAIT) == 0
    one = capsys.readouterr().out.splitlines()
    assert len({line.partition("/")[0] for line in whole}) > 1
    assert len(whole) > len(one) > 10
    assert any("error: Process completed" in line for line in whole)
    assert not [line for line in whole if "[+]" in line or "all of" in line]
