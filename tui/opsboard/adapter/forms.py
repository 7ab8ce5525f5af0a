"""Requests for an action, and the form that can be filled in before it is planned."""

import math
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Held

from opsboard.records import Ref
from opsboard.text.sanitize import Prose, Text
from opsboard.text.suggestions import did_you_mean

_FORM: Final = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Request(BaseModel):
    """What somebody asks for: *action* on *ref*, with the *values* of its form.

    A value that is not given has its default. *recipe* is for :data:`~opsboard.adapter.RETRAIN`
    only: how this model is trained, as the adapter that is asked understands it; *ref* is the
    model then, which is another source's.
    """

    model_config = _FORM

    action: str
    ref: Ref
    values: Mapping[str, str] = Held(default_factory=dict)
    recipe: Mapping[str, str] = Held(default_factory=dict)


class Option(BaseModel):
    """A value that can be chosen: *label* names it, *note* tells it from the others."""

    model_config = _FORM

    value: Text
    label: Text = ""
    note: Text = ""


class Input(BaseModel):
    """A field of a form. All values are text, as they would be typed.

    *type* is ``boolean`` (``true`` or ``false``), ``integer``, ``number``, ``choice`` (one of
    *options*) or ``text``. *default* holds where nothing is filled in; a *required*
    field without a default has to be filled in. One with *document*, the ending of a file's name
    (``.yaml``), is a text of many lines: it is edited in the user's own editor, and what is kept of
    it in a plan is what it changes. One that *escapes* holds any text as one line, as
    :mod:`opsboard.text.escaping` writes it: so is what is pasted, and none of it is cut.
    """

    model_config = _FORM

    name: Text
    label: Text = ""
    help: Text = ""
    type: Literal["text", "integer", "number", "boolean", "choice"] = "text"
    default: Prose = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    least: float | None = None
    most: float | None = None
    document: str = ""
    escapes: bool = False

    def fault(self, value: str) -> str:
        """Return what is wrong with *value*, or ``""``."""
        if not value:
            return "is required" if self.required else ""
        if self.type == "boolean" and value not in {"true", "false"}:
            return "is true or false"
        if self.type == "choice" and value not in {option.value for option in self.options}:
            return self._choice_fault(value)
        if self.type in {"integer", "number"}:
            return self._number_fault(value)
        return ""

    def _choice_fault(self, value: str) -> str:
        options = [option.value for option in self.options]
        suggestion = did_you_mean(value, options)
        return f"is one of: {', '.join(options)}" + (f" ({suggestion})" if suggestion else "")

    def _number_fault(self, value: str) -> str:
        try:
            number = float(int(value)) if self.type == "integer" else float(value)
        except (ValueError, OverflowError):
            return "is a whole number" if self.type == "integer" else "is a number"
        if not math.isfinite(number):
            return "is a finite number"
        if self.least is not None and number < self.least:
            return f"is at least {self.least:g}"
        if self.most is not None and number > self.most:
            return f"is at most {self.most:g}"
        return ""


class Form(BaseModel):
    """The fields that can be filled in for an action."""

    model_config = _FORM

    inputs: tuple[Input, ...] = ()

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return *values* with the defaults of what they leave out."""
        return {one.name: values.get(one.name, one.default) for one in self.inputs}

    def faults(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return what is wrong with *values*, by name; empty where nothing is."""
        known = {one.name for one in self.inputs}
        unknown = [name for name in values if name not in known]
        near = {name: did_you_mean(name, known) for name in unknown}
        faults = {n: f"is not known here{f' ({near[n]})' if near[n] else ''}" for n in unknown}
        for one in self.inputs:
            if fault := one.fault(values.get(one.name, one.default)):
                faults[one.name] = fault
        return faults
