"""Suggestions for an unknown word: the known words that differ by typing errors.

A typing error is a letter too many, one too few, a wrong one, or two that have changed places (the
optimal string alignment distance, which is Damerau's without moves over moves), and also a
beginning of the word. Letter case, and ``-`` for ``_``, make no difference.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from unicodedata import normalize

MAX_SUGGESTIONS: Final = 3
"""Most words that are suggested."""

_LONGEST: Final = 128
"""Longest word with suggestions, in characters: a longer one is no typing error."""
_SHORTEST_BEGINNING: Final = 3
_BEGINNING: Final = 1.5
_ALIKE: Final = str.maketrans("_ ", "--")


def nearest_words(word: str, known: Iterable[str], most: int = MAX_SUGGESTIONS) -> Sequence[str]:
    """Return those of *known* with the fewest differences from *word*, if few enough.

    Each is returned as it stands in *known*, which must hold nothing that may not be shown.
    """
    wanted = _plain(word)
    if not wanted or len(wanted) > _LONGEST or wanted.isdecimal():  # a number is no slip of another
        return ()
    ranked = sorted(_ranked(wanted, dict.fromkeys(known)))
    return [name for rank, _, name in ranked[:most] if rank == ranked[0][0]]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'status'?``, or ``""`` without a suggestion for *word*."""
    near = nearest_words(word, known)
    return f"did you mean {_either(near)}?" if near else ""


def did_you_mean_or_list(word: str, known: Iterable[str]) -> str:
    """Return suggestions for *word*, or else all that is *known*, to end a sentence with."""
    names = list(dict.fromkeys(known))
    return did_you_mean(word, names) or (f"there are: {', '.join(names)}" if names else "")


def _either(names: Sequence[str]) -> str:
    quoted = [repr(name) for name in names]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def _ranked(wanted: str, known: Iterable[str]) -> Iterator[tuple[float, int, str]]:
    """Yield rank, index and name of suggestions. A word that only begins so ranks after one error.

    Words worse than an earlier one may be left out.
    """
    limit = _slips(len(wanted))
    letters = set(wanted)
    for place, name in enumerate(known):
        other = _plain(name)
        may_be = abs(len(other) - len(wanted)) <= limit and len(letters ^ set(other)) <= 2 * limit
        slips = distance(wanted, other, limit) if may_be else limit + 1
        if slips <= limit:
            limit = slips
            yield slips, place, name
        elif len(wanted) >= _SHORTEST_BEGINNING and other.startswith(wanted):
            yield _BEGINNING, place, name


def _plain(word: str) -> str:
    return normalize("NFKC", word[: _LONGEST + 1]).casefold().translate(_ALIKE)


def _slips(length: int) -> int:
    """Return how many errors a word of *length* may have: one in three or four letters."""
    return 0 if length < 2 else 1 if length < 6 else 2 if length < 12 else 3


def distance(one: str, other: str, limit: int) -> int:
    """Return the number of errors between *one* and *other*; any number above *limit* if more."""
    one, other = _apart(one, other)
    before: Sequence[int] = ()
    last: Sequence[int] = range(len(other) + 1)
    for row in range(1, len(one) + 1):
        line = _row(one[max(0, row - 2) : row], other, row, last, before)
        if min(line) > limit and min(last) > limit:
            return limit + 1
        before, last = last, line
    return last[-1]


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return both without their common beginning and end."""
    shorter = min(len(one), len(other))
    begin = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    one, other, shorter = one[begin:], other[begin:], shorter - begin
    end = next((at for at in range(shorter) if one[-1 - at] != other[-1 - at]), shorter)
    return one[: len(one) - end], other[: len(other) - end]


def _row(
    letters: str, other: str, row: int, last: Sequence[int], before: Sequence[int]
) -> Sequence[int]:
    """Return the next row of the distance table; *letters* are the current one and the one
    before."""
    line = [row]
    for column, wanted in enumerate(other, 1):
        other_letter = last[column - 1] + (letters[-1] != wanted)
        cost = min(last[column] + 1, line[-1] + 1, other_letter)
        if before and column > 1 and letters == wanted + other[column - 2]:
            cost = min(cost, before[column - 2] + 1)
        line.append(cost)
    return line
