"""The plan of a training by command: what would be run, where, and by whom."""

import getpass
import os
import shlex
import shutil
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from opsboard.adapter import (
    Difference,
    Fact,
    Finding,
    Form,
    HostEnviron,
    Input,
    Permission,
    Plan,
    Request,
    Severity,
    Unsupported,
)
from opsboard.environments.names import UNKNOWN
from opsboard_adapters.command.recipe import MODEL, CommandRecipe, read_recipe

PATIENCE: Final = 7_200.0
_NUL: Final = "\0"


def make_form(request: Request) -> Form:
    """Return the form: the placeholders of the command. Raises :exc:`Misconfigured`."""
    recipe = read_recipe(request.recipe)
    return Form(inputs=tuple(Input(name=name, required=True) for name in recipe.names()))


def make_plan(
    request: Request,
    around: HostEnviron,
    folder: Path,
    now: datetime,
    environments: tuple[str, ...] = (UNKNOWN,),
) -> Plan:
    """Return the plan. Raises :exc:`Misconfigured`, and :exc:`Unsupported` for unfit values.

    *environments* are those that this machine is of: what a command reaches is not known.
    """
    recipe, form = read_recipe(request.recipe), make_form(request)
    values = _fitting(form, request.values)
    model = request.ref.id
    argv = recipe.argv({**values, MODEL: model})
    cwd = _folder(recipe, around)
    program = _program(argv[0], cwd, around)
    plan = Plan(
        made_at=now,
        action=request.action,
        title=f"Retrain {model} by a command",
        ref=request.ref,
        target=f"a command on {socket.gethostname()}",
        name=model,
        environments=environments,
        after="a new version",
        changes=(Difference(group="command", name="argv", after=shlex.join(argv)),),
        findings=tuple(_cautions(argv, cwd, program)),
        permission=Permission.ALLOWED if program else Permission.UNKNOWN,
        permission_note=f"runs as {getpass.getuser()}",
        values=values,
        precondition={"program": program, "is": fingerprint(program)},
        payload={"argv": argv, "cwd": str(cwd), "model": model},
        timeout=PATIENCE,
    )
    facts = _facts(cwd, program, folder / f"{plan.id}.log")
    return plan.model_copy(update={"facts": facts})


def _fitting(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    for name, fault in form.faults(values).items():
        raise Unsupported(f"{name} {fault}", "look at the form for what can be given")
    filled = form.filled(values)
    for name, value in filled.items():
        if _NUL in value:
            raise Unsupported(f"{name} has a NUL in it", "leave it out")
    return filled


def _folder(recipe: CommandRecipe, around: HostEnviron) -> Path:
    told = recipe.cwd
    if told == "~" or told.startswith("~/"):
        return around.home / told[2:]
    return around.cwd / told


def _program(name: str, cwd: Path, around: HostEnviron) -> str:
    """Return the file that *name* means where it is run, ``""`` for none."""
    if "/" not in name:
        return shutil.which(name, path=around.env.get("PATH")) or ""
    path = cwd / name
    return str(path) if path.is_file() and os.access(path, os.X_OK) else ""


def fingerprint(program: str) -> str:
    """Return what tells that *program* is still the file that it was; ``""`` for none."""
    try:
        found = Path(program).stat() if program else None
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}" if found else ""


def _cautions(argv: list[str], cwd: Path, program: str) -> Iterator[Finding]:
    if not program:
        text = f"there is no program {argv[0]!r} that could be run"
        yield Finding(severity=Severity.BLOCKER, text=text)
    if not cwd.is_dir():
        yield Finding(severity=Severity.BLOCKER, text=f"there is no folder {cwd}")
    text = "it goes on when opsboard ends, and cannot be stopped from here"
    yield Finding(severity=Severity.NOTE, text=text)


def _facts(cwd: Path, program: str, log: Path) -> tuple[Fact, ...]:
    return (
        Fact(label="Program", value=program or "none"),
        Fact(label="Folder", value=str(cwd)),
        Fact(label="Output", value=str(log)),
    )


def environment(plan: Plan, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the command: that of opsboard, and what it is told."""
    told = {
        f"OPSBOARD_INPUT_{name.upper().replace('-', '_')}": value
        for name, value in plan.values.items()
    }
    return {**env, **told, "OPSBOARD_MODEL": plan.payload["model"], "OPSBOARD_PLAN": plan.id}
