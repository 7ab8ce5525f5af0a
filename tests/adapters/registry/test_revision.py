"""The commit in a revision, whatever people write there."""

from hypothesis import given
from hypothesis import strategies as st

from opsboard_adapters.registry.revision import read_revision

SHAS = st.text("0123456789abcdef", min_size=40, max_size=40).filter(lambda sha: sha.strip("0"))


@given(
    SHAS, st.sampled_from(["", "main/", "feature/a-b/", "main@sha1:", "refs/heads/x@sha1:", " "])
)
def test_a_full_sha_is_found(sha: str, before: str) -> None:
    assert read_revision(before + sha) == (sha, "")
    assert read_revision(before + sha.upper()) == (sha, "")


@given(st.text(max_size=80))
def test_there_is_a_full_sha_or_a_reason_and_never_both(text: str) -> None:
    commit, note = read_revision(text)
    assert bool(commit) != bool(note)
    assert not commit or (len(commit) in {40, 64} and commit in text.lower())


@given(SHAS, st.sampled_from(["-dirty", "+dirty", ".dirty", "-modified", "-dirty-20260115"]))
def test_changed_files_are_no_commit(sha: str, behind: str) -> None:
    for text in (sha + behind, f"main/{sha[:12]}{behind}", f"v1.2-3-g{sha[:9]}{behind}"):
        commit, note = read_revision(text)
        assert not commit
        assert "changed files" in note


@given(SHAS, st.integers(7, 39))
def test_a_part_of_a_sha_is_no_commit(sha: str, digits: int) -> None:
    assert read_revision(sha[:digits])[0] == ""


@given(SHAS, st.sampled_from("0123456789abcdef"))
def test_one_digit_more_is_no_commit(sha: str, digit: str) -> None:
    assert read_revision(sha + digit)[0] == ""
