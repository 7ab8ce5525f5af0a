"""Values that a text itself says are secret: ``password=...``, ``"api_key": "..."``, YAML, XML.

A text is scanned once, from one sign that ends a name (``=``, ``:``) to the next: the name is in
the characters before it and the value in those after, so that the time is linear in the text.
"""

import re
from collections.abc import Callable
from typing import Final

from opsboard.masking.names import is_qualified, sounds_secret, word_set

MASK: Final = "***"

_SIGN: Final = re.compile(r"[\uff1a\uff1d]|=>|:=|={1,3}|(?<!:):(?!:|//)|%3[DdAa](?!%2[Ff])")
_BEFORE: Final = re.compile(  # reversed
    r"""[ \t]{0,4}[]"'`]{0,2}\\{0,8}(?P<name>[\w.\-$]{1,120})(?P<by>[ \t](?P<more>[\w-]{1,40}))?"""
    r"(?P<rest>.?)",
    re.DOTALL,
)
_NEAR: Final = 200
_VALUE: Final = re.compile(
    r"""
    (?P<kept>[ \t]{0,16}
      (?:(?:bearer|basic|token|negotiate|apikey|digest)[ \t]{1,4})? (?:[bBrRuUfF]{1,2}(?=["']))?)
    (?:
      (?P<block>[|>][+-]?\d?[ \t]{0,8}\n(?:[ \t]+[^\n]*(?:\n|$)|[ \t]*\n)+)
    | (?P<lines>\n(?:[ \t]*-[ \t]+[^\n:]*(?:\n|$))+)
    | (?P<next>\n[ \t]+(?![-\[{|>&*!\#])[^\s:\#]+[ \t]*(?=\r?\n|$))
    | (?P<flow>\{[ ]?[\w.\-]{1,120}:[ ][^{}\n]{0,4096}\})
    | (?P<listed>\[[^\[\]{}\n]{1,4096}\])
    | (?P<triple>"{3}|'{3})(?P<long>(?:.|\n){0,8192}?)(?P=triple)
    | "(?P<double>(?:[^"\\\n]|\\.|"")*+)"
    | '(?P<single>(?:[^'\\\n]|\\.|'')*+)'
    | (?P<quote>\\{1,8}["'])(?P<inner>[^\n]{0,8192}?)(?<!\\)(?P=quote)
    | (?P<open>\\{0,8}["'`])(?P<unclosed>[^\n]*)
    | (?P<bare>(?: \\[ ](?=\S) | \$\{[^{}\s]{0,200}\} | [^\s"'`&;,)}\]<>\\]
                 | ["'`&;,)}\]<>\\]
                   (?![]"'`&;,)}<>\\]{0,8}(?:\s|$|["']?[\w.\-]{1,64}["']?[ ]?[=:])) )+)
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GROUPS: Final = (
    "block", "lines", "next", "flow", "listed", "long", "double", "single", "inner", "unclosed",
    "bare",
)  # fmt: skip
"""What a value may be: it is one of them."""
_NESTED: Final = re.compile(r"""[ \t]{0,16}(?:[{\[(](?:["'\s{\[}\])]|$)|\$\{\{)""")
_VERSION: Final = re.compile(r"v?\d{1,4}(?:\.\d{1,6}){1,3}(?:[-+][\w.]{0,40})?(?=[\s,;)@\"']|$)")
"""What stands after the colon of an image."""
_LISTED: Final = re.compile(
    r"""\b(?:name|key)\\{0,8}["']?\s{0,4}[:=]\s{0,4}\\{0,8}["']?(?P<name>[\w.\-]{1,120})\\{0,8}["']?
    \s{0,64},?\s{0,64}\\{0,8}["']?value\\{0,8}["']?\s{0,4}[:=]""",
    re.VERBOSE,
)
_QUOTED_FLAG: Final = re.compile(
    r"""(?<=["'])--?(?P<name>[A-Za-z][\w.\-]{0,80})\\{0,8}["'],(?=\s{0,4}\\{0,8}["'])"""
)
"""A flag in a list that was written down as JSON or by Python."""
_ELEMENT: Final = re.compile(r"<(?P<name>[\w:.\-]{1,120})(?:\s[^<>]{0,200})?>(?=\s{0,64}[^<>\s])")
_ALONE: Final = re.compile(r"""[ \t]*(?:-[ \t]+)?["']?[\w.\-]+["']?[ \t]*""")
_QUALIFIED: Final = frozenset({"key", "keys", "string", "phrase", "code", "codes", "word"})

_WORDS: Final = word_set(
    """
    a about an and any are as at bad be been by can cannot changed contains context could
    decoding denied deprecated dial did disabled do does empty enabled error exists expired
    expires failed failure false for forbidden found from get given has have head here http
    https if ignored in incorrect instead into invalid is it its key keys length loaded
    malformed masked may mismatch missing must needs new nil no none not null of off ok old on
    only optional or password passwords patch permission post present put read refresh rejected
    request required revoked rotated secret secrets see set should size skipped string taken
    that the they this timeout to token tokens true try unable unauthorized undefined
    unexpected unknown unset update updated use used using valid was when where which will with
    without wrong yes you your
    """
)
"""Words with which a sentence goes on after ``token:``, and values that hold no secret."""
_REFERENCE: Final = re.compile(
    r"""\$[A-Z_][A-Z0-9_]*
    | \$?\{\{?(?![^}]*(?::[-=+]|\bdefault\b)\s*["']?[^\s"'}])[\w\s.\-$:|"']*\}\}?
    | \$\([\w.\-\s]*\) | %[A-Z_]+% | <[\w\s.-]*>
    | %\([\w.]*\)s | [*•x.]{3,} | /(?:run|var|etc|home|mnt|tmp|root|opt|srv|usr)(?:/[\w.\-]+)+
    | \(not\ shown\) | \[?(?:redacted|REDACTED)\]? | \d{1,3} | \W{1,2}""",
    re.VERBOSE,
)


_RANDOM: Final = re.compile(
    r"(?<![\w+/=-])(?=[\w+/=-]{0,100}[a-z])(?=[\w+/=-]{0,100}[A-Z])(?=[\w+/=-]{0,100}[0-9])"
    r"[\w+/=-]{8,}"
)
"""What no word is: of letters, large and small, and digits."""
_BEHIND: Final = re.compile(
    r"(?<![\w.\-])(?P<kept>(?P<name>[A-Za-z][\w.\-]{2,80})[ \t]{1,8}[\"']?)"
    rf"{_RANDOM.pattern}[^\s\"']*"
)
"""Such a thing behind a word, as in ``ENV DB_PASSWORD Zx9qLw7R``."""


def is_trivial(value: str) -> bool:
    """Tell whether *value* only refers to a secret, or is none: a word, a path, ``$NAME``."""
    bare = value.strip().rstrip(".,;:!?)")
    return not bare or bare.lower() in _WORDS or bool(_REFERENCE.fullmatch(bare))


def is_reference(value: str) -> bool:
    """Tell whether *value* says where a secret is, and not what it is: a path, ``$NAME``."""
    return bool(_REFERENCE.fullmatch(value))


def looks_random(text: str) -> bool:
    """Tell whether there is something in *text* that is made up of all kinds of characters."""
    return _RANDOM.search(text) is not None


def mask_named(text: str) -> str:
    """Return *text* without what looks random and stands behind the name of a secret."""
    return _BEHIND.sub(_unnamed, text)


def _unnamed(found: re.Match[str]) -> str:
    return f"{found['kept']}{MASK}" if sounds_secret(found["name"]) else found[0]


def mask_pairs(text: str) -> str:
    """Return *text* without values whose names sound secret."""
    if "value" in text:
        text = _replaced(text, _LISTED, _is_listed)
    if "</" in text:
        text = _without_elements(text)
    if "'-" in text or '"-' in text:
        text = _replaced(text, _QUOTED_FLAG, _is_listed)
    return _replaced(text, _SIGN, _is_named)


def _replaced(text: str, signs: re.Pattern[str], is_secret: Callable[[re.Match[str]], bool]) -> str:
    """Return *text* without the values that follow those of *signs* that are of secrets."""
    kept, at, looked = [], 0, 0
    while (sign := signs.search(text, looked)) is not None:
        looked = sign.end()
        value = _value_of(sign) if is_secret(sign) else None
        if value is None:
            continue
        kept.append(text[at:looked] + _masked(value))
        at = looked = _end_of(sign, value)
    return "".join((*kept, text[at:]))


def _value_of(sign: re.Match[str]) -> re.Match[str] | None:
    """Return what stands after *sign* where that may be a secret."""
    text, end = sign.string, sign.end()
    value = _VALUE.match(text, end)
    if value is not None and value["flow"] is not None:
        return value if looks_random(value["flow"]) else None
    if value is None or is_trivial(_said(value)) or (sign[0] == ":" and _VERSION.match(text, end)):
        return None
    if value["next"] is not None and not _is_alone(sign):
        return None
    return None if value["listed"] is None and _NESTED.match(text, end) else value


def _is_listed(sign: re.Match[str]) -> bool:
    return sounds_secret(sign["name"])


def _is_named(sign: re.Match[str]) -> bool:
    """Tell whether what stands before *sign* is the name of a secret, and no path or image."""
    before = sign.string[max(0, sign.start() - _NEAR) : sign.start()][::-1]
    found = _BEFORE.match(before)
    if found is None:
        return False
    name = found["name"][::-1]
    if sign[0] == ":" and before[found.end("name") :][:1] in {"/", "@"}:
        return False
    if sounds_secret(name):
        return True
    more = (found["more"] or "")[::-1]
    return name.lower() in _QUALIFIED and is_qualified(more, name)


def _said(value: re.Match[str]) -> str:
    return next(value[group] for group in _GROUPS if value[group] is not None)


def _masked(value: re.Match[str]) -> str:
    """Return what stands for *value*, in its quotes."""
    kept = value["kept"]
    quotes = {"triple": value["triple"], "double": '"', "single": "'", "inner": value["quote"]}
    for group, quote in quotes.items():
        if value["long" if group == "triple" else group] is not None:
            return f"{kept}{quote}{MASK}{quote}"
    if value["block"] or value["lines"]:
        return f"{kept or ' '}{MASK}\n"
    if (line := value["next"]) is not None:
        return f"{kept}{line[: len(line) - len(line.lstrip())]}{MASK}"
    if value["listed"]:
        return f"{kept}[{MASK}]"
    return f"{kept}{value['open'] or ''}{MASK}"


def _end_of(sign: re.Match[str], value: re.Match[str]) -> int:
    """Return where *value* ends: of a line of YAML that holds a name alone, at the line's end."""
    text = sign.string
    if value["bare"] is None or not _is_alone(sign, first=False):
        return value.end()
    end = text.find("\n", value.end())
    return end if end >= 0 else len(text)


def _is_alone(sign: re.Match[str], *, first: bool = True) -> bool:
    """Tell whether *sign* is that of a line of YAML in which there is a name and no more.

    The *first* line of a text may be another part of a sentence.
    """
    text = sign.string
    line = text.rfind("\n", max(0, sign.start() - _NEAR), sign.start())
    begins = line >= 0 or (first and sign.start() < _NEAR)
    return sign[0] == ":" and begins and bool(_ALONE.fullmatch(text[line + 1 : sign.start()]))


def _without_elements(text: str) -> str:
    """Return *text* without what stands in XML elements whose names sound secret."""
    kept, at = [], 0
    for begin in _ELEMENT.finditer(text):
        if begin.start() < at or not sounds_secret(begin["name"]):
            continue
        end = text.find("<", begin.end())
        end = end if end >= 0 else len(text)
        kept.append(text[at : begin.end()] + MASK)
        at = end
    return "".join((*kept, text[at:]))
