"""A declaration that is wrong says which kind, what is wrong and how to fix it."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.kinds import (
    NAME,
    STATUS,
    Cell,
    Column,
    KindError,
    RecordKind,
    age_column,
    number_column,
    text_column,
)
from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.registry import KINDS, OWN, KindRegistry
from opsboard.kinds.soundness import check_declaration, check_pane
from opsboard.records import Build, Frozen, Kind, Record, Ref, Status, Text, UtcDatetime, frozen
from opsboard.records.codec import from_json, from_plain, to_json, to_plain

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


class Phase(StrEnum):
    FULL = "full"
    PART = "part"


class Chunk(NamedTuple):
    name: Text
    size: int


@frozen
class Target(Frozen):
    host: Text
    port: int = 22


@frozen
class Backup(Record):
    kind: Kind = Kind("backup")
    database: Text
    phase: Phase = Phase.FULL
    size: int | None = None
    ratio: float = 0.0
    whole: bool = True
    mode: Literal["hot", "cold"] = "hot"
    chunks: tuple[Chunk, ...] = ()
    target: Target | None = None
    about: Ref | None = None
    taken_at: UtcDatetime | None = None


def _backup(**more: Any) -> Backup:
    return Backup(**{"source": "s", "id": "1", "name": "n", "database": "d", **more})


def _kind(**more: Any) -> RecordKind:
    return RecordKind(Kind("backup"), Backup, **{"title": "Backups", **more})


@frozen
class Unnamed(Record):
    size: int = 0


@frozen
class Loose(Record):
    kind: Kind = Kind("loose")
    text: str = ""


@frozen
class Mapped(Record):
    kind: Kind = Kind("mapped")
    labels: dict[str, str]


@frozen
class Nested(Record):
    kind: Kind = Kind("nested")
    parts: tuple[tuple[str, ...], ...] = ()


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a name": (lambda: RecordKind(Kind("My Kind"), Backup, title="x"), "words of a-z"),
    "no class": (lambda: RecordKind(Kind("backup"), dict, title="x"), "subclass of"),  # type: ignore[arg-type]
    "no kind in the class": (lambda: RecordKind(Kind("x"), Unnamed, title="x"), "sets no kind"),
    "another kind": (lambda: RecordKind(Kind("x"), Backup, title="x"), "is 'backup'; write"),
    "text that is not cleaned": (lambda: RecordKind(Kind("loose"), Loose, title="x"), "use Text"),
    "a mapping": (lambda: RecordKind(Kind("mapped"), Mapped, title="x"), "'labels' has a type"),
    "text in tuples": (lambda: RecordKind(Kind("nested"), Nested, title="x"), "'parts' has a type"),
    "a column of no field": (
        lambda: _kind(columns=(STATUS, text_column("nope", "nope", 5))),
        "'nope', which Backup does not have; there are kind, source",
    ),
    "two columns": (lambda: _kind(columns=(STATUS, NAME, NAME)), "two columns have the id 'name'"),
    "an order": (
        lambda: _kind(columns=(STATUS, NAME), order="age"),
        "ordered by 'age', which is no",
    ),
    "a search": (lambda: _kind(search=("size",)), "no text field of Backup"),
    "a pane": (lambda: _kind(pane="My Pane"), "its pane 'My Pane' must be"),
}


@pytest.mark.parametrize(("declare", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_it_is_said(declare: Callable[[], object], said: str) -> None:
    with pytest.raises(KindError, match=r"the kind '.*'") as caught:
        declare()
    assert said in str(caught.value)


def test_a_name_is_had_once_and_so_is_a_word_for_a_table() -> None:
    registry = KindRegistry()
    registry.add([_kind()], "first")
    with pytest.raises(KindError, match="declared by first already"):
        registry.add([_kind()], "second")
    registry.add([_kind(title="Dumps")], "first")
    assert registry.pane("dumps") is not None, "the same adapter may declare it again"
    for words in ({"pane": "pods"}, {"aliases": ("po",)}, {"pane": "deploy"}):
        with pytest.raises(KindError, match="opens the pane of the kind"):
            KindRegistry().add([_kind(**words)], "first")


def test_the_board_s_own_cannot_be_taken() -> None:
    mine = RecordKind(Kind.BUILD, Build, title="Mine", pane="mine")
    with pytest.raises(KindError, match="'build' is declared by opsboard already"):
        KindRegistry().add([mine], "thief")
    with pytest.raises(KindError, match="neither a RecordKind nor a Kind"):
        KindRegistry().add(["backup"], "odd")  # type: ignore[list-item]


def test_nothing_is_added_where_one_is_wrong() -> None:
    registry = KindRegistry()
    with pytest.raises(KindError):
        registry.add([_kind(), RecordKind(Kind.BUILD, Build, title="Mine", pane="mine")], "thief")
    assert registry.get(Kind("backup")) is None


def test_there_is_one_object_for_each_name() -> None:
    assert Kind("backup") is Kind("backup")
    assert Kind("build") is Kind.BUILD
    assert {kind.name for kind in OWN} == {kind.name for kind in KINDS if not kind.origin}


def test_columns_are_made_of_the_fields() -> None:
    pane = _kind().pane
    assert pane is not None
    shown = {
        column.id: column.show(_backup(taken_at=NOW, ratio=0.5), NOW).text
        for column in pane.columns
    }
    assert shown["database"] == "d"
    assert (shown["size"], shown["ratio"], shown["phase"]) == ("", "0.5", "full")
    assert "taken_at" in shown


TEXTS = st.text(max_size=30)
BACKUPS = st.builds(
    lambda texts, numbers, at: _backup(
        name=texts[0], database=texts[1], message=texts[2], size=numbers[0], ratio=numbers[1],
        chunks=((texts[0], 1), (texts[1], 2)), target={"host": texts[2]},
        about=("s", "backup", texts[0]), taken_at=at,
    ),
    st.tuples(TEXTS, TEXTS, TEXTS),
    st.tuples(st.none() | st.integers(), st.floats(allow_nan=False)),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip


@given(BACKUPS)
def test_any_record_comes_back_from_disk_and_from_json(record: Backup) -> None:
    KINDS.add([_kind()], "test_declaration")
    try:
        assert from_plain(record.kind, to_plain(record)) == record
        if record.ratio == record.ratio and abs(record.ratio) != float("inf"):
            assert from_json(to_json(record)) == record
    finally:
        KINDS.drop("test_declaration")


@given(BACKUPS, BACKUPS)
def test_any_two_records_can_be_shown_and_sorted(one: Backup, other: Backup) -> None:
    registry = KindRegistry()
    registry.add([_kind()], "test")
    pane = registry.pane("backups")
    assert pane is not None
    for column in pane.columns:
        sorted([column.key(one), column.key(other)])
        assert "\x1b" not in column.show(one, NOW).text


def test_functions_of_a_third_party_that_raise_stand_for_nothing() -> None:
    registry = KindRegistry()

    def raises(*_: object) -> Any:
        raise RuntimeError("a third party's column")

    odd = Column("odd", "odd", raises, raises, 5)
    dirty = Column("dirty", "dirty", lambda _r, _n: Cell("\x1b[2Jx"), lambda r: [r.name, 1], 5)
    mixed = Column("mixed", "mixed", lambda _r, _n: Cell(""), lambda r: r.size or "none", 5)
    kind = _kind(columns=(STATUS, odd, dirty, mixed), qualified_name=raises, unique_in=raises)
    registry.add([kind], "odd")
    found = registry.get(Kind("backup"))
    assert found is not None
    assert found.pane is not None
    columns = {column.id: column for column in found.pane.columns}
    records = [_backup(size=3), _backup(size=None, name="m")]
    assert columns["odd"].show(records[0], NOW).text == ""
    assert columns["dirty"].show(records[0], NOW).text == "x"
    for column in columns.values():
        sorted(map(column.key, records))
    assert found.qualified_name(records[0]) == "n"
    assert found.unique_in(records[0]) == "s"


def test_numbers_that_have_no_order_are_the_least() -> None:
    key = number_column("ratio", "ratio", 5).key
    assert sorted([key(_backup(ratio=1.0)), key(_backup(ratio=float("nan")))])[1] == 1.0
    assert number_column("size", "size", 5).key(_backup()) == float("-inf")
    assert age_column("taken_at").show(_backup(), NOW).text == ""


def test_a_kind_without_a_table_has_none() -> None:
    assert _kind(pane=None).pane is None
    assert _backup(status=Status.FAILED).status is Status.FAILED


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: str(kind.name))
def test_the_boards_own_kinds_are_sound_though_no_start_checks_them(kind: RecordKind) -> None:
    assert isinstance(kind, BoardKind)
    check_declaration(kind)
    if kind.pane is not None:
        check_pane(kind, kind.pane)
