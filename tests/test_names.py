"""Names are the field's: a class name means one thing, and a module is called by what is in it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
ROOTS: Final = ("tui", "adapters", "themes")

METAPHORS: Final = frozenset(
    {
        "acts",
        "agenda",
        "anew",
        "arrival",
        "as_configured",
        "aside",
        "asking",
        "born",
        "carrying",
        "chance",
        "consent",
        "crew",
        "declared",
        "desk",
        "ending",
        "everywhere",
        "evidence",
        "faults",
        "finding",
        "flush",
        "follow",
        "founding",
        "framed",
        "hands",
        "headless",
        "held",
        "here",
        "holding",
        "journal",
        "judgement",
        "keeper",
        "kept",
        "late",
        "leaving",
        "locate",
        "looks",
        "mint",
        "near",
        "newest",
        "oddities",
        "offering",
        "operations",
        "pacing",
        "paper",
        "past",
        "pointers",
        "rolling",
        "reach",
        "recall",
        "sealed",
        "sending",
        "settling",
        "shapes",
        "shelf",
        "showing",
        "site",
        "standing",
        "switching",
        "taste",
        "telling",
        "templates",
        "thrift",
        "tidy",
        "tie",
        "trouble",
        "type_ahead",
        "undoing",
        "unusable",
        "waiting",
        "ways",
        "whole",
        "wire",
        "wording",
        "words",
    }
)
"""Names that say what a module is like, and not what is in it."""

DRAWERS: Final = frozenset(
    {"common", "helpers", "misc", "miscellaneous", "stuff", "tools", "util", "utils"}
)
"""Names that say nothing: whatever finds no place ends up there."""


def _modules() -> Iterator[Path]:
    for root in ROOTS:
        yield from sorted((ROOT / root).rglob("*.py"))


def test_a_public_class_name_is_used_once() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in _modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: at for name, at in places.items() if len(at) > 1} == {}


def test_a_module_is_named_for_what_is_in_it() -> None:
    banned = METAPHORS | DRAWERS
    assert [str(path.relative_to(ROOT)) for path in _modules() if path.stem in banned] == []


def test_a_folder_is_named_for_what_is_in_it() -> None:
    folders = {path.parent for path in _modules()}
    assert [str(f.relative_to(ROOT)) for f in folders if f.name in METAPHORS | DRAWERS] == []
