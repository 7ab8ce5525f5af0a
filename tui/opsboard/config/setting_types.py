"""Types of settings that several tables have: lists, names of environments, times of day."""

import re
from collections.abc import Callable
from datetime import time
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from opsboard.environments.names import is_pattern, name_error, pattern_error
from opsboard.text.sanitize import sanitize

FROZEN = ConfigDict(frozen=True, extra="forbid")
"""How every table of the config is: unknown keys are errors."""


def one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


class OneWordSchema:
    """Lets the JSON Schema of a list allow one item without a list."""

    @staticmethod
    def __get_pydantic_json_schema__(
        schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


StringList = Annotated[tuple[str, ...], BeforeValidator(one_or_more), OneWordSchema]
"""A list of words; a single word may stand for a list of one."""


def _without(fault_of: Callable[[str], str]) -> AfterValidator:
    """Return a validator that rejects a word for which *fault_of* returns an error."""

    def check(word: str) -> str:
        if fault := fault_of(word):
            raise ValueError(f"{word!a}: {fault}")
        return word

    return AfterValidator(check)


def _plain_name_fault(name: str) -> str:
    return name_error(name) or ("a name is wanted here, no pattern" if is_pattern(name) else "")


EnvironmentName = Annotated[str, _without(_plain_name_fault)]
"""The name of one environment."""

NamePattern = Annotated[str, _without(pattern_error)]
"""The name of an environment or an action, or a pattern of such names."""

NamePatterns = Annotated[tuple[NamePattern, ...], BeforeValidator(one_or_more), OneWordSchema]
"""A list of names and patterns; a single one may stand for a list of one."""

_TIME: Final = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?")


def _time_of_day(value: object) -> object:
    """Refuse what is no time of day alone: a number means seconds, an offset another zone."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, time) or (isinstance(value, str) and _TIME.match(value.strip())):
        if isinstance(value, str) and _TIME.fullmatch(value.strip()):
            return value.strip()
        raise ValueError("is more than a time of day: write 09:00, and the zone as time_zone")
    raise ValueError('is not a time of day: write it as text, such as "09:00"')


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""A time by the clock on the wall, of no zone of its own."""


def one_line(text: str) -> str:
    if sanitize(text) != text:
        raise ValueError("must be one line, without control characters")
    return text
