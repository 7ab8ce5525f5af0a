"""Lines of a log: stamps, groups and marks."""

import pytest

from opsboard_adapters.github.log_parser import LogParser


def _lines(*raw: str) -> list[tuple[str, str]]:
    parser = LogParser()
    told = [parser.line(one) for one in raw]
    return [(line.part, line.text) for line in told if line is not None]


def test_what_follows_a_group_belongs_to_its_step() -> None:
    assert _lines(
        "##[group]Run make",
        "make",
        "##[endgroup]",
        "cc main.c",
        "##[group]Details",
        "x",
        "##[endgroup]",
        "##[error]it broke",
    ) == [
        ("Run make", "Run make"),
        ("Run make", "make"),
        ("Run make", "cc main.c"),
        ("Details", "Details"),
        ("Details", "x"),
        ("Run make", "error: it broke"),
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("2026-01-15T09:00:00.1234567Z hello", "hello"),
        ("2026-01-15T09:00:00Z ", ""),
        ("\ufeff2026-01-15T09:00:00.1Z first", "first"),
        ("\ufeff\ufeff2026-01-15T09:00:00.1Z first", "first"),
        ("2026-01-15T09:00:00.1Z \ufeff##[error]first", "error: first"),
        ("2026-01-15T09:00:00.1Z ##[Error]no", "error: no"),
        ("2026-01-15T09:00:00.1Z ::WARNING::no", "warning: no"),
        ("2026-01-15T09:00:00.1Z it said ##[error]no", "it said ##[error]no"),
        ("no stamp", "no stamp"),
        ("2026-01-15T09:00:00.1Z \x1b[31mred\x1b[0m", "red"),
        ("##[warning]careful", "warning: careful"),
        ("##[command]ls", "$ ls"),
        ("##[novel]word", "novel: word"),
        ("##[add-matcher]/tsc.json", "add-matcher: /tsc.json"),
        ("::error file=a.py,line=3::boom 100%25", "error: boom 100%"),
        ("::warning::first%0Asecond", "warning: first second"),
        ("::set-output name=x::y", "::set-output name=x::y"),
        ("2026-01-15T09:00:00.1Z  10%|#   |\r100%|####|", "100%|####|"),
        ("2026-01-15T09:00:00.1Z form\ffeed", "form feed"),
        ("2026-01-15T09:00:00.1Z a\u2028b\u0085c", "a b c"),
        ("2026-01-15T09:00:00.1Z \x1b[36;1m    indented\x1b[0m", "    indented"),
        ("2026-01-15T11:00:00.1234567+02:00 hello", "hello"),
    ],
)
def test_lines(raw: str, text: str) -> None:
    assert _lines(raw) == [("", text)]


@pytest.mark.parametrize(
    "raw", ["2026-02-30T09:00:00Z hello", "9999-99-99T99:99:99.1234567Z", "0000-00-00T00:00:00 x"]
)
def test_what_only_looks_like_a_time_is_text(raw: str) -> None:
    line = LogParser().line(raw)
    assert line is not None
    assert (line.at, line.text) == (None, raw)
