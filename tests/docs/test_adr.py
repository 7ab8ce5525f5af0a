"""The decision records: whole, listed, and pointed to by the code that they are about."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "What would change our mind"]
POINTER = re.compile(r"docs/adr/[\w-]+\.md")
CODE = [path for root in ("tui", "adapters") for path in (ROOT / root).rglob("*.py")]


def test_there_are_records_and_their_numbers_have_no_gap() -> None:
    assert len(RECORDS) >= 10
    assert [path.name[:4] for path in RECORDS] == [f"{n:04}" for n in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_all_sections_a_status_and_a_date(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.match(rf"# {int(path.name[:4])}\. \S", text)
    assert re.search(
        r"^- Status: (accepted|superseded by \[\d+\]\([\w-]+\.md\))$", text, re.MULTILINE
    )
    assert re.search(r"^- Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    bodies = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(len(body.split()) >= 8 for body in bodies)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_is_listed_names_its_code_and_is_named_by_it(path: Path) -> None:
    assert f"({path.name})" in (FOLDER / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^- Code: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    files = re.findall(r"`([^`]+)`", line)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert any(f"docs/adr/{path.name}" in (ROOT / file).read_text("utf-8") for file in files)


def test_what_the_code_points_to_exists() -> None:
    named = {found for path in CODE for found in POINTER.findall(path.read_text("utf-8"))}
    assert {name for name in named if not (ROOT / name).is_file()} == set()
