"""A declaration that is wrong makes a broken source, which says why; the others are whole."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.cli import main
from opsboard.config import registry
from opsboard.kinds import AlertRule, AlertRules, Cell, Column, FailureRule, RecordKind
from opsboard.kinds.guard import guarded
from opsboard.kinds.registry import COMMAND_WORDS, KINDS, qualified_name, uniqueness_scope
from opsboard.records import Kind, Record, Status, frozen
from opsboard.ui.actions.bindings import ACTIONS

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
HEAD = """
from opsboard.adapter import ActionSpec, Adapter, SourceSettings
from dataclasses import dataclass, field

from opsboard.kinds import NAME, STATUS, RecordKind, text_column
from opsboard.records import Build, Kind, Record, Text, UtcDatetime, frozen

@frozen
class Thing(Record):
    kind: Kind = Kind("thing")
    size: int = 0

def a_thing(base=Record, make=frozen, **fields):
    hints = {"kind": Kind} | {name: hint for name, (hint, *_) in fields.items()}
    values = {"kind": Kind("thing")} | {name: told[1] for name, told in fields.items() if told[1:]}
    values |= {"__annotations__": hints, "__module__": __name__}
    return make(type("Thing", (base,), values))

@frozen
class Nested(Record):
    kind: Kind = Kind("thing")
    inner: "Nested | None" = None

class Bad(Adapter[SourceSettings]):
    name, title, settings = "bad", "Bad", SourceSettings
    kinds = ({kinds},)
    {more}

    @classmethod
    def connect(cls, settings, context):
        raise NotImplementedError
"""
DECLARATIONS = {
    "a column of no field": (
        'RecordKind(Kind("thing"), Thing, title="x", columns=(STATUS, text_column("no", "no", 5)))',
        "the kind 'thing': the column 'no' shows the field 'no', which Thing does not have",
    ),
    "a name of the board's": (
        'RecordKind(Kind("build"), Build, title="Mine", pane="mine")',
        "the kind 'build' is declared by opsboard already; choose another name",
    ),
    "a word of the board's": (
        'RecordKind(Kind("thing"), Thing, title="Things", aliases=("po",))',
        "the word 'po' opens the pane of the kind 'pod' already",
    ),
    "a name that is too long": (
        f'RecordKind(Kind("{"a" * 41}"), Thing, title="x")',
        "of 40 characters at most",
    ),
    "a command of the board": (
        'RecordKind(Kind("thing"), Thing, title="Things", aliases=("quit",))',
        "the word 'quit' is a command of the board",
    ),
    "a number of the board": (
        'RecordKind(Kind("thing"), Thing, title="Things", number=1)',
        "`number` is for the board's own tables",
    ),
    "a title with escapes": (
        r'RecordKind(Kind("thing"), Thing, title="\x1b[31mred")',
        "`title` must be one line, without control characters",
    ),
    "a title that is no text": (
        'RecordKind(Kind("thing"), Thing, title=5)',
        "`title` must be a text, not int",
    ),
    "a heartbeat that is no field": (
        'RecordKind(Kind("thing"), Thing, title="Things", heartbeat=("updated_at", "age"))',
        "`heartbeat` names the field 'age', which Thing does not have",
    ),
    "a momentary field that has to be there": (
        'RecordKind(Kind("thing"), Thing, title="Things", momentary=("name",))',
        "`momentary` names 'name', which has no default to be read as",
    ),
    "a heartbeat that is one word": (
        'RecordKind(Kind("thing"), Thing, title="Things", heartbeat="updated_at")',
        "`heartbeat` must name fields",
    ),
    "a date that is no time": (
        'RecordKind(Kind("thing"), Thing, title="Things", dated_by=("size",))',
        "`dated_by` names 'size', which is no time",
    ),
    "a latest date that is no time": (
        'RecordKind(Kind("thing"), Thing, title="Things", dated_until=("size",))',
        "`dated_until` names 'size', which is no time",
    ),
    "an actor that is no field": (
        'RecordKind(Kind("thing"), Thing, title="Things", actor="who")',
        "`actor` names the field 'who'",
    ),
    "an alias that cannot be typed": (
        'RecordKind(Kind("thing"), Thing, title="Things", aliases=("a b",))',
        "its pane 'a b' must be words of a-z and 0-9",
    ),
    "no column": (
        'RecordKind(Kind("thing"), Thing, title="x", columns=("name",))',
        "'name' in `columns` is no Column",
    ),
    "a column of no width": (
        (
            'RecordKind(Kind("thing"), Thing, title="x", '
            'columns=(STATUS, text_column("name", "n", 0)))'
        ),
        "the column 'name': its `width` is 0",
    ),
    "a column with escapes": (
        (
            'RecordKind(Kind("thing"), Thing, title="x", '
            r'columns=(text_column("name", "\x1b[2J", 5),))'
        ),
        "a column: `title` must be one line",
    ),
    "a column that cannot be named": (
        (
            'RecordKind(Kind("thing"), Thing, title="x", '
            'columns=(text_column("name", "n", 5, name="a b:"),))'
        ),
        "the column 'a b:' must have a word",
    ),
    "a field that records have": (
        'RecordKind(Kind("thing"), a_thing(ref=(Text, "")), title="Things")',
        "a field must not be called 'ref'",
    ),
    "a field that is hidden": (
        'RecordKind(Kind("thing"), a_thing(_hidden=(Text, "")), title="Things")',
        "a field must not be called '_hidden'",
    ),
    "a common field of another type": (
        'RecordKind(Kind("thing"), a_thing(id=(int,)), title="Things")',
        "the field 'id' is one of every record, and must keep its type",
    ),
    "a factory": (
        'RecordKind(Kind("thing"), a_thing(x=(int, field(default_factory=int))), title="Things")',
        "the field 'x' has a default_factory",
    ),
    "a default of another type": (
        'RecordKind(Kind("thing"), a_thing(x=(int, "lots")), title="Things")',
        "the default of the field 'x', 'lots', must be a whole number, not str",
    ),
    "a time that is missing": (
        'RecordKind(Kind("thing"), a_thing(x=(UtcDatetime, None)), title="Things")',
        "the default of the field 'x', None, must be a time",
    ),
    "a default with escapes": (
        r'RecordKind(Kind("thing"), a_thing(x=(Text, "\x1b[31mred")), title="Things")',
        "is no clean text or time",
    ),
    "a tuple of several types": (
        'RecordKind(Kind("thing"), a_thing(x=(tuple[int, Text],)), title="Things")',
        "the field 'x' has a type that JSON cannot keep",
    ),
    "a record in itself": (
        'RecordKind(Kind("thing"), Nested, title="Things")',
        "the field 'inner' has a type that JSON cannot keep",
    ),
    "a type that is not there": (
        'RecordKind(Kind("thing"), a_thing(x=("Nowhere",)), title="Things")',
        "has a type that is not there: name 'Nowhere' is not defined",
    ),
    "another decorator": (
        'RecordKind(Kind("thing"), a_thing(make=dataclass), title="Things")',
        "write @frozen above Thing",
    ),
    "alerts of a text": (
        'RecordKind(Kind("thing"), Thing, title="Things", alert="failed")',
        "`alert` must be an object of a subclass of AlertRule",
    ),
    "failures of a class": (
        'RecordKind(Kind("thing"), Thing, title="Things", failures=RecordKind)',
        "`failures` must be an object of a subclass of FailureRule",
    ),
    "no declaration": ('"thing"', "is neither a RecordKind nor a Kind"),
}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return what installs an adapter that declares the kinds of a text."""

    def make(kinds: str, more: str = "") -> None:
        site = tmp_path / "site"
        info = site / "bad_adapter-1.0.dist-info"
        info.mkdir(parents=True)
        text = HEAD.replace("{kinds}", kinds).replace("{more}", more)
        (site / "bad_adapter.py").write_text(text, "utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-adapter\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[opsboard.adapters]\nbad = bad_adapter:Bad\n")
        monkeypatch.syspath_prepend(site)
        _forget_all()

    yield make
    _forget_all()


def _forget_all() -> None:
    registry._entry_points.cache_clear()
    registry.load_adapter.cache_clear()
    KINDS.drop("bad")
    sys.modules.pop("bad_adapter", None)


@pytest.mark.parametrize(("kinds", "said"), DECLARATIONS.values(), ids=DECLARATIONS)
def test_the_adapter_cannot_be_loaded_and_says_why(
    install: Callable[[str], None], kinds: str, said: str
) -> None:
    install(kinds)
    with pytest.raises(registry.RegistryError, match="the adapter 'bad'") as caught:
        registry.load_adapter("bad")
    assert said in str(caught.value)
    assert "bad" not in {kind.origin for kind in KINDS}


SPEC = 'ActionSpec("{}", "Do", "Do it.", {})'
ACTIONS_OF = {
    "one action": ("actions = 5", "`actions` must be several"),
    "a class": ("actions = (Thing,)", "in `actions` is no ActionSpec"),
    "an id with spaces": (
        f"actions = ({SPEC.format('Do it', 'frozenset()')},)",
        "the action 'Do it': its id must be a word",
    ),
    "no kinds": (
        f"actions = ({SPEC.format('do', 'None')},)",
        "the action 'do': its `kinds` must be a frozenset of kinds",
    ),
    "one kind": (f"actions = ({SPEC.format('do', repr('thing'))},)", "must be a frozenset"),
    "the same twice": (
        f"actions = ({SPEC.format('do', 'frozenset()')},) * 2",
        "two of `actions` have the id 'do'",
    ),
    "a title with escapes": (
        r'actions = (ActionSpec("do", "\x1b[31mDo", "Do it.", frozenset()),)',
        "the action 'do': `title` must be one line",
    ),
    "kinds of logs": ("log_kinds = 'thing'", "`log_kinds` must be several"),
    "no settings": ("settings = dict", "`settings` must be a subclass"),
    "no title": ("title = None", "`title` must be a text, not NoneType"),
}


@pytest.mark.parametrize(("more", "said"), ACTIONS_OF.values(), ids=ACTIONS_OF)
def test_what_it_declares_beside_kinds_is_checked_too(
    install: Callable[..., None], more: str, said: str
) -> None:
    install('RecordKind(Kind("thing"), Thing, title="Things")', more)
    with pytest.raises(registry.RegistryError, match="the adapter 'bad'") as caught:
        registry.load_adapter("bad")
    assert said in str(caught.value)
    assert "bad" not in {kind.origin for kind in KINDS}


def test_doctor_names_the_source_and_there_is_no_traceback(
    install: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds, said = DECLARATIONS["a column of no field"]
    install(kinds)
    config = tmp_path / "config.toml"
    config.write_text('[sources.mine]\nadapter = "bad"\n')
    assert main(["doctor", "--config", str(config)]) != 0
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert "did you mean" not in told.out + told.err
    assert "fix the adapter, then start again" in told.out
    assert "Traceback" not in told.out + told.err


@frozen
class Thing(Record):
    kind: Kind = Kind("thing")


class RaisingAlerts(AlertRule[Thing]):
    """Raises whatever it is asked."""

    def is_failing(self, record: Thing) -> bool:
        raise RuntimeError("a third party's rule")

    def has_recovered(self, record: Thing) -> bool:
        raise RuntimeError("a third party's rule")


class RaisingFailures(FailureRule[Thing]):
    """Raises, too."""

    def fails(self, record: Thing) -> bool:
        raise RuntimeError("a third party's rule")


def test_a_rule_that_raises_takes_nothing_from_the_board() -> None:
    rules = {"alert": RaisingAlerts(), "failures": RaisingFailures()}
    kind = RecordKind(Kind("thing"), Thing, title="Things", **rules)  # type: ignore[arg-type]
    KINDS.add([kind], "bad")
    try:
        board = Board()
        record = Thing(source="s", id="1", name="n", status=Status.FAILED)
        board.apply([BoardEvent("s", Upsert("all", [record]), NOW)])
        assert board.get(record.ref) == record
        assert not board.records(Kind.ALERT)
        assert board.failures(record) == ()
    finally:
        KINDS.drop("bad")


class Nonsense(AlertRule[Thing]):
    """Answers what nobody can use."""

    def series(self, record: Thing, rules: AlertRules) -> Any:
        return [record.id] if record.id == "list" else record.ref

    def position(self, record: Thing) -> Any:
        return {"1": 5, "2": (1.0, 0, "x")}.get(record.id, object())

    def failure_id(self, record: Thing) -> Any:
        return None if record.id == "1" else "\x1b[31mred"

    def since(self, record: Thing) -> Any:
        return "yesterday" if record.id == "2" else None


class Strange(FailureRule[Thing]):
    """Too."""

    def subject(self, record: Thing) -> Any:
        return "s"

    def versions(self, record: Thing) -> Any:
        yield "1"
        raise RuntimeError("half way")

    def ended_at(self, record: Thing) -> Any:
        return "yesterday"


def test_a_rule_that_answers_nonsense_takes_nothing_from_the_board() -> None:
    rules: Any = {"alert": Nonsense(), "failures": Strange()}
    nowhere: Any = {"qualified_name": lambda _: 5, "unique_in": lambda _: None}
    KINDS.add([RecordKind(Kind("thing"), Thing, title="Things", **rules, **nowhere)], "bad")
    try:
        board = Board()
        records = [
            Thing(source="s", id=name, name="n", status=Status.FAILED)
            for name in ("1", "2", "3", "list")
        ]
        board.apply([BoardEvent("s", Upsert("all", records), NOW)])
        assert len(board.records(Kind("thing"))) == 4
        assert [alert.id for alert in board.records(Kind.ALERT).values()] == ["red"]
        assert board.failures(records[0]) == ()
        assert qualified_name(records[0]) == "n"
        assert uniqueness_scope(records[0]) == "s"
    finally:
        KINDS.drop("bad")


def test_a_cell_that_is_none_is_empty() -> None:
    shown: Any = {
        "no": lambda *_: None,
        "text": lambda *_: "text",
        "number": lambda *_: Cell(5),  # type: ignore[arg-type]
        "status": lambda *_: Cell("x", "excellent"),  # type: ignore[arg-type]
        "escapes": lambda *_: Cell("\x1b[31mred\n\u202e"),
    }
    columns = [Column(name, name, show, str, 5) for name, show in shown.items()]
    kind = RecordKind(Kind("thing"), Thing, title="Things", columns=columns, order="no")
    pane = guarded(kind, "bad").pane
    assert pane is not None
    record = Thing(source="s", id="1", name="n")
    cells = {column.id: column.show(record, NOW).text for column in pane.columns}
    assert cells == {"no": "", "text": "", "number": "", "status": "", "escapes": "red \ufffd"}


def test_the_words_of_commands_are_known() -> None:
    commands = {word for one in ACTIONS if one.handler != "show_pane" for word in one.commands}
    assert commands == COMMAND_WORDS
