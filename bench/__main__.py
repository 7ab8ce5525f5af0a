"""``python -m bench``: measure, and print a table in markdown."""

import argparse
import shutil
import sys
from importlib import import_module
from pathlib import Path

from bench.figure import Figure
from bench.options import Options
from bench.report import environment, table

MEASUREMENTS = ("start", "keys", "wire", "idle", "decode", "models", "pods", "github")


def main() -> int:
    """Measure what is asked for; return 1 where a budget is missed."""
    asked = _parser().parse_args()
    kubectl = asked.kubectl or shutil.which("kubectl")
    options = Options(asked.runs, asked.pods, kubectl, asked.kubeconfig)
    figures: list[Figure] = []
    for name in asked.what or MEASUREMENTS:
        print(f"measuring: {name}", file=sys.stderr)
        figures += import_module(f"bench.{name}").measure(options)
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
