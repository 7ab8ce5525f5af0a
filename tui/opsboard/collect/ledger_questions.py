"""Questions to the ledger: answered in a thread, or by a process of its own, which ends.

A year of deployments is some hundred thousand transitions. Read in the process of the board, all of
them would stop its keys for as long as Python holds its lock, and the memory that they take would
never be given back.

Both processes are of one program and one user, and talk through pipes of their own, so what they
say is pickled.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from opsboard.adapter import SourceError, Unsupported
from opsboard.adapter.programs import exit_text
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system.background import run_in_thread

if TYPE_CHECKING:
    from opsboard.history.reader import LedgerReader

T = TypeVar("T")
Question = Callable[["LedgerReader"], T]

TIMEOUT: Final = 300.0
"""Seconds that a process may read."""
MOST: Final = 512_000_000
"""Bytes of its answer."""
_DOCTOR: Final = "`opsboard doctor` looks into it"
_HINT: Final = "`opsboard watch --record` records without a screen"


@frozen_unchecked
class RecordedLogins(Frozen):
    """What was recorded in the folder *state* under the logins *keys*, by the sources' names."""

    state: Path
    keys: Mapping[str, str]

    async def ask(self, question: Question[T]) -> T:
        """Answer *question* in a thread. Raises :exc:`SourceError` where there is no history."""
        return await asyncio.wrap_future(run_in_thread(lambda: self.answer(question)))

    async def ask_apart(self, question: Question[T]) -> T:
        """Answer *question*, which can be pickled, in a process of its own.

        Raises :exc:`SourceError` where there is no history, or no answer. The process is killed
        when nobody waits for it any more.
        """
        from opsboard.system.non_interactive import (  # noqa: PLC0415 - behind the first frame
            NonInteractiveError,
            run_non_interactive,
        )

        words = (sys.executable, "-P", "-m", __name__)
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        asked = pickle.dumps((self, question))
        try:
            ran = await run_non_interactive(words, env, seconds=TIMEOUT, stdin=asked, most=MOST)
        except NonInteractiveError as error:
            raise SourceError(f"the history could not be read: {error}", _DOCTOR) from None
        if ran.exit_code:
            raise SourceError(f"what reads the history: {exit_text(ran.exit_code)}", _DOCTOR)
        answer, problem = pickle.loads(ran.output)  # noqa: S301 - of our own process
        if problem is not None:
            raise problem
        return cast("T", answer)

    def answer(self, question: Question[T]) -> T:
        """Answer *question* here and now. Raises :exc:`SourceError`."""
        from opsboard.history.ledger_file import FILE_NAME, LedgerError  # noqa: PLC0415 - SQLite
        from opsboard.history.logins import recorded_sources  # noqa: PLC0415
        from opsboard.history.reader import LedgerReader  # noqa: PLC0415

        file = self.state / FILE_NAME
        try:
            sources = recorded_sources(file, self.keys)
        except LedgerError as error:
            raise SourceError(str(error), _DOCTOR) from None
        if not sources:
            whose = " for these logins" if file.exists() else ""
            raise Unsupported(f"no history is recorded{whose} yet", _HINT)
        reader = LedgerReader(file, sources)
        try:
            answer = question(reader)
        finally:
            reader.close()
        if reader.problem:
            raise SourceError(reader.problem, _DOCTOR)
        return answer


def main() -> None:
    """Answer the question of the standard input on the standard output."""
    logins, question = pickle.load(sys.stdin.buffer)  # noqa: S301 - of the board that started it
    told: tuple[Any, SourceError | None]
    try:
        told = logins.answer(question), None
    except SourceError as error:
        told = None, error
    pickle.dump(told, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
