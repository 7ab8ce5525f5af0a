"""Turns what a library, Python or the system raises while a source runs into an error with a hint.

An adapter turns what it expects into a :class:`~opsboard.adapter.SourceError`. What it does not
expect is most often no fault of its code: a file that cannot be read, a library that is missing,
a setting with a character that is not allowed. The error says where it comes from, and what to try
before reporting a fault.
"""

import errno
import sys
from collections.abc import Callable
from typing import Final

from opsboard.adapter import Misconfigured, SourceError, Unreachable
from opsboard.system.containment import cause_of
from opsboard.text.sanitize import sanitize

MAX_QUOTED: Final = 200
"""Characters that are quoted of what was raised."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_REPORT: Final = "if all that is right, it is a fault of the adapter: the program's log has more"


def explain_error(
    name: str, error: BaseException, redact: Callable[[str], str] = str
) -> SourceError:
    """Return *error*, an unexpected one of the source called *name*, as it is to be shown.

    Its text is redacted before it is cut, since half of a secret would not be recognised.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    error = cause_of(error)
    said = f"{name} broke{_place(error)}: {_short(error, redact)}"
    if isinstance(error, TimeoutError):
        return Unreachable(said, "no answer in time; retried automatically")
    if isinstance(error, ImportError):
        return Misconfigured(said, "install what is missing beside opsboard, or do without it")
    if isinstance(error, OSError):
        return _by_the_system(said, error)
    if isinstance(error, UnicodeError):
        return Misconfigured(
            said,
            f"look for odd characters in [sources.{name}], in what it reads its login from, and in "
            f"the environment; {_REPORT}",
        )
    return SourceError(
        said,
        f"check [sources.{name}], the proxy settings of the environment, and what its server "
        f"answers (`opsboard doctor`); {_REPORT}",
    )


def _by_the_system(said: str, error: OSError) -> SourceError:
    if error.errno in _FULL:
        return SourceError(said, "this machine is out of space, memory or open files: make room")
    if error.filename is not None:
        return Misconfigured(said, "check that the file exists and that this user may read it")
    return Unreachable(said, "check the network and the proxy settings (HTTPS_PROXY, NO_PROXY)")


def _short(error: BaseException, redact: Callable[[str], str]) -> str:
    try:
        text = redact(sanitize(str(error)))
    except Exception:  # the class of a third party may fail even here
        text = ""
    text = text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(error: BaseException) -> str:
    """Return the package in which it was raised, as ``in httpx``, where that is no adapter."""
    trace, module = error.__traceback__, ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__") or "")
        trace = trace.tb_next
    package = module.partition(".")[0]
    known = package in sys.stdlib_module_names
    return f" in {package}" if known or package in _LIBRARIES else ""


_LIBRARIES: Final = frozenset({"httpx", "httpcore", "h11", "anyio", "yaml", "msgspec", "pydantic"})
