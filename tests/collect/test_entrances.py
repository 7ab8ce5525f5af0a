"""Whatever a source tells is masked where it comes in, whichever way it comes."""

from collections.abc import AsyncIterator

import pytest

from opsboard.adapter import (
    Change,
    Detail,
    Difference,
    Fact,
    Facts,
    Grid,
    GridRow,
    LogLine,
    LogQuery,
    Report,
    Skipped,
    SourceError,
    TextSection,
    Upsert,
)
from opsboard.adapter.health import Condition, Health
from opsboard.board.state import Board
from opsboard.collect.redact import Redactor
from opsboard.records import JSON, Kind, Ref
from tests.board import build
from tests.collect import ScriptedSource, resolved
from tests.collect.test_engine import poll, running

REF = Ref("ci", Kind.BUILD, "1")
SECRET = "s3cr3t-of-nobody"
SAID = f"connect postgres://kim:{SECRET}@db/x"
KEY = ["-----BEGIN PRIVATE KEY-----", SECRET, SECRET * 3, "-----END PRIVATE KEY-----"]


async def _telling(source: ScriptedSource) -> AsyncIterator[Change]:
    yield Upsert("web", [build(1, message=SAID, title=f"export OPENAI_KEY={SECRET}")])
    yield Report(Health(condition=Condition.BROKEN, message=SAID, hint=SAID), "web")
    yield Report(Health(condition=Condition.LIVE), "other")
    yield Skipped(scope="other", count=1, total=2, examples=(SAID,))
    while True:
        await source.context.pause(3_600)


class _Answers(ScriptedSource):
    async def detail(self, ref: Ref) -> Detail:
        if ref.id == "crash":
            raise ValueError(f"{'x' * 190} {SAID}")
        return Detail(
            record=build(1, message=SAID),
            sections=(
                Facts(title="Facts", facts=(Fact(label="API_TOKEN", value=SECRET),)),
                Grid(
                    title="Tags",
                    columns=("Name", "Value"),
                    rows=(
                        GridRow(cells=("TOKENS", SECRET)),
                        GridRow(cells=("author", "kim")),
                        GridRow(cells=("url", SAID)),
                    ),
                ),
                TextSection(title="Output", text=f"user: kim\npassword: {SECRET}\n{SAID}"),
            ),
        )

    async def raw(self, ref: Ref) -> JSON:
        env = [
            {"name": "OPENAI_KEY", "value": SECRET},
            {"name": "author", "value": "kim"},
            {"name": "URL", "value": SAID},
        ]
        command = ["train", "--password", SECRET, "--max-tokens", "4096"]
        return {
            "env": env, "command": command, "tokens": [SECRET], "count": 3, "on": True,
            "secretName": "db", "shell": ["sh", "-c", f"mysql -p{SECRET} -h db"],
        }  # fmt: skip

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator[LogLine]:
        for text in (SAID, *KEY, "and on it goes", f"curl -u kim:{SECRET} https://x"):
            yield LogLine(text=text)


@pytest.fixture(autouse=True)
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.collect.Scripted.make", _Answers)


def test_records_health_and_what_was_left_out() -> None:
    with running(resolved(_telling)) as (engine, board):
        poll(engine, board, lambda: "1 of 2 records" in _told(board))
        (record,) = board.records(Kind.BUILD).values()
        shown = f"{record!r} {_told(board)}"
    assert SECRET not in shown
    assert record.message == "connect postgres://***@db/x"


def _told(board: Board) -> str:
    return repr([(state.health, dict(state.scopes)) for state in board.sources()])


async def test_a_detail() -> None:
    with running(resolved(_telling)) as (engine, _):
        detail = await engine.detail(REF)
    told = detail.model_dump_json()
    assert SECRET not in told
    assert detail.record.ref == build(1).ref
    facts, grid, output = detail.sections
    assert isinstance(grid, Grid)
    assert [row.cells for row in grid.rows] == [
        ("TOKENS", "***"), ("author", "kim"), ("url", "connect postgres://***@db/x"),
    ]  # fmt: skip
    assert isinstance(output, TextSection)
    assert output.text == "user: kim\npassword: ***\nconnect postgres://***@db/x"
    assert isinstance(facts, Facts)


async def test_a_raw_view() -> None:
    with running(resolved(_telling)) as (engine, _):
        raw = await engine.raw(REF)
    assert raw == {
        "env": [
            {"name": "OPENAI_KEY", "value": "***"},
            {"name": "author", "value": "kim"},
            {"name": "URL", "value": "connect postgres://***@db/x"},
        ],
        "command": ["train", "--password", "***", "--max-tokens", "4096"],
        "tokens": ["***"], "count": 3, "on": True, "secretName": "db",
        "shell": ["sh", "-c", "mysql -p*** -h db"],
    }  # fmt: skip


async def test_a_log_and_a_key_of_many_lines_in_it() -> None:
    with running(resolved(_telling)) as (engine, _):
        lines = [line.text async for line in engine.logs(REF, LogQuery(follow=False, tail=10))]
    assert SECRET not in "".join(lines)
    assert lines[-2:] == ["and on it goes", "curl -u kim:*** https://x"]


async def test_an_error_that_is_cut_in_the_middle_of_a_secret() -> None:
    redactor = Redactor()
    with running(resolved(_telling)) as (engine, _), pytest.raises(SourceError) as raised:
        await engine.detail(Ref("ci", Kind.BUILD, "crash"))
    assert "s3cr3t" not in str(raised.value)
    redactor.register_secret("a-long-password-of-some-kind")
    assert redactor.redact("it was a-long-passw…") == "it was ***…"


@pytest.mark.parametrize(
    ("group", "name", "shown"),
    [
        ("env", "auth", "***"),
        ("params", "OPENAI_KEY", "***"),
        ("images", "auth", "registry/auth:1.4.2"),
        ("resources", "token-service", "registry/auth:1.4.2"),
    ],
)
def test_a_part_that_is_called_like_a_secret_is_none(group: str, name: str, shown: str) -> None:
    difference = Difference(group=group, name=name, before=None, after="registry/auth:1.4.2")
    assert Redactor().structure(difference).after == shown


def test_a_secret_of_several_lines_is_known_by_each_of_them() -> None:
    redactor = Redactor()
    redactor.register_secret(
        "\n".join(("-----BEGIN X-----", "first-line-of-it", "second-line-of-it"))
    )
    assert redactor.redact("it has second-line-of-it in it") == "it has *** in it"
