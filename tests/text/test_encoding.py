"""Bytes are read as the text that was meant, or not at all."""

import codecs
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.text import encoding
from opsboard.text.encoding import NotTextError, as_utf8, decode_text, read_text, strip_secret

MARKED = {
    "UTF-8 of Notepad": (codecs.BOM_UTF8, "utf-8"),
    "UTF-16 of PowerShell": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 of others": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "UTF-32": (codecs.BOM_UTF32_LE, "utf-32-le"),
    "UTF-32 of others": (codecs.BOM_UTF32_BE, "utf-32-be"),
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff"))


@given(TEXTS, st.sampled_from(sorted(MARKED)), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_text_is_the_same_in_any_encoding_that_a_mark_tells_of(
    text: str, kind: str, end: str
) -> None:
    mark, encoding = MARKED[kind]
    assert decode_text(mark + text.replace("\n", end).encode(encoding)) == text


@given(
    st.characters(min_codepoint=1, max_codepoint=127, exclude_characters="\r"),
    TEXTS.filter(lambda text: not text.startswith("\0")),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
)
def test_without_a_mark_the_first_character_tells(first: str, rest: str, encoding: str) -> None:
    text = first + (rest or "x")
    assert decode_text(text.encode(encoding)) == text


@given(st.binary(max_size=40))
def test_bytes_are_text_or_refused(data: bytes) -> None:
    with suppress(NotTextError):
        assert "\r" not in decode_text(data)
    as_utf8(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("a = 1\nname = 'Jürgen'\n".encode("cp1252"), "is not UTF-8 text (line 2, byte 10)"),
        (codecs.BOM_UTF8 + b"\xff", "is not UTF-8 text (line 1, byte 1)"),
        (codecs.BOM_UTF16_LE + b"a\0b", "is not UTF-16 text (byte 3)"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", "is not UTF-16 text (byte 1)"),
        (codecs.BOM_UTF32_BE + b"\xff\xff\xff\xff", "is not UTF-32 text (byte 1)"),
    ],
)
def test_where_it_stops_being_text(data: bytes, said: str) -> None:
    with pytest.raises(NotTextError) as caught:
        decode_text(data)
    assert str(caught.value) == said


def test_a_file_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    monkeypatch.setattr(encoding, "MAX_BYTES", 5)
    assert read_text(file) == "12345"
    file.write_bytes(b"123456")
    with pytest.raises(NotTextError, match="more than 5 bytes"):
        read_text(file)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (codecs.BOM_UTF16_LE + "-----BEGIN X".encode("utf-16-le"), b"-----BEGIN X"),
        ("-----BEGIN X".encode("utf-16-be"), b"-----BEGIN X"),
        (codecs.BOM_UTF8 + b"-----BEGIN X", b"-----BEGIN X"),
        ("# José\n-----BEGIN X".encode("latin-1"), "# José\n-----BEGIN X".encode("latin-1")),
        (b"\x30\x82\x03\x00", b"\x30\x82\x03\x00"),
        (b"", b""),
    ],
)
def test_what_is_no_text_stays_as_it_is(data: bytes, told: bytes) -> None:
    assert as_utf8(data) == told


@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1),
    st.text(" \t\r\n\0\x1a\ufeff\u00a0"),
    st.text(" \t\r\n\0\x1a\ufeff\u00a0"),
)
def test_what_is_around_a_secret_is_no_part_of_it(secret: str, before: str, behind: str) -> None:
    assert strip_secret(before + secret + behind) == secret
