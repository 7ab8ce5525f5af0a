"""Artifacts of runs: listed, folders entered, text and small tables shown, all of it bounded."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Detail, Facts, Grid, NotFound, TextSection
from opsboard.records import Ref, listed_ref
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.artifact_content import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_LINES,
    MAX_ROWS,
    content_sections,
    not_read_reason,
)
from opsboard_adapters.mlflow.artifacts import (
    MAX_ARTIFACTS,
    MAX_IN_FOLDER,
    artifact_page,
    artifacts_section,
)
from tests.adapters.mlflow.acts import Wire, acting
from tests.adapters.mlflow.seeding import Writer


def grid(detail: Detail, title: str) -> Grid:
    found = next(one for one in detail.sections if one.title.startswith(title))
    assert isinstance(found, Grid)
    return found


async def test_artifacts_are_entered_and_shown(ground: Writer) -> None:
    run = ground.run()
    files = {
        "notes.md": "# Naïve\nfirst try".encode(),
        "history.csv": b"step,loss\n1,0.5\n2,0.25\n",
        "plots/roc.png": b"\x89PNG\r\n",
        "plots/why.txt": b"because",
        "large.txt": b"x" * (MAX_BYTES + 1),
    }
    for path, data in files.items():
        ground.artifact(run, path, data)
    wire = Wire()
    async with acting(ground.url, wire) as (source, _):
        top = grid(await source.detail(listed_ref("ml", "training-runs", run)), "Artifacts")
        refs = {row.cells[0]: row.ref for row in top.rows}
        assert set(refs) == {"notes.md", "history.csv", "plots/", "large.txt"}
        assert f"{MAX_BYTES + 1:,}" in {row.cells[1] for row in top.rows}

        async def page(ref: Ref | None) -> Detail:
            assert ref is not None
            return await source.detail(ref)

        notes = (await page(refs["notes.md"])).sections[0]
        assert isinstance(notes, TextSection)
        assert notes.text == "# Naïve\nfirst try"
        table = grid(await page(refs["history.csv"]), "Table")
        assert table.columns == ("step", "loss")
        assert [row.cells for row in table.rows] == [("1", "0.5"), ("2", "0.25")]
        folder = await page(refs["plots/"])
        inside = {row.cells[0]: row.ref for row in grid(folder, "Artifacts").rows}
        assert (await page(inside["plots/why.txt"])).record.name == "why.txt"
        wire.sent.clear()
        for ref, why in ((inside["plots/roc.png"], "image"), (refs["large.txt"], "256 KiB")):
            (content, *_) = (await page(ref)).sections
            assert isinstance(content, Facts)
            assert why in content.facts[0].value
        assert [path for _, path in wire.sent] == ["artifacts/list"] * 2, "neither is read"
        with pytest.raises(NotFound):
            await source.detail(listed_ref("ml", "artifacts", f"{run}/none.txt"))


class _Folder(MLflowApi):
    """A server whose folder has many files."""

    def __init__(self, count: int) -> None:
        self.count = count

    async def get(self, path: str, query: Any = None, *, web: bool = False) -> dict[str, Any]:
        return {"files": [{"path": f"part-{at:05}"} for at in range(self.count)]}


@pytest.mark.parametrize(
    ("folder", "count", "title"),
    [("many", 1_502, "Artifacts"), ("many", 2_001, "Artifacts, the first 2,000 of 2,001"),
     ("", 201, "Artifacts, the first 200 of 201")],
)  # fmt: skip
async def test_the_page_of_a_folder_lists_more_than_that_of_a_run(
    folder: str, count: int, title: str
) -> None:
    most = MAX_IN_FOLDER if folder else MAX_ARTIFACTS
    found = await artifacts_section("ml", _Folder(count), "run", [], folder, most=most)
    assert found.title == title
    assert len(found.rows) == min(count, most) + (count > most)


async def test_what_the_page_of_a_run_leaves_out_is_on_the_page_of_all_of_them() -> None:
    top = await artifacts_section("ml", _Folder(260), "run", [], "", most=MAX_ARTIFACTS)
    last = top.rows[-1]
    assert last.cells[0] == "... 60 more: the list of all 260"
    assert last.ref is not None
    page = await artifact_page(last.ref, _Folder(260))
    assert page.record.name == "all of run run"
    (whole,) = page.sections
    assert isinstance(whole, Grid)
    assert len(whole.rows) == 260
    beyond = await artifact_page(last.ref, _Folder(2_010))
    (cut,) = beyond.sections
    assert isinstance(cut, Grid)
    assert cut.rows[-1].cells[0] == "... 10 more, which the page of the run on MLflow lists"
    assert cut.rows[-1].ref is None


# --- what an artifact says -----------------------------------------------------------------------


def shown(path: str, data: bytes) -> Any:
    (section,) = content_sections(path, data)
    return section


def test_tables_are_told_apart_by_their_form() -> None:
    rows = [{"a": 1, "b": "x"}, {"a": None, "c": [1, 2]}]
    table = shown("t.json", json.dumps(rows).encode())
    assert table.columns == ("a", "b", "c")
    assert [row.cells for row in table.rows] == [("1", "x", ""), ("", "", "[1, 2]")]
    split = {"columns": ["q", "answer"], "data": [["hi", 2.5]]}
    assert shown("eval.json", json.dumps(split).encode()).rows[0].cells == ("hi", "2.5")
    assert shown("one.json", b'{"a":1}').text == '{\n  "a": 1\n}'
    assert shown("broken.json", b"{a").text == "{a"
    ragged = shown("t.csv", b"a,b\n1\n1,2,3\n")
    assert ragged.columns == ("a", "b", "(3)")
    assert [row.cells for row in ragged.rows] == [("1", "", ""), ("1", "2", "3")]
    assert shown("t.tsv", b"a\tb\n1\t2\n").columns == ("a", "b")
    assert "binary" in shown("x", b"a\0b").facts[0].value


def test_all_of_it_is_bounded() -> None:
    lines = shown("x.txt", b"\n".join([b"line"] * (MAX_LINES + 5)))
    assert len(lines.text.splitlines()) == MAX_LINES
    assert "of 1,005 lines" in lines.title
    wide = ",".join("c" for _ in range(MAX_COLUMNS + 3))
    table = shown("x.csv", "\n".join([wide] * (MAX_ROWS + 8)).encode())
    assert (len(table.rows), len(table.columns)) == (MAX_ROWS, MAX_COLUMNS)
    assert "100 of 107 rows, 20 of 23 columns" in table.title
    deep = b"[" * 100_000
    assert shown("deep.json", deep).text
    assert not_read_reason("a/b.PNG").startswith("an image")
    assert not_read_reason("x.parquet") == "parquet is not shown here"
    assert not_read_reason("MLmodel") == ""


@given(st.sampled_from(["a.csv", "a.tsv", "a.json", "a.txt", "a"]), st.binary(max_size=400))
def test_any_bytes_are_shown_or_are_not(path: str, data: bytes) -> None:
    assert len(content_sections(path, data)) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_is_shown(value: Any) -> None:
    assert len(content_sections("a.json", json.dumps(value).encode())) == 1


def test_of_a_table_with_many_rows_and_many_columns_only_what_is_shown_is_made() -> None:
    wide = "{" + ",".join(f'"{at}":1' for at in range(9_000)) + "}"
    (table,) = content_sections("a.json", f"[{wide},{','.join(['{}'] * 50_000)}]".encode())
    assert isinstance(table, Grid)
    assert table.title == "Table, the first 100 of 50,001 rows, 20 of 9,000 columns"
    assert len(table.rows) == MAX_ROWS
