"""``filter.md``: the language of ``/``, with the fields of each pane."""

from typing import Final, NamedTuple

from docs.markdown import NOTE, blocks, code, table
from opsboard.views.filter import SHORT, fields
from opsboard.views.panes import panes


class Example(NamedTuple):
    """A filter and what it shows. One without a *pane* works in logs too."""

    text: str
    shows: str
    pane: str = ""


EXAMPLES: Final = (
    Example("payments", "the text is somewhere in the row or line"),
    Example("timeout refused", "both words are, in any order"),
    Example('"connection refused"', "these words, in this order"),
    Example("/api-v[12]/", "a regular expression matches somewhere"),
    Example("/took [0-9]+ s/", "closed by a `/`, it may hold spaces"),
    Example("!staging", "the opposite of what follows"),
    Example('"web:2.1"', "in quotes, nothing has a special meaning"),
    Example("status:failed", "a field contains the text", "builds"),
    Example("env:production", "so does a field by its short name", "deployments"),
    Example("repo:/pay|sea/", "a regular expression matches in the field", "builds"),
    Example("!branch:main", "the field does not match", "builds"),
    Example("restarts:>3", "a number is greater (`>`, `<`, `>=`, `<=`)", "pods"),
    Example("age:<1h", "it is younger (`s`, `m`, `h`, `d`, `w`)", "builds"),
    Example("status:failed age:<1d !nightly", "all of these at once", "builds"),
)

IN_LOGS: Final = (
    Example("level>=warn", "a line is a warning or worse (`>`, `>=`, `<`, `<=`)"),
    Example("level:error", "it is of this level; of JSON, logfmt, klog or text"),
    Example("pod:9k2", "the name of its pod contains the text"),
    Example("container:/^app$/", "so does that of its container, or `step:` of a build"),
    Example("9k2 timeout", "words are looked for in what stands before a line, too"),
)

INTRODUCTION = """\
`/` in a pane shows only some of its rows, in a log only some of its lines. Words are separated
by spaces, and all of them must hold. Letter case matters only where an upper-case letter is
typed. The rows follow while you type; in a pane, `Esc` drops the filter again. `:filter TEXT`
does the same as `/`.
"""

LOGS = """\
Levels are `trace`, `debug`, `info`, `warn`, `error` and `fatal`; a line without one is of none.
`C` shows 3 or 10 lines around each hit, `F` all lines with the hits marked; `n` and `N` go from hit
to hit, `e` and `E` from error to error.
"""

FIELDS = """\
## Fields

A field of which only the name and the colon are typed hides nothing yet. Columns that show an
age are compared (`age:<1h`); all others can be searched too. A value that no status has
(`status:faild`) is reported, with the nearest valid one.
"""


def page() -> str:
    """Return the page."""
    common = [example for example in EXAMPLES if not example.pane]
    in_panes = [example for example in EXAMPLES if example.pane]
    short = ", ".join(f"{code(name)} for {code(full)}" for name, full in SHORT.items())
    return blocks(
        "# The language of `/`",
        NOTE,
        INTRODUCTION,
        "## In panes and in logs",
        _examples(common),
        "## In panes",
        _examples(in_panes),
        "## In logs",
        LOGS,
        _examples(list(IN_LOGS)),
        FIELDS,
        f"Short names: {short}.",
        table(("pane", "fields"), [_fields_of(pane.id) for pane in panes()]),
    )


def _examples(examples: list[Example]) -> str:
    return table(("filter", "shows where"), [(code(text), shows) for text, shows, _ in examples])


def _fields_of(pane_id: str) -> tuple[str, str]:
    pane = next(pane for pane in panes() if pane.id == pane_id)
    return pane.title, " ".join(map(code, fields(pane)))
