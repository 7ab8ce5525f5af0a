"""How the types and defaults of settings are written on a page."""

import json
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from docs.markdown import code
from opsboard.config.action_rules import ChangeWindow, PolicyDecision, RetrainRule, StartCheckRule
from opsboard.config.board_rules import LineageSettings, ServiceRule, ViewColumn, ViewRule
from opsboard.config.quantities import Size
from opsboard.config.settings import AuditSettings, HistorySettings, UiSettings
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
    HistorySettings: "[table](#the-history-history)",
    timedelta: "length of time",
    PolicyDecision: "[word](#what-is-allowed-policy)",
    ChangeWindow: "[change window](#change-windows-change_windows)",
    RetrainRule: "[recipe](#retraining-retrain)",
    StartCheckRule: "[check](#checks-of-your-own-start_checks)",
    ServiceRule: "[service](#services-services)",
    ViewRule: "[view](#saved-views-views)",
    ViewColumn: "[column](#columns-of-a-view)",
    LineageSettings: "[table](#joins-lineage)",
    time: "time of day",
}

_SIZES: Final = get_args(Size)[1:]
"""What marks a number of bytes."""

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
    quantity = any(mark in _SIZES for mark in field.metadata)
    return ", ".join(("size" if quantity else _type(field.annotation), *limits))


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
    if isinstance(value, (AuditSettings, HistorySettings, LineageSettings, UiSettings)):
        return "as below"
    if isinstance(field.json_schema_extra, dict) and "default" in field.json_schema_extra:
        return code(json.dumps(field.json_schema_extra["default"]))
    return code(json.dumps(value))
