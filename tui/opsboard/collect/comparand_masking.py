"""Masks secrets in the sides of a comparison, where they enter the program."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from opsboard.adapter import Comparand, ComparedGroup
from opsboard.masking import MASK, sounds_secret

if TYPE_CHECKING:
    from opsboard.collect.redact import Redactor


def masked_comparand(side: Comparand, redactor: "Redactor") -> Comparand:
    """Return *side* without secrets: neither known ones nor values whose names sound like one."""
    redact = redactor.redact
    return replace(
        side,
        note=redact(side.note),
        groups=tuple(_masked_group(group, redact) for group in side.groups),
        notes=tuple(map(redact, side.notes)),
    )


def _masked_group(group: ComparedGroup, redact: Callable[[str], str]) -> ComparedGroup:
    pairs = tuple(
        (name, MASK if value and sounds_secret(name) else redact(value))
        for name, value in group.pairs
    )
    return replace(group, pairs=pairs, unknown=redact(group.unknown), text=redact(group.text))
