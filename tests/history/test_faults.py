"""What may befall the file: it is told, it is survived, and what could not be kept is a gap."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from opsboard.board.alert_acks import AckChange
from opsboard.history.connection import open_for_writing
from opsboard.history.ledger import Ledger
from opsboard.history.ledger_file import FILE_NAME, LedgerError
from opsboard.history.logins import recorded_sources
from opsboard.history.model import GapReason
from opsboard.history.schema import MIGRATIONS, SCHEMA, TABLES, version_of
from opsboard.records import AlertState, Kind
from tests.history.recording import Recording, SetClocks, values
from tests.history.samples import ALICE, NOON, at, deployment, new

FIXTURES = Path(__file__).parents[1] / "fixtures" / "history"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Recording]:
    made = Recording(tmp_path, SetClocks())
    yield made
    made.close()


def test_a_damaged_file_is_moved_away_and_begun_again(made: Recording, tmp_path: Path) -> None:
    made.lists(deployment("1"))
    made.recorder.ledger.close()
    (tmp_path / FILE_NAME).write_bytes(b"this is no database, and never was" * 300)
    for rest in tmp_path.glob(f"{FILE_NAME}-*"):
        rest.unlink()
    made.lists(deployment("2"), seconds=5)
    assert "damaged" in made.recorder.problem
    made.lists(deployment("2"), seconds=5)
    made.lists(deployment("3"), seconds=5)
    assert (tmp_path / f"{FILE_NAME}.damaged").exists()
    assert values(made.transitions(baselines=True))[-1] == ("2", "3")
    assert "moved to" in made.recorder.problem, "it is said as long as this session lasts"


@pytest.mark.parametrize("value", [2**62, "\x1b]0;pwned\x07[bold]", b"\xff\xfe\x1b[31m", 3.5])
@pytest.mark.parametrize(
    "column",
    [
        "transition.at", "transition.seen", "transition.earliest", "transition.flags",
        "transition.who", "layout.fields", "scope.confirmed", "gap.reason", "writer.at",
    ],
)  # fmt: skip
def test_a_damaged_row_is_told_in_words_that_are_clean(
    made: Recording, tmp_path: Path, column: str, value: object
) -> None:
    made.lists(deployment("1"))
    made.lists(deployment("2"), seconds=5)
    made.ends()
    table, name = column.split(".")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        new = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
        database.execute(f"UPDATE {table} SET {name} = {new}", (value,))  # noqa: S608
        database.commit()
    reader = Ledger(tmp_path).reader({"prod": ALICE})
    reads: list[Callable[[], object]] = [
        lambda: reader.at(at(60)),
        lambda: reader.transitions(NOON, at(600), baselines=True),
        lambda: reader.neighbours(at(3)),
        lambda: reader.acks(at(600)),
        reader.gaps,
    ]
    for read in reads:
        read()
        assert reader.problem.isprintable()
        assert "pwned" not in reader.problem or "\\x1b" in reader.problem
        assert len(reader.problem) < 1_000


@pytest.mark.parametrize("value", [2**62, "\x1b]0;pwned\x07[bold]", b"\xff", "12", -(2**62)])
@pytest.mark.parametrize("column", ["at", "seen", "earliest", "flags", "who"])
def test_one_damaged_row_takes_no_other_record_with_it(
    made: Recording, tmp_path: Path, column: str, value: object
) -> None:
    """Whatever is asked of the states that are returned has an answer."""
    for revision in ("1", "2"):
        made.lists(deployment(revision), deployment(revision, name="other"), seconds=5)
    made.ends()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        chosen = "SELECT max(seq) FROM transition"
        database.execute(f"UPDATE transition SET {column} = ? WHERE seq = ({chosen})", (value,))  # noqa: S608
        database.commit()
    states = []
    for seconds in (7, 12, 60):
        reader = Ledger(tmp_path).reader({"prod": ALICE})
        for as_seen in (False, True):
            states.append(reader.at(at(seconds), as_seen=as_seen))
            states.append(reader.at(at(seconds + 1), like=states[-1]))
            assert reader.problem.isprintable()
    assert all(1 <= len(state.entities) <= 2 for state in states)
    for one in (entity for state in states for entity in state.entities):
        told = (one.record, one.next_record, one.since, one.earliest, one.until, one.change)
        assert [*told, one.seen_at, one.baseline, one.backfilled, one.rule]


def test_a_file_of_a_later_program_is_left_alone(made: Recording, tmp_path: Path) -> None:
    made.lists(deployment("1"))
    made.ends()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    before = (tmp_path / FILE_NAME).read_bytes()
    later = Recording(tmp_path, made.clocks)
    later.lists(deployment("2"))
    assert "of a later opsboard" in later.recorder.problem
    assert (tmp_path / FILE_NAME).read_bytes() == before
    reader = Ledger(tmp_path).reader({"prod": ALICE})
    assert reader.at(NOON).entities == ()
    assert "of a later opsboard" in reader.problem
    reader.close()
    later.close()


def test_a_full_disk_is_told_and_what_was_not_kept_is_a_gap(made: Recording) -> None:
    made.lists(deployment("1"))
    ledger = made.recorder.ledger
    with ledger.reading() as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite calls a full disk
    made.lists(deployment("2"), *(deployment("1", name=f"app{n}") for n in range(300)))
    assert "full" in made.recorder.problem
    made.lists(deployment("3"), *(deployment("1", name=f"app{n}") for n in range(300)), seconds=5)
    assert values(one for one in made.transitions() if one.ref == deployment().ref)[-1][1] == "3"
    assert not made.recorder.problem


def test_more_than_waits_for_a_disk_becomes_a_gap(
    made: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opsboard.collect.history_recorder.MAX_UNWRITTEN", 3)
    made.lists(deployment("1"))
    with closing(sqlite3.connect(made.recorder.ledger.file)) as other:
        other.execute("BEGIN EXCLUSIVE")  # another program that writes for too long
        made.lists(*(deployment("2", name=f"app{n}") for n in range(9)), seconds=5)
        assert "locked" in made.recorder.problem
        other.rollback()
    made.lists(deployment("3"), seconds=5)
    assert not made.recorder.problem
    (gap,) = made.gaps()
    assert (gap.reason, "locked" in gap.note) == (GapReason.NOT_WRITTEN, True)
    (changed,) = made.transitions()
    assert (values([changed]), changed.earliest) == ([("1", "3")], gap.since)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    place = tmp_path / "state"
    place.write_text("a file, where a folder has to be")
    made = Recording(place, SetClocks())
    made.lists(deployment("1"))
    assert str(place) in made.recorder.problem
    with pytest.raises(LedgerError):
        made.recorder.ledger.source(ALICE, "prod", "Kubernetes", NOON)
    made.close()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("precious")
    (tmp_path / FILE_NAME).symlink_to(target)
    made = Recording(tmp_path, SetClocks())
    made.lists(deployment("1"))
    assert "symbolic link" in made.recorder.problem
    assert target.read_text() == "precious"
    made.close()


@pytest.mark.parametrize(
    ("type_", "mode"), [("ext4", "wal"), ("nfs4", "delete"), ("fuse.x", "delete")]
)
def test_a_network_file_system_gets_no_write_ahead_log(
    tmp_path: Path, type_: str, mode: str
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"36 35 98:0 / / rw,noatime - {type_} somewhere rw\n")
    file = tmp_path / FILE_NAME
    file.touch()
    with closing(open_for_writing(file, mounts)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone()[0] == mode


@pytest.mark.parametrize("schema", range(1, SCHEMA + 1))
def test_the_ledger_of_an_earlier_program_is_read_and_gone_on_with(
    tmp_path: Path, schema: int
) -> None:
    shutil.copy(FIXTURES / f"schema-{schema}.db", tmp_path / FILE_NAME)
    reader = Ledger(tmp_path).reader({"prod": ALICE})
    assert values(reader.transitions(at(-1), at(60), baselines=True)) == [
        (None, "1"), ("1", "2"), ("2", None),
    ]  # fmt: skip
    assert [gap.reason for gap in reader.gaps() if gap.since and gap.until] == [
        GapReason.SOURCE_DOWN
    ]
    assert reader.at(at(2)).records(Kind.DEPLOYMENT) == [deployment("1")]
    ledger = Ledger(tmp_path)
    number = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append([new(number, 30, deployment("3"))])
    assert values(reader.transitions(at(20), at(60))) == [(None, "3")]
    said = [one.actor for one in reader.acks(at(60))]
    assert said == (["dana"] if schema >= 2 else []), "of what was before, nothing is made up"
    ledger.add_ack(number, AckChange(deployment().ref, at(31), AlertState.ACKNOWLEDGED, actor="k"))
    assert [one.actor for one in reader.acks(at(60))] == [*said, "k"]
    assert not reader.problem
    with ledger.reading() as database:
        assert version_of(database) == SCHEMA
    ledger.close()
    reader.close()


def test_each_earlier_schema_has_a_migration_and_a_migrated_file_is_like_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA))
    file = tmp_path / FILE_NAME
    file.touch()
    open_for_writing(file).close()
    step = {SCHEMA: ("ALTER TABLE source ADD COLUMN note TEXT NOT NULL DEFAULT ''",)}
    monkeypatch.setattr("opsboard.history.schema.SCHEMA", SCHEMA + 1)
    monkeypatch.setattr("opsboard.history.schema.MIGRATIONS", {**MIGRATIONS, **step})
    with closing(open_for_writing(file)) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == SCHEMA + 1
        columns = [row[1] for row in database.execute("PRAGMA table_info(source)")]
        assert columns[-1] == "note"
    broken = {SCHEMA + 1: ("ALTER TABLE source ADD COLUMN more TEXT", "NO SUCH STATEMENT")}
    monkeypatch.setattr("opsboard.history.schema.SCHEMA", SCHEMA + 2)
    monkeypatch.setattr("opsboard.history.schema.MIGRATIONS", {**MIGRATIONS, **step, **broken})
    with pytest.raises(sqlite3.Error):
        open_for_writing(file)
    with closing(sqlite3.connect(file)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(source)")]
        assert columns[-1] == "note", "a migration that fails leaves the file as it was"
    assert TABLES


def _fifo(file: Path) -> None:
    os.mkfifo(file)


def _link(file: Path) -> None:
    file.symlink_to(file.with_name("elsewhere"))


def _garbage(file: Path) -> None:
    file.write_bytes(b"this is no database, and never was" * 300)


@pytest.mark.parametrize(
    ("put", "said"),
    [
        (_fifo, "a FIFO"),
        (_link, "a symbolic link"),
        (Path.mkdir, "a folder"),
        (_garbage, "not a database"),
    ],
)
def test_what_cannot_be_read_is_told_and_never_taken_for_no_history(
    tmp_path: Path, put: Callable[[Path], None], said: str
) -> None:
    file = tmp_path / FILE_NAME
    put(file)
    with pytest.raises(LedgerError, match=said):
        recorded_sources(file, {"prod": "login-hash"})
    if put is not _link:  # one that leads nowhere is as good as none for who knows the source
        reader = Ledger(tmp_path).reader({"prod": ALICE})
        assert reader.at(NOON).entities == ()
        assert said in reader.problem
        reader.close()


def test_a_file_that_is_moved_away_is_begun_again_and_not_written_without_a_name(
    made: Recording, tmp_path: Path
) -> None:
    made.lists(deployment("1"))
    for file in list(tmp_path.glob(f"{FILE_NAME}*")):
        file.rename(file.with_name(f"away-{file.name}"))
    made.lists(deployment("2"))
    assert "moved it away" in made.recorder.problem
    made.lists(deployment("3"), seconds=5)
    made.lists(deployment("4"), seconds=5)
    assert not made.recorder.problem
    assert values(made.transitions())[-1] == ("3", "4")


def test_a_program_with_a_damaged_file_leaves_the_new_one_of_another_alone(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path), Ledger(tmp_path)
    one.source(ALICE, "prod", "Kubernetes", NOON)
    (tmp_path / FILE_NAME).rename(tmp_path / f"{FILE_NAME}.damaged")
    other.source(ALICE, "prod", "Kubernetes", NOON)
    with pytest.raises(LedgerError), one.reading():
        raise sqlite3.DatabaseError("database disk image is malformed")
    with other.reading() as database:
        assert database.execute("SELECT count(*) FROM source").fetchone() == (1,)
    assert not one.notice
    one.close()
    other.close()
