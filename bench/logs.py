"""A log of many pods that are written to quickly: key to paint, a letter of a filter, memory."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from bench.harness import BenchOptions, Sandbox, new_sandbox, peak_mebibytes
from bench.keys import install_adapter
from bench.log_source import ENTRY_POINT
from bench.report import Figure, percentile
from bench.terminal import Terminal

LINES: Final = 100_000
PODS: Final = 200
RATE: Final = 10_000
FEW: Final = 1_000
KEYS: Final = 128
_ROUND: Final = "kkkkkkkkjjjjjjjj"
LETTERS: Final = 12
LONGEST: Final = 10_000_000
_WAIT: Final = 0.5
"""Seconds within which a key is answered: more is reported as so many."""
_CURSOR: Final = "▸"


def measure(_options: BenchOptions) -> list[Figure]:
    """Return the figures of a log: keys at p50 and p99, a letter, memory."""
    with new_sandbox() as sandbox, ExitStack() as stack:
        install_adapter(sandbox, ENTRY_POINT)
        quiet = stack.enter_context(_log(sandbox, "quiet", lines=FEW, pods=4))
        busy = stack.enter_context(
            _log(sandbox, "busy", lines=LINES, pods=PODS, rate=RATE, longest=LONGEST)
        )
        for terminal, lines in ((quiet, f"{FEW + 1:,} line"), (busy, "older dropped")):
            terminal.until(lambda shown: "Builds 1" in shown, "the row")
            terminal.press("1L")
            terminal.until(lambda shown, lines=lines: lines in shown, "the log")  # type: ignore[misc]
        keys = [_keys(terminal) for terminal in (quiet, busy)]
        letters = [[_letter(terminal, at) for at in range(LETTERS)] for terminal in (quiet, busy)]
        peak, before = peak_mebibytes(busy.pid), peak_mebibytes(quiet.pid)
    what, few = f"log, {LINES:,} lines, {PODS} pods, {RATE:,}/s:", f"at {FEW:,} lines, none new:"
    figures = [
        Figure(
            f"{what} key → paint, p{share:.0%}".replace("%", ""),
            percentile(keys[1], share) * 1_000,
            "ms",
            percentile(keys[0], share) * 1_000,
            few,
            limit=33,
        )
        for share in (0.5, 0.99)
    ]
    letter = (percentile(one, 0.5) * 1_000 for one in reversed(letters))
    figures.append(
        Figure(f"{what} letter → paint, p50", next(letter), "ms", next(letter), few, limit=33)
    )
    return [*figures, Figure(f"{what} peak memory", peak, "MiB", before, few, limit=350)]


def _keys(terminal: Terminal) -> list[float]:
    """Return the seconds for each of some keys, pressed near the end of the log.

    Each few begin there anew: where lines are dropped all the time, a cursor that stays with its
    line comes to the first one after a while, and goes no further.
    """
    seconds = list[float]()
    for _ in range(KEYS // len(_ROUND)):
        terminal.press("G")
        terminal.watch(0.2)
        terminal.press("k" * 15)
        terminal.watch(0.3)
        seconds += [_moved(terminal, key) for key in _ROUND]
    return seconds


def _moved(terminal: Terminal, key: str) -> float:
    """Press *key*; return the seconds until the cursor is on another line."""
    terminal.watch(0.04)
    before = _under_cursor(terminal.screen())
    at = terminal.press(key)
    return _until(terminal, at, lambda shown: _under_cursor(shown) not in {before, ""})


def _letter(terminal: Terminal, number: int) -> float:
    """Type a letter of a filter; return the seconds until it is applied to what is seen."""
    letter = str(number % 10)
    terminal.press("/")
    terminal.watch(0.2)
    terminal.screen()
    at = terminal.press(letter)
    seconds = _until(terminal, at, lambda shown: f"filter {letter}" in shown)
    terminal.press("\x1b")
    terminal.watch(0.3)
    return seconds


def _until(terminal: Terminal, at: float, true: Callable[[str], bool]) -> float:
    """Return the seconds from *at* until what is shown is as it should be, or the longest wait."""
    found = terminal.first(true, _WAIT)
    return _WAIT if found is None else found - at


def _under_cursor(shown: str) -> str:
    return next((line for line in shown.splitlines() if line.startswith(_CURSOR)), "")


def _log(sandbox: Sandbox, name: str, **settings: int) -> Terminal:
    config = sandbox.home / f"{name}.toml"
    values = "".join(f"{key} = {value}\n" for key, value in settings.items())
    config.write_text(f'[sources.{name}]\nadapter = "logs"\n{values}', encoding="utf-8")
    return Terminal(sandbox.command("--config", str(config)), sandbox.env)
