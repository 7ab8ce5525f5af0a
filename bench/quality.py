"""How far the tests reach: coverage and mutations of acting, the board and the adapters.

    python -m bench.quality                             both, as a markdown table
    python -m bench.quality coverage [ROOM...]          share of lines and branches that tests run
    python -m bench.quality mutation [ROOM...]          share of mutations that tests notice
    python -m bench.quality mutation --modules tui/opsboard/acting/guard.py --tests tests/acting

A mutation is a small change of a program, such as ``<`` for ``<=``: one that no test notices
survives. Coverage is measured by coverage.py; mutations are made and run by cosmic-ray (the extra
``mutation``) in a copy of the checkout, so that nothing here is changed. Every room has far more
mutations than can be run: a seeded random *sample* of each is taken. This takes from minutes to
hours, and is no part of ``.ci/run``.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.harness import REPOSITORY

SOURCE_ROOTS: Final = ("tui", "adapters", "themes", ".")
_IGNORED: Final = shutil.ignore_patterns(".git", ".venv", ".cache", ".*_cache", "__pycache__")


@dataclass(frozen=True, slots=True)
class Room:
    """Sources that are measured together, and the *tests* that are meant to hold them."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS: Final = (
    Room("acting", ("tui/opsboard/acting",), ("tests/acting",)),
    Room("board", ("tui/opsboard/board",), ("tests/board", "tests/views")),
    Room("adapters", ("adapters/opsboard_adapters",), ("tests/adapters",)),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the report: *part* of *whole* in a room."""

    what: str
    room: str
    part: int
    whole: int
    note: str = ""

    def __str__(self) -> str:
        share = f"{self.part / self.whole:.0%}" if self.whole else "-"
        return (
            f"| {self.room} | {self.what} | {self.part} of {self.whole} | {share} | {self.note} |"
        )


def coverage(room: Room) -> Row:
    """Run the tests of *room* under coverage.py; return its statements and branches that ran."""
    with tempfile.TemporaryDirectory(prefix="opsboard-coverage-") as folder:
        env = {**os.environ, "COVERAGE_FILE": str(Path(folder) / "data")}
        report = Path(folder) / "coverage.json"
        sources = ",".join(room.sources)
        python = (sys.executable, "-m")
        tests = _run(
            (
                *python,
                "coverage",
                "run",
                "--branch",
                f"--source={sources}",
                "-m",
                "pytest",
                "-q",
                *room.tests,
            ),
            REPOSITORY,
            env,
        )
        _run((*python, "coverage", "json", "-q", "-o", str(report)), REPOSITORY, env)
        totals: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["totals"]
    part = totals["covered_lines"] + totals["covered_branches"]
    whole = totals["num_statements"] + totals["num_branches"]
    note = "" if tests == 0 else "some tests failed"
    return Row("lines and branches covered", room.name, part, whole, note)


def mutation(room: Room, sample: int, seed: int, timeout: float) -> tuple[Row, list[str]]:
    """Return how many mutations of a sample were noticed, and where the others are."""
    with _copy() as copy:
        config, session = copy / "cosmic-ray.toml", copy / "session.sqlite"
        config.write_text(_config(room, timeout), encoding="utf-8")
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(copy / root) for root in SOURCE_ROOTS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if _run(_pytest(room.tests), copy, env) != 0:
            raise SystemExit(f"{room.name}: the tests fail without a mutation already")
        cosmic_ray = (str(Path(sys.executable).with_name("cosmic-ray")),)
        if not Path(*cosmic_ray).exists():
            raise SystemExit("cosmic-ray is not installed: pip install -e '.[dev,mutation]'")
        _run((*cosmic_ray, "init", str(config), str(session)), copy, env)
        total = _keep_sample(session, sample, seed)
        _run((*cosmic_ray, "exec", str(config), str(session)), copy, env)
        noticed, survived = _results(session)
    whole = noticed + len(survived)
    return Row("mutations noticed", room.name, noticed, whole, f"of {total} in all"), survived


@contextmanager
def _copy() -> Iterator[Path]:
    """Copy the checkout, since cosmic-ray changes files in place."""
    with tempfile.TemporaryDirectory(prefix="opsboard-mutation-") as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(REPOSITORY, copy, ignore=_IGNORED)
        yield copy


def _pytest(tests: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)


def _config(room: Room, timeout: float) -> str:
    """Return the config of cosmic-ray, which is TOML; a JSON string is one of TOML too."""
    command = " ".join(_pytest(room.tests))
    return (
        f"[cosmic-ray]\nmodule-path = {json.dumps(list(room.sources))}\ntimeout = {timeout}\n"
        f"excluded-modules = []\ntest-command = {json.dumps(command)}\n"
        '[cosmic-ray.distributor]\nname = "local"\n'
    )


def _keep_sample(session: Path, sample: int, seed: int) -> int:
    """Leave only *sample* random mutations in *session*; return how many there were."""
    with closing(sqlite3.connect(session)) as database, database:
        jobs = sorted(job for (job,) in database.execute("SELECT job_id FROM work_items"))
        kept = set(Random(seed).sample(jobs, min(sample, len(jobs))))  # noqa: S311 - no secret
        dropped = [(job,) for job in jobs if job not in kept]
        database.executemany("DELETE FROM mutation_specs WHERE job_id = ?", dropped)
        database.executemany("DELETE FROM work_items WHERE job_id = ?", dropped)
    return len(jobs)


def _results(session: Path) -> tuple[int, list[str]]:
    """Return the number of mutations that failed a test, and ``file:line operator`` of the rest."""
    query = """
        SELECT module_path, start_pos_row, operator_name, test_outcome, worker_outcome
        FROM mutation_specs JOIN work_results USING (job_id)
        ORDER BY module_path, start_pos_row
    """
    noticed, survived = 0, []
    with closing(sqlite3.connect(session)) as database:
        for module, line, operator, outcome, worker in database.execute(query):
            if str(worker).endswith("NO_TEST"):
                continue  # nothing was changed
            if str(outcome).upper().endswith("SURVIVED"):
                survived.append(f"{module}:{line} {operator}")
            else:
                noticed += 1
    return noticed, survived


def _run(command: Sequence[str], folder: Path, env: dict[str, str]) -> int:
    """Run *command*, its output on standard error; return its exit code."""
    return subprocess.run(command, cwd=folder, env=env, stdout=sys.stderr, check=False).returncode


def _chosen(asked: argparse.Namespace) -> list[Room]:
    if asked.modules:
        return [Room("chosen modules", tuple(asked.modules), tuple(asked.tests))]
    return [room for room in ROOMS if not asked.rooms or room.name in asked.rooms]


def main() -> None:
    """Measure what is asked for; print the table, and below it the mutations that survive."""
    asked = _parser().parse_args()
    rows: list[Row] = []
    survivors: list[str] = []
    for room in _chosen(asked):
        if asked.what in {"all", "coverage"}:
            rows.append(coverage(room))
        if asked.what in {"all", "mutation"}:
            row, survived = mutation(room, asked.sample, asked.seed, asked.timeout)
            rows.append(row)
            survivors += survived
    print("| room | what | figure | share | note |\n| --- | --- | --- | --- | --- |")
    print("\n".join(map(str, rows)))
    print("".join(f"\nsurvived: {one}" for one in survivors))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [room.name for room in ROOMS]
    parser.add_argument("what", nargs="?", default="all", choices=("all", "coverage", "mutation"))
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(names)}")
    parser.add_argument("--modules", nargs="+", metavar="FILE", help="in place of whole rooms")
    parser.add_argument(
        "--tests", nargs="+", metavar="TEST", default=["tests"], help="for --modules"
    )
    parser.add_argument("--sample", type=int, default=100, help="mutations of each (default: 100)")
    parser.add_argument("--seed", type=int, default=7, help="of the sample (default: 7)")
    parser.add_argument(
        "--timeout", type=float, default=300.0, help="seconds of each (default: 300)"
    )
    return parser


if __name__ == "__main__":
    main()
