"""A seeded random walk of a board and its world, with injected faults.

Each step changes the world, switches faults on or off, lets time pass, acts, or asks for what a
person may ask for. Checked all the time: no error of the program is logged, no secret is in any
text, the board does not contradict itself, and a target without faults is never stale, whatever
happens to the others. From time to time all faults end; then the board has to equal the world.

    python -m tests.fault_injection.random_walk --seed 7 --steps 3000

prints a summary as JSON. The first violation ends the walk, and is printed with the steps before
it.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.harness import peak_mebibytes

from opsboard.adapter import SourceError
from opsboard.records import Kind
from tests.fault_injection.fault import Applies, Fault
from tests.fault_injection.fault_server import FAULTS, TARGETS, UNSPOILT
from tests.fault_injection.server_control import ServerControl, fault_server
from tests.fault_injection.stage import ALL_SOURCES, SECRETS_AS_SENT
from tests.fault_injection.staleness_check import HANG, StalenessCheck
from tests.fault_injection.walked_acts import WalkedActs
from tests.fault_injection.walked_board import (
    ErrorCatcher,
    LoopMeter,
    WalkedBoard,
    wait_until,
    walked_board,
)
from tests.fault_injection.world_equality import differences, inconsistencies

STEPS_TO_EQUALITY: Final = 120
"""Steps after which all faults end, so that board and world can be compared."""
STRIDE: Final = 4.0
"""Seconds that pass at once: the clocks do not differ by more meanwhile than clocks may."""
SOON: Final = 1.0
"""Seconds of real time in which two boards that asked for the same come to show the same."""
ROUND: Final = 60.0
LONGEST_ROUND: Final = 16 * 60.0
"""Seconds after which everything has been asked for once more: facts about commits come last."""
LONGEST_REST: Final = 3_700.0
"""Seconds after which a source is asked again, whatever a server said of when."""


class Breach(Exception):
    """A condition that must hold is violated."""


class RandomWalk:
    """Walks *board* through the world behind *control*; *reference* never sees a fault."""

    def __init__(
        self,
        seed: int,
        control: ServerControl,
        board: WalkedBoard,
        reference: WalkedBoard,
        faults: Mapping[str, Fault] = FAULTS,
    ) -> None:
        self.seed = seed
        self.random = Random(f"{seed}/0")
        self.faults = faults
        self.control = control
        self.board = board
        self.reference = reference
        self.acts = WalkedActs(board, control, self._within)
        self.errors = ErrorCatcher()
        self.faulty: set[str] = set()
        self.lateness = StalenessCheck(control, board, self._pass)
        self.past: deque[str] = deque(maxlen=40)
        self.done = 0
        self.counts: dict[str, int] = {}
        self.recoveries: list[float] = []
        """Seconds after which all was well, each time that all faults ended."""
        self._moves: dict[Callable[[], str], int] = {
            self._change_world: 30,
            self._let_pass: 25,
            self._spoil: 14,
            self._relent: 10,
            self._ask: 8,
            self._act: 5,
            self._check_lateness: 8,
        }

    # --- steps -----------------------------------------------------------------------------------

    def step(self) -> None:
        """Make one step, and check what must always hold."""
        self.done += 1
        self.random = Random(f"{self.seed}/{self.done}")  # whatever the steps before have drawn
        (move,) = self.random.choices(list(self._moves), weights=list(self._moves.values()))
        name = move.__name__.strip("_")
        self.counts[name] = self.counts.get(name, 0) + 1
        self.past.append(f"{self.done} {name}: {move()}")
        self.board.take_in()
        self._check()
        if self.done % STEPS_TO_EQUALITY == 0:
            self.check_equality()

    def _change_world(self) -> str:
        return str(self.control.change())

    def _let_pass(self) -> str:
        seconds = self.random.choice((0.3, 1.0, 2.0, 5.0, 5.0, 15.0, 60.0))
        self._pass(seconds)
        return f"{seconds} s"

    def _pass(self, seconds: float) -> None:
        """Let *seconds* pass for all, in strides that leave nobody behind."""
        while seconds > 0:
            stride = min(seconds, STRIDE)
            self._move(stride)
            self._settle(self._well())
            seconds -= stride

    def _move(self, seconds: float) -> None:
        """Move all clocks alike."""
        self.control.advance(seconds)
        self.board.advance(seconds)
        self.reference.advance(seconds)

    def _well(self) -> list[str]:
        return [target for target in TARGETS if target not in self.faulty]

    def _settle(self, targets: list[str]) -> None:
        """Wait until the board asks *targets* for nothing more, for now."""
        quiet = 0

        def settled() -> bool:
            nonlocal quiet
            self.board.advance(0)
            quiet = 0 if self.control.busy(targets) else quiet + 1
            return quiet > 1

        if not wait_until(settled, HANG):
            raise Breach(f"requests to {targets} do not end, though all is well there")

    def _spoil(self) -> str:
        target = self.random.choice(list(TARGETS))
        fitting = [
            name
            for name, fault in self.faults.items()
            if target.endswith("-eu") or fault.applies is not Applies.WATCH
        ]
        names = self.random.sample(fitting, self.random.choice((1, 2, 4, 8, 16)))
        share = self.random.choice((0.2, 0.5, 1.0, 1.0))
        self.faulty.add(target)
        self.control.inject(target, names, share)
        return f"{target}: {', '.join(names)} in {share:.0%}"

    def _relent(self) -> str:
        if not self.faulty:
            return "all is well"
        target = self.random.choice(sorted(self.faulty))
        self._end_faults(target)
        return target

    def _end_faults(self, target: str) -> None:
        self.faulty.discard(target)
        self.control.clear_faults(target)
        self.lateness.well_since[target] = self.board.clock.now()

    def _ask(self) -> str:
        """Ask what a person may ask: refresh, details, raw forms."""
        if self.random.random() < 0.5:
            self.board.engine.refresh(self.random.choice((None, *ALL_SOURCES)))
            return "refresh"
        refs = sorted(self.board.records(Kind.ALERT, Kind.ACTIVITY, Kind.EVENT))
        if not refs:
            return "nothing is shown"
        ref = self.random.choice(refs)
        call = self.random.choice((self.board.engine.detail, self.board.engine.raw))
        try:
            answer = self._within(call(ref))
        except SourceError as error:
            answer = error.message
        self._check_discreet([repr(answer)])
        return f"{call.__name__} {ref}"

    def _within(self, work: Any) -> Any:
        """Return what *work* comes to in the board's engine, while time goes on."""
        name = getattr(work, "__qualname__", "it")
        try:
            return self.board.within(work, HANG, lambda: self._move(1.0))
        except TimeoutError:
            raise Breach(f"{name} does not return") from None

    def _act(self) -> str:
        return self.acts.begin(self.random)

    # --- what must hold --------------------------------------------------------------------------

    def _check(self) -> None:
        if self.errors.caught:
            raise Breach(f"logged as a fault of the program: {self.errors.caught[:3]}")
        for where, said in self.board.troubles().items():
            if "fault of the adapter" in said:
                raise Breach(f"{where} is {said}")
        if found := inconsistencies(self.board):
            raise Breach(f"the board contradicts itself: {found}")
        if found := self.acts.breaches():
            raise Breach(f"acts: {found}")
        if self.done % 20 == 0:
            self._check_discreet(list(self.board.texts()))

    def _check_discreet(self, texts: list[str]) -> None:
        for secret in SECRETS_AS_SENT.values():
            for text in texts:
                if secret in text:
                    at = text.index(secret)
                    raise Breach(f"a secret is shown: {text[max(at - 200, 0) : at + 60]!r}")

    def _check_lateness(self) -> str:
        """Change something in a target that is well: the board must show it in time."""
        if self.acts.under_way:
            return "an act is under way, which may change the same"
        well = [target for target in self._well() if self.lateness.is_seen_well(target)]
        if not well:
            return "nothing is well enough"
        target = self.random.choice(well)
        if found := self.lateness.breach(target):
            raise Breach(found)
        return f"{target} is in time"

    # --- the end of all faults -------------------------------------------------------------------

    def check_equality(self) -> None:
        """End all faults; the board must be well again, and show what the reference shows."""
        for target in TARGETS:
            self._end_faults(target)
        passed = 0.0
        while (troubles := self._troubles()) or self.acts.under_way:
            if passed > 2 * LONGEST_REST:
                raise Breach(f"all is well, and it is not known: {troubles}, {self.acts.under_way}")
            for _ in range(15):
                self._move(STRIDE)
            self.board.refresh()
            self._settle([*TARGETS, UNSPOILT])
            passed += 15 * STRIDE
            self.acts.breaches()
        self._check()
        self.past.append(f"all faults end; well after {passed:.0f} s")
        self.recoveries.append(passed)
        passed = 0.0
        while not wait_until(self._equal, SOON if passed < LONGEST_ROUND else HANG, 0.05):
            if passed >= LONGEST_ROUND:
                found = differences(self.board, self.reference)
                raise Breach(f"the board is not the world: {found}; {self._troubles()}")
            self._pass(ROUND)
            passed += ROUND

    def _troubles(self) -> dict[str, str]:
        """Return what is wrong with either board."""
        mine = {f"reference: {k}": said for k, said in self.reference.troubles().items()}
        return self.board.troubles() | mine

    def _equal(self) -> bool:
        for board in (self.board, self.reference):
            board.refresh()
        self._settle([*TARGETS, UNSPOILT])
        self.reference.take_in()
        return not differences(self.board, self.reference)


def walk(seed: int, steps: int, folder: Path, without: Collection[str] = ()) -> dict[str, Any]:
    """Walk; return what came of it. A breach is under ``breach``."""
    faults = {name: fault for name, fault in FAULTS.items() if name not in without}
    began, meter = time.monotonic(), LoopMeter()
    meter.install()
    told: dict[str, Any] = {"seed": seed}
    with (
        fault_server(seed) as control,
        walked_board(control.url, folder / "board") as board,
        walked_board(control.url, folder / "reference", UNSPOILT) as reference,
    ):
        walker = RandomWalk(seed, control, board, reference, faults)
        walker.errors.install()
        try:
            walker.check_equality()
            while walker.done < steps:
                walker.step()
            walker.check_equality()
        except Breach as breach:
            told |= {"breach": str(breach), "past": list(walker.past)}
        told |= {
            "steps": walker.done,
            "moves": walker.counts,
            "recoveries": walker.recoveries,
            "acts": walker.acts.summary(),
            "injected": control.injected(),
        }
    took = time.monotonic() - began
    slowest = {"seconds": round(meter.longest, 3), "what": meter.what}
    return {
        **told,
        "seconds": round(took, 1),
        "peak_mib": round(peak_mebibytes(os.getpid()), 1),
        "slowest": slowest,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--without", nargs="*", default=(), choices=FAULTS, metavar="FAULT")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = walk(words.seed, words.steps, Path(folder), words.without)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if "breach" in told else 0


if __name__ == "__main__":
    sys.exit(main())
