"""Whatever is raised becomes a sentence with a hint."""

import errno
import socket
import ssl
from pathlib import Path

import httpx
import pytest

from opsboard.adapter import Condition
from opsboard.collect.unexpected_errors import MAX_QUOTED, explain_error


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even that")


ERRORS: list[BaseException] = [
    TypeError("expected str, got int"),
    ValueError("odd"),
    KeyError("items"),
    AttributeError("'NoneType' object has no attribute 'get'"),
    ImportError("Using SOCKS proxy, but the 'socksio' package is not installed"),
    ModuleNotFoundError("No module named 'socksio'"),
    httpx.InvalidURL("Invalid port"),
    UnicodeEncodeError("ascii", "hünter", 1, 2, "ordinal not in range(128)"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EMFILE, "Too many open files"),
    FileNotFoundError(errno.ENOENT, "No such file or directory", "/etc/ca.pem"),
    PermissionError(errno.EACCES, "Permission denied", "/etc/ca.pem"),
    socket.gaierror(-2, "Name or service not known"),
    ssl.SSLError(1, "[SSL] bad"),
    TimeoutError(),
    MemoryError(),
    RecursionError("maximum recursion depth exceeded"),
    OverflowError("port must be 0-65535."),
    SystemExit(3),
    ExceptionGroup("unhandled errors in a TaskGroup", [ValueError("inner")]),
    Mute(),
    Exception(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_it_says_what_where_and_how_to_mend_it(error: BaseException) -> None:
    told = explain_error("ci", error)
    inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error
    assert told.message.startswith("ci broke")
    assert type(inner).__name__ in told.message
    assert told.hint
    assert "Traceback" not in told.message


@pytest.mark.parametrize(
    ("error", "condition", "hint"),
    [
        (ImportError("socksio"), Condition.BROKEN, "install what is missing"),
        (OSError(errno.ENOSPC, "No space"), Condition.BROKEN, "make room"),
        (FileNotFoundError(2, "No such file", "/x"), Condition.BROKEN, "may read it"),
        (socket.gaierror(-2, "unknown"), Condition.UNREACHABLE, "proxy settings"),
        (TimeoutError(), Condition.UNREACHABLE, "retried auto"),
        (UnicodeError("x"), Condition.BROKEN, "odd characters in [sources.ci]"),
        (ValueError("x"), Condition.BROKEN, "check [sources.ci]"),
    ],
)
def test_what_is_no_fault_of_the_adapter_is_not_called_one(
    error: BaseException, condition: Condition, hint: str
) -> None:
    told = explain_error("ci", error)
    assert told.condition is condition
    assert hint in told.hint
    assert not told.hint.startswith("this is a fault")


def test_the_library_in_which_it_was_raised_is_named() -> None:
    with pytest.raises(httpx.InvalidURL) as caught:
        httpx.URL("http://x:port")
    assert explain_error("ci", caught.value).message.startswith("ci broke in httpx: InvalidURL: ")
    with pytest.raises(FileNotFoundError) as missing:
        Path("/no/such").read_text()
    assert explain_error("ci", missing.value).message.startswith("ci broke in pathlib: ")


def test_secrets_are_taken_out_before_anything_is_cut() -> None:
    secret = "hunter2-" * 40
    error = ValueError(f"{'x' * (MAX_QUOTED - 4)}{secret}")
    told = explain_error("ci", error, lambda text: text.replace(secret, "***"))
    assert "hunt" not in told.message
