"""No secret gets through, in whatever clothes."""

import base64
import logging
import stat
from dataclasses import replace
from pathlib import Path
from typing import Literal
from unicodedata import normalize
from urllib.parse import quote

import pytest

from opsboard.adapter import (
    AnnotationLevel,
    Condition,
    Detail,
    Grid,
    GridRow,
    Health,
    LogAnnotation,
    LogLine,
    Throttled,
)
from opsboard.collect.log_file import close_log_file, open_log_file
from opsboard.collect.redact import Redactor
from opsboard.records import Pod
from opsboard.text.sanitize import sanitize

SECRET = 'p@ss/"word'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        'p@ss/\\"word',
    ],
)
def test_known_secrets_are_masked_in_every_form(form: str) -> None:
    redactor = Redactor()
    redactor.register_secret(SECRET)
    assert redactor.redact(f"said '{form}' twice {form}") == "said '***' twice ***"


def test_a_record_that_a_row_stands_for_is_redacted_like_any_other() -> None:
    redactor = Redactor()
    redactor.register_secret(SECRET)
    pod = Pod(source="kube", id="p", name="web-1", cluster="c", namespace="n", message=SECRET)
    calm = replace(pod, id="q", message="fine")
    rows = tuple(GridRow(cells=(one.name,), record=one) for one in (pod, calm))
    detail = Detail(record=calm, sections=(Grid(title="Pods", columns=("pod",), rows=rows),))
    (grid,) = redactor.detail(detail).sections
    assert [row.record.message for row in grid.rows] == ["***", "fine"]
    assert [row.ref for row in grid.rows] == [pod.ref, calm.ref]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://me:pw@host/x", "GET https://***@host/x"),
        ("https://token@host", "https://***@host"),
        ("/x?a=1&access_token=abc&b=2", "/x?a=1&access_token=***&b=2"),
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***"),
        ("pushed ghp_0123456789abcdefABCDEF", "pushed ***"),
        ("mail me@example.com about http://host/a@b", "mail me@example.com about http://host/a@b"),
        ("a basic misunderstanding of things", "a basic misunderstanding of things"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_nothing_else(text: str, shown: str) -> None:
    assert Redactor().redact(text) == shown


def test_a_secret_within_another_leaves_no_rest() -> None:
    redactor = Redactor()
    redactor.register_secret("hunter2")
    redactor.register_secret("hunter2-and-more")
    assert redactor.redact("x hunter2-and-more x") == "x *** x"


def test_very_short_secrets_do_not_mangle_everything() -> None:
    redactor = Redactor()
    redactor.register_secret("a")
    redactor.register_secret("")
    assert redactor.redact("a banana") == "a banana"


def test_health_and_errors_are_redacted() -> None:
    redactor = Redactor()
    redactor.register_secret(SECRET)
    health = Health(condition=Condition.BROKEN, message=f"bad {SECRET}", hint=SECRET)
    assert redactor.health(health).message == "bad ***"
    assert redactor.health(health).hint == "***"
    error = redactor.error(Throttled(f"bad {SECRET}", SECRET))
    assert SECRET not in repr(error) + error.message + error.hint + str(error)


def test_the_log_file_is_private_and_redacted(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.register_secret(SECRET)
    handler = open_log_file(tmp_path / "state", redactor)
    try:
        raise ValueError(f"no {SECRET}")  # noqa: TRY301
    except ValueError:
        logging.getLogger("opsboard.test").exception("it broke at https://u:p@host/")
    finally:
        close_log_file(handler)
    file = tmp_path / "state" / "opsboard.log"
    text = file.read_text("utf-8")
    assert "ValueError: no ***" in text
    assert "https://***@host/" in text
    assert SECRET not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_log_file_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    close_log_file(open_log_file(tmp_path / "file" / "x", Redactor()))


@pytest.mark.parametrize("kept", [4, 9, 20])
def test_what_a_cut_has_left_of_a_secret_is_masked(kept: int) -> None:
    secret = "correct-horse-battery"
    redactor = Redactor()
    redactor.register_secret(secret)
    text = f"said {secret[:kept]}\N{HORIZONTAL ELLIPSIS}"
    assert redactor.redact(text) == "said ***\N{HORIZONTAL ELLIPSIS}"
    assert secret[:kept] not in redactor.redact(sanitize("x" * (4_095 - kept) + secret))
    assert redactor.redact("said corr on") == "said corr on"


@pytest.mark.parametrize("known", ["NFC", "NFD"])
@pytest.mark.parametrize("shown", ["NFC", "NFD"])
def test_a_secret_is_known_however_its_letters_are_composed(
    known: Literal["NFC", "NFD"], shown: Literal["NFC", "NFD"]
) -> None:
    redactor = Redactor()
    redactor.register_secret(normalize(known, "pässwörtchen"))
    told = normalize(shown, "pässwörtchen")
    for form in (told, base64.b64encode(told.encode()).decode(), told.encode().hex().upper()):
        assert redactor.redact(f"said {form} there") == "said *** there"


def test_nothing_that_a_line_of_a_log_says_holds_a_secret() -> None:
    redactor = Redactor()
    redactor.register_secret("hunter2hunter2")
    told = LogAnnotation(AnnotationLevel.ERROR, "src/hunter2hunter2.py:3", "of hunter2hunter2")
    line = LogLine(
        "it is hunter2hunter2", part="hunter2hunter2", group="x-hunter2hunter2", annotation=told
    )
    masked = redactor.log_lines()(line)
    assert "hunter2" not in str(masked)
    assert masked.annotation == LogAnnotation(AnnotationLevel.ERROR, "src/***.py:3", "of ***")
    assert redactor.log_lines()(plain := LogLine("fine", part="app")) is plain
