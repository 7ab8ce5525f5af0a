"""What is wrong with a value, in the words of a config, where pydantic's are those of Python."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

_LIST: Final = "must be a list: [ ]"
_TABLE: Final = "must be a table of keys"
_TEXT: Final = "must be text, in quotes"
_WHOLE: Final = "must be a whole number"
_NUMBER: Final = "must be a number"
_YES_OR_NO: Final = "must be true or false"
_TIME: Final = 'is not a time of day: write "00:00" to "23:59"'
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "this key is missing",
    "extra_forbidden": "unknown key",
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(("model_type", "dict_type", "mapping_type", "model_attributes_type"), _TABLE),
    **dict.fromkeys(("string_type", "path_type"), _TEXT),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _YES_OR_NO),
    **dict.fromkeys(("time_type", "time_parsing"), _TIME),
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must name at least {min_length}",
    "too_long": "must name at most {max_length}",
}
"""What each type of pydantic's errors says, with what it is filled in with."""
_TOO_SHORT: Final = frozenset({"string_too_short", "too_short"})
_SHOULD: Final = re.compile(r"\w+ should (?=\w)")


def validation_message(item: Mapping[str, Any]) -> str:
    """Return what *item*, an error of pydantic's, says; the value itself is never quoted."""
    kind, values = item["type"], item.get("ctx", {})
    if kind in _TOO_SHORT and values.get("min_length") == 1:
        return "must not be empty"
    if kind in _MESSAGES:
        return _MESSAGES[kind].format_map({name: _plain(one) for name, one in values.items()})
    said = _SHOULD.sub("must ", str(item["msg"]).removeprefix("Value error, "), count=1)
    return said[:1].lower() + said[1:]


def _plain(value: Any) -> Any:
    """Return a limit as people write it: 5 for 5.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def validation_summary(error: "ValidationError") -> str:
    """Return what *error* says, field by field."""
    items = error.errors(include_url=False, include_input=False)
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, item["loc"])), validation_message(item))))
        for item in items
    )
