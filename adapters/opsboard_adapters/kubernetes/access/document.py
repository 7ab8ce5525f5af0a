"""The first document of a YAML text as values of JSON, as client-go has them.

client-go turns YAML into JSON before it reads it (``sigs.k8s.io/yaml``, on go-yaml 2). So the
types are those of YAML 1.1 as go-yaml sees them, which are not PyYAML's: ``y`` is true, dates and
``12:30:45`` are text, an unknown tag counts for nothing, what is binary is text. What stands behind
the first document is not read. Of a key that is there twice the later counts, of merged keys too.
"""

import binascii
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAG}merge"
_TRUE: Final = frozenset({"y", "yes", "on", "true"})
_FALSE: Final = frozenset({"n", "no", "off", "false"})

_BOOL: Final = re.compile(
    "y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE"
)
_NULL: Final = re.compile("|~|null|Null|NULL")
_NUMBER: Final = re.compile(
    r"""[-+]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
    |(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?)
    |[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)""",
    re.VERBOSE,
)

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]
    """A parser that tells the types of scalars as go-yaml does."""

    yaml_implicit_resolvers: Mapping[str, Any] = {}


for _name, _looks, _starts in (
    ("bool", _BOOL, "yYnNtTfFoO"),
    ("null", _NULL, ["~", "n", "N", ""]),
    ("float", _NUMBER, "-+.0123456789"),
    ("merge", re.compile("<<"), "<"),
):
    _Loader.add_implicit_resolver(
        f"{_TAG}{_name}", re.compile(rf"(?:{_looks.pattern})\Z", _looks.flags), list(_starts)
    )


class NotYamlError(ValueError):
    """A text is no YAML, beginning at its line *line* (0: nobody knows where). Repeats nothing."""

    def __init__(self, line: int = 0) -> None:
        super().__init__("not valid YAML")
        self.line = line


def first_document(text: str) -> Any:
    """Return the value of the first document in *text*, ``None`` where it holds none.

    Raises :exc:`NotYamlError`.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_node() if loader.check_node() else None
        finally:
            loader.dispose()
        return None if node is None else _Values().of(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise NotYamlError(mark.line + 1 if mark else 0) from None
    except yaml.YAMLError:  # a character that no YAML may have
        odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
        raise NotYamlError(text.count("\n", 0, odd.start()) + 1 if odd else 0) from None
    except (RecursionError, ValueError):
        raise NotYamlError from None


class _Values:
    """Makes values of nodes. What is anchored is made once, however often it is referred to."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._under_way: set[int] = set()

    def of(self, node: Node) -> Any:
        """Return the value of *node*."""
        key = id(node)
        if key in self._under_way:
            raise _odd("an anchor holds itself", node)
        if key not in self._made:
            self._under_way.add(key)
            self._made[key] = self._make(node)
            self._under_way.discard(key)
        return self._made[key]

    def _make(self, node: Node) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node)
        if isinstance(node, SequenceNode):
            return [self.of(item) for item in node.value]
        return _scalar(node)

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                made.update(self._merged(value))
            else:
                made[_key(key)] = self.of(value)
        return made

    def _merged(self, node: Node) -> dict[str, Any]:
        """Return what ``<<`` brings; of several mappings the earlier ones count."""
        parts = node.value if isinstance(node, SequenceNode) else [node]
        if not all(isinstance(part, MappingNode) for part in parts):
            raise _odd("only mappings can be merged", node)
        made: dict[str, Any] = {}
        for part in reversed(parts):
            made.update(self.of(part))
        return made


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode) or (value := _scalar(node)) is None:
        raise _odd("a key is no text", node)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(node: Node) -> Any:
    make = _MADE.get(node.tag.removeprefix(_TAG))
    text = str(node.value)
    if make is None or (node.tag == _MERGE):
        return text
    try:
        return make(text)
    except ValueError:
        raise _odd("a value is not what its tag says", node) from None


def _bool(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError
    return text.lower() in _TRUE


def _number(text: str) -> int | float:
    """Return the number *text*. Raises :exc:`ValueError` for what JSON has no number for, too."""
    plain = text.replace("_", "").lower()
    digits = plain.lstrip("+-")
    try:
        octal = digits.isdigit() and digits.startswith("0")
        return int(plain, 8 if octal else 0)
    except ValueError:
        number = float(plain)
    if not math.isfinite(number):
        raise ValueError
    return number


def _binary(text: str) -> str:
    plain = text.replace("\r", "").replace("\n", "")
    return binascii.a2b_base64(plain, strict_mode=True).decode("utf-8", "replace")


_MADE: Final[Mapping[str, Callable[[str], Any]]] = {
    "bool": _bool,
    "null": lambda _: None,
    "int": _number,
    "float": _number,
    "binary": _binary,
}


def _odd(what: str, node: Node) -> ConstructorError:
    return ConstructorError(None, None, what, node.start_mark)
