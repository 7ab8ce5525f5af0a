"""The commit in what an image says of its revision, and why there is none.

People write full SHAs, short ones, ``branch/sha`` (Flux), ``branch@sha1:sha``, ``git describe``,
``sha-dirty``, versions, and placeholders that nobody filled in. Only a full SHA is a commit.
"""

import re
from typing import Final

from opsboard.records.identity import is_commit
from opsboard_adapters.registry.structs import REVISION

MISSING: Final = f"the image has no {REVISION} label: set it when the image is built"
_PARTS: Final = re.compile(r"[/@:\s]")
_CHANGED: Final = re.compile(
    r"(?P<before>.*[0-9a-f]{7,64})[-+._](?:dirty|modified|changed|wip)\b.*"
)
_SHORT: Final = re.compile(r"(?:.*-g|g)?[0-9a-f]{7,39}")
_FULL: Final = f"put the full SHA into {REVISION}"


def read_revision(text: str) -> tuple[str, str]:
    """Return the commit in *text*, in full, and otherwise why there is none and what mends that."""
    bare = text.strip().lower()
    if not bare:
        return "", MISSING
    last = _PARTS.split(bare)[-1]
    if is_commit(last) and last.strip("0"):
        return last, ""
    if _CHANGED.fullmatch(last):
        return "", (
            f"the image was built from changed files ({_short(text)}): build it from a clean commit"
        )
    if _SHORT.fullmatch(last) and not last.isdigit():
        return "", f"the revision is a short SHA ({_short(text)}): {_FULL}"
    return "", f"the revision is no commit ({_short(text)}): {_FULL}"


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 60 else f"{text[:59]}…"
