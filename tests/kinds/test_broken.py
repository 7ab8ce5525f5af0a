"""A declaration that is wrong makes a broken source, which says why; the others are whole."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.cli import main
from opsboard.config import registry
from opsboard.kinds import AlertRule, FailureRule, RecordKind
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Record, Status, frozen

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
HEAD = """
from opsboard.adapter import Adapter, SourceSettings
from opsboard.kinds import NAME, STATUS, RecordKind, text_column
from opsboard.records import Build, Kind, Record, Text, frozen

@frozen
class Thing(Record):
    kind: Kind = Kind("thing")
    size: int = 0

class Bad(Adapter[SourceSettings]):
    name, title, settings = "bad", "Bad", SourceSettings
    kinds = ({kinds},)

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
    "no declaration": ('"thing"', "is neither a RecordKind nor a Kind"),
}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return what installs an adapter that declares the kinds of a text."""

    def make(kinds: str) -> None:
        site = tmp_path / "site"
        info = site / "bad_adapter-1.0.dist-info"
        info.mkdir(parents=True)
        (site / "bad_adapter.py").write_text(HEAD.replace("{kinds}", kinds), "utf-8")
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
