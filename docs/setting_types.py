"""How the types and defaults of settings are written on a page."""

import json
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from docs.markdown import code
from opsboard.config.settings import (
    AuditSettings,
    ChangeWindow,
    PolicyDecision,
    RetrainRule,
    UiSettings,
)
from opsboard.system.secrets import SecretSource
from opsboard_adapters.mlflow import DriftRule

_PLAIN: Final[Mapping[Any, str]] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Path: "path",
    SecretStr: "text",
    SecretSource: "[secret](#secrets)",
    DriftRule: "[drift rule](#drift-rules)",
    AuditSettings: "[table](#the-audit-trail-audit)",
    UiSettings: "[table](#looks-ui)",
    PolicyDecision: "[word](#what-is-allowed-policy)",
    ChangeWindow: "[change window](#change-windows)",
    RetrainRule: "[recipe](#retraining)",
    time: "time of day",
}

_LIMITS: Final = {
    Ge: ("at least", "ge"),
    Gt: ("above", "gt"),
    Le: ("at most", "le"),
    Lt: ("<", "lt"),
}


def type_of(field: FieldInfo) -> str:
    """Return the type of *field* in words, with its limits."""
    limits = [
        f"{word} {getattr(limit, name):g}"
        for limit in field.metadata
        for kind, (word, name) in _LIMITS.items()
        if isinstance(limit, kind)
    ]
    return ", ".join((_type(field.annotation), *limits))


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in {Union, UnionType}:
        return " or ".join(_type(one) for one in arguments if one is not NoneType)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is Literal:
        return " or ".join(code(json.dumps(value)) for value in arguments)
    if origin is dict:
        return f"table of {_type(arguments[1])}"
    return _PLAIN[annotation]


def default_of(field: FieldInfo) -> str:
    """Return the default of *field* as TOML, or a word for what TOML cannot say."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, time):
        return code(json.dumps(f"{value:%H:%M}"))
    if isinstance(value, (AuditSettings, UiSettings)):
        return "as below"
    return code(json.dumps(value))
