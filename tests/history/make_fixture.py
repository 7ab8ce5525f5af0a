"""Writes the fixture of the present schema: ``python -m tests.history.make_fixture``.

To be run once, when a schema is new; the files of earlier ones are kept as they are.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from opsboard.board.alert_acks import AckChange
from opsboard.history.forgetting import compact
from opsboard.history.ledger import Ledger
from opsboard.history.model import Gap, GapReason
from opsboard.history.schema import SCHEMA
from opsboard.records import AlertState
from tests.history.samples import ALICE, NOON, at, deployment, new


def main() -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder))
        source = ledger.source(ALICE, "prod", "Kubernetes", NOON, "login-hash")
        ledger.append(
            [
                new(source, 1, deployment("1"), baseline=True),
                new(source, 5, deployment("2"), actor="carol", act="plan-7", earliest=4),
                new(source, 9, None),
            ]
        )
        ledger.set_watch(source, "all", at(1))
        ledger.set_watch(source, "all", at(10))
        ledger.add_gap(
            source, "all", Gap("prod", "all", at(6), at(7), GapReason.SOURCE_DOWN, "503")
        )
        said = AckChange(
            deployment().ref, at(8), AlertState.ACKNOWLEDGED, None, "dana", "known bug"
        )
        ledger.add_ack(source, said)
        compact(ledger)
        ledger.close()
        place = Path(__file__).parents[1] / "fixtures" / "history"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(ledger.file, place / f"schema-{SCHEMA}.db")


if __name__ == "__main__":
    main()
