"""Where retraining starts: with what the version that serves was trained with, and with its tags.

What trains asks for inputs by names of its own, and a run logs parameters by others: the two meet
where their names are the same, whatever their case and however their words are joined. Where two
parameters could be meant, none is. The tags of a model name the inputs as they are.

Anyone who may log a run or tag a model could have written anything: of both only that is taken over
which can be nothing but a value, and only for what the training asks for itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from opsboard.adapter import Finding, Input, Severity, TrainingInputs
from opsboard.masking import mask_text, sounds_secret

LONGEST: Final = 500
"""Characters of a value that is taken over; an input of a form is one line."""
LONGEST_NAME: Final = 60
"""Characters of the name of a tag that a finding shows."""
NAMED: Final = 8
"""Inputs that a finding names."""
_DATASET: Final = frozenset({"dataset", "datasetname", "trainingdata", "traindata", "trainingset"})
_PLAIN: Final = re.compile(
    r"""-?\d[\w.+-]*
    |[\w./][\w./@+:,=-]*(?:\ +(?:[\w./:,=][\w./@+:,=-]*|-(?=\ )))*""",
    re.VERBOSE,
)
"""A number, or words: what begins with ``-`` is a flag where a script does not quote it, what
begins with ``@`` a file that many programs read, ``+`` an override."""
_NOT_A_PARAMETER: Final = frozenset(
    {"model", "modelname", "registeredmodel", "registeredmodelname", "environment", "env",
     "opsboardplan"}
)  # fmt: skip
"""Inputs that say which model is trained and where: what trains says so, never an old run."""
_PLAN_ID: Final = frozenset({"opsboardplan"})
"""Inputs by which the board finds again what it began."""
_LOADERS: Final = frozenset(
    {"path", "home", "shell", "ifs", "bashenv", "ldpreload", "ldlibrarypath", "ldaudit",
     "pythonpath", "pythonhome", "pythonstartup", "pythonwarnings", "pythonbreakpoint",
     "nodeoptions", "nodepath", "javatooloptions", "jdkjavaoptions", "rubyopt", "perl5opt",
     "perl5lib", "gitsshcommand", "gitssh", "pipindexurl", "pipextraindexurl"}
)  # fmt: skip
"""Variables that say which code a program loads; a run's ``path`` is no ``PATH`` either."""
_ENTRY_POINT: Final = frozenset({"entrypoint"})
_BOOLEANS: Final = {"true": "true", "false": "false", "1": "true", "0": "false"}


def training_defaults(inputs: Iterable[Input], trained: TrainingInputs) -> dict[str, str]:
    """Return a value for each of *inputs* that *trained* has one for which fits."""
    found: dict[str, str] = {}
    for one in inputs:
        value = _value(one, trained)
        if value and not _fault(one, value):
            found[one.name] = value
    return found


def tagged_defaults(
    inputs: Iterable[Input], tags: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values of *tags* that hold, and why each of the others does not, by name."""
    asked = {one.name: one for one in inputs}
    values: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, said in tags.items():
        value = said.strip()
        one = asked.get(name)
        fault = _fault(one, value) if one is not None else "what trains does not ask for it"
        if fault:
            faults[name] = fault
        else:
            values[name] = value
    return values, faults


def tag_findings(faults: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return which inputs of a model's tags are left out, and why, for the plan."""
    texts = [f"{_short(name)} ({fault})" for name, fault in faults.items()]
    if not texts:
        return ()
    text = f"inputs of the model's own tags are left out: {_listed(texts)}"
    return (Finding(severity=Severity.WARNING, text=text),)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _fault(one: Input, value: str) -> str:
    """Return why *value*, which somebody else wrote, is not taken over for *one*, or ``""``."""
    name = _plain(one.name)
    if sounds_secret(one.name) or mask_text(value) != value:
        return "it looks like a secret"
    if name in _LOADERS | _PLAN_ID:
        return "only who retrains says that"
    if not _is_plain(value):
        return "it is no plain value"
    return f"it {fault}" if (fault := one.fault(value)) else ""


def _is_plain(value: str) -> bool:
    """Tell whether *value* can only be a value.

    Nothing that a shell, or a program that is given it as an argument, would take for more.
    """
    return len(value) <= LONGEST and _PLAIN.fullmatch(value) is not None


def _value(one: Input, trained: TrainingInputs) -> str:
    params = dict(trained.params)
    name = _plain(one.name)
    if name in _NOT_A_PARAMETER:
        return ""
    alike = [key for key in params if _plain(key) == name]
    if one.name in params:
        value = params[one.name]
    elif len(alike) == 1:
        value = params[alike[0]]
    elif not alike and name in _DATASET:
        value = trained.dataset
    elif not alike and name in _ENTRY_POINT:
        value = trained.entry_point
    else:
        return ""
    value = value.strip()
    return _BOOLEANS.get(value.lower(), value) if one.type == "boolean" else value


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def starting_from(
    inputs: Sequence[Input],
    trained: TrainingInputs,
    fixed: Mapping[str, str],
    left_out: Mapping[str, str],
) -> tuple[Input, ...]:
    """Return *inputs* with the defaults of *trained*; those in *fixed* are as they say.

    *left_out* is why what the model's tags say of an input does not hold.
    """
    defaults = training_defaults(inputs, trained)
    started = (_started(one, trained.version, defaults, fixed) for one in inputs)
    return tuple(_helped(one, left_out.get(one.name, "")) for one in started)


def _helped(one: Input, fault: str) -> Input:
    return _with_help(one, f"the model's tag is left out: {fault}") if fault else one


def _started(
    one: Input, version: str, defaults: Mapping[str, str], fixed: Mapping[str, str]
) -> Input:
    was = defaults.get(one.name)
    default = fixed.get(one.name, one.default if was is None else was)
    if was is None:
        return one if default == one.default else one.model_copy(update={"default": default})
    told = f"{version} was trained with {was}"
    return _with_help(one.model_copy(update={"default": default}), told)


def _with_help(one: Input, text: str) -> Input:
    help_text = f"{one.help.rstrip('.')}; {text}" if one.help else text
    return one.model_copy(update={"help": help_text})


def training_findings(
    inputs: Sequence[Input], trained: TrainingInputs, values: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Return how *values* compare with what *trained* tells, for the plan."""
    if trained.unread:
        text = f"what {trained.version or 'it'} was trained with is not known: {trained.unread}"
        return (Finding(severity=Severity.NOTE, text=text),)
    was = training_defaults(inputs, trained)
    same = [name for name, value in was.items() if values.get(name) == value]
    other = [
        f"{name} {values.get(name) or 'empty'}, was {value}"
        for name, value in was.items()
        if name not in same
    ]
    texts = []
    if same:
        texts.append(f"as {trained.version} was trained with: {_listed(same)}")
    if other:
        texts.append(f"unlike {trained.version}: {_listed(other)}")
    return tuple(Finding(severity=Severity.NOTE, text=text) for text in texts)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
