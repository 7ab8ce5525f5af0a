"""The rows of a chain: what each thing is called."""

from opsboard.records import Commit, Status
from opsboard.views.lineage_rows import record_row

SHA = "fa2dec5" + "0" * 33


def test_a_commit_is_called_by_its_sha_with_its_title_beside() -> None:
    commit = Commit(
        source="github", id="c", name="Round split payments", sha=SHA, status=Status.OK,
        repository="github.com/acme/checkout",
    )  # fmt: skip
    row = record_row(commit)
    assert (row.name, row.note, row.copy_text) == ("fa2dec5", "Round split payments", SHA)
    assert row.status is None  # a commit is neither well nor failed
