"""Why the ledger cannot be read: told in words, whatever its file or a row of it is like.

SQLite keeps any value in any column, and checks none: a row that was damaged on the disk comes as
it is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opsboard.board.database import cause_of, shortened
from opsboard.history.schema import NewerSchemaError


class ExplainedReads:
    """Reads *file*; :attr:`problem` says why it could not, or not in whole."""

    def __init__(self, file: Path) -> None:
        self.problem = ""
        self._file = file

    def close(self) -> None:
        """Close the file."""

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Go on behind the block where the file, or a row of it, cannot be read."""
        try:
            yield
        except (sqlite3.Error, OSError, NewerSchemaError) as error:
            self._give_up(cause_of(error))
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            self._give_up(f"a row of it is damaged: {shortened(error)}")

    def _give_up(self, why: str) -> None:
        self.close()
        self.problem = f"the history cannot be read in {self._file}: {why}"
