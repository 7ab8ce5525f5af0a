"""What may have been meant by a filter that lets nothing through: a value that is near another."""

from collections.abc import Iterable
from typing import Final

from opsboard.records import Record
from opsboard.text.suggestions import did_you_mean
from opsboard.views.filter import SHORT, field_reader
from opsboard.views.filter_terms import FilterTerm, filter_terms
from opsboard.views.panes import PaneSpec

_MOST_VALUES: Final = 2_000
_SIGNS: Final = ("/", "<", ">")


def suggested_value(text: str, pane: PaneSpec, records: Iterable[Record]) -> str:
    """Return what a word ``field:value`` of *text*, a filter, may have been meant to be, or ``""``.

    Only of a value that no record of *pane* has in that field; regular expressions and comparisons
    are left alone.
    """
    rows = list(records)
    asked = (_near(word, pane, rows) for word in filter_terms(text) if not word.negated)
    return next(filter(None, asked), "")


def _near(word: FilterTerm, pane: PaneSpec, rows: list[Record]) -> str:
    name, colon, value = word.text.partition(":")
    if word.quoted or not colon or not value or value.startswith(_SIGNS):
        return ""
    read = field_reader(SHORT.get(name, name), pane)
    if read is None:
        return ""
    values = list(dict.fromkeys(filter(None, map(read, rows))))[:_MOST_VALUES]
    if any(value.lower() in one.lower() for one in values):
        return ""
    return did_you_mean(f"{name}:{value}", [f"{name}:{one}" for one in values])
