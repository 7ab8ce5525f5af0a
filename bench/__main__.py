"""``python -m bench [WHAT...]``: measure, and print the figures as a markdown table."""

import argparse
import shutil
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from bench.harness import BenchOptions
from bench.report import Figure, environment, table

MEASUREMENTS: Final[Mapping[str, str]] = {
    "start": "bench.start:measure",
    "keys": "bench.keys:measure",
    "logs": "bench.logs:measure",
    "wire": "bench.output:measure_changes",
    "idle": "bench.output:measure_idle",
    "decode": "bench.decode:measure",
    "models": "bench.models:measure",
    "pods": "bench.pods:measure",
    "github": "bench.github:measure",
    "stories": "bench.stories:measure",
    "history": "bench.history:measure",
    "at_truth": "bench.at_truth:measure",
    "errands": "bench.errands:measure",
}
"""Name on the command line → the function that measures; imported only when it is asked for."""


def main() -> int:
    """Measure what is asked for; return 1 where a budget is missed."""
    parser = _parser()
    asked = parser.parse_args()
    if unknown := [name for name in asked.what if name not in MEASUREMENTS]:
        parser.error(f"there is no {unknown[0]!r} to measure; one of {', '.join(MEASUREMENTS)}")
    kubectl = asked.kubectl or shutil.which("kubectl")
    options = BenchOptions(asked.runs, asked.pods, kubectl, asked.kubeconfig)
    figures: list[Figure] = []
    for name in asked.what or MEASUREMENTS:
        print(f"measuring: {name}", file=sys.stderr)
        module, _, function = MEASUREMENTS[name].partition(":")
        figures += getattr(import_module(module), function)(options)
    print(f"{environment(options.runs)}\n\n{table(figures)}")
    return int(any(figure.met is False for figure in figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--runs", type=int, default=9, help="runs of what is timed (default: 9)")
    parser.add_argument("--pods", type=int, default=10_000, help="default: 10000")
    parser.add_argument("--kubectl", metavar="FILE", help="kubectl, if it is not on the PATH")
    parser.add_argument(
        "--kubeconfig", type=Path, metavar="FILE", help="measure on this server too"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
