"""The tables of rules for actions, validated one by one, so that a fault in one is not fatal.

A board that does not open helps nobody; a rule that silently has no effect is worse. So a fault in
``[environments]``, ``protected``, ``[policy]`` or ``[[change_windows]]`` is kept beside what can be
read of them, with the environments that it may concern: there, the guard refuses every action until
it is fixed. An entry that can never match is a fault, too: an action that no adapter has, or
another word for a known environment.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from opsboard.adapter import RETRAIN
from opsboard.config import registry
from opsboard.config.action_rules import ChangeWindow, PolicyDecision
from opsboard.config.problems import ConfigFault, did_you_mean, faults_of
from opsboard.config.setting_types import EnvironmentName, NamePattern, NamePatterns
from opsboard.environments.names import (
    Specificity,
    is_pattern,
    matches,
    normal_form,
    specificity_of,
)
from opsboard.environments.rules import USUAL_WORDS, environment_by_usual_words

TABLES: Final = ("environments", "protected", "policy", "change_windows")
ALL_ENVIRONMENTS: Final = ("*",)

_ENVIRONMENT: Final = TypeAdapter(dict[EnvironmentName, NamePatterns])
_PROTECTED: Final = TypeAdapter(NamePatterns)
_NAMES: Final = TypeAdapter(list[NamePattern])
_POLICY: Final = TypeAdapter(dict[NamePattern, PolicyDecision])
_WINDOW: Final = TypeAdapter(ChangeWindow)


@dataclass(frozen=True, slots=True)
class TableFault:
    """A fault, and the names or patterns of the environments that it may concern."""

    fault: ConfigFault
    environments: Sequence[str] = ALL_ENVIRONMENTS


@dataclass(slots=True)
class RuleTables:
    """What could be read of the tables, as :class:`Settings` takes it, and the faults."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: list[TableFault] = field(default_factory=list)


def read_tables(document: Mapping[str, Any], own: Collection[str] = ()) -> RuleTables:
    """Return the rule tables of *document*, and their faults.

    *own* are the environments that sources set in the config.
    """
    return _Reader(document, own).read()


class _Reader:
    def __init__(self, document: Mapping[str, Any], own: Collection[str]) -> None:
        self._document = document
        self._own = own
        self._read = RuleTables()

    def read(self) -> RuleTables:
        for name, step in (
            ("environments", self._environments),
            ("protected", self._protected),
            ("policy", self._policy),
            ("change_windows", self._windows),
        ):
            if name in self._document:
                step(self._document[name])
        return self._read

    def _fault(
        self,
        path: tuple[str, ...],
        message: str,
        hint: str = "",
        at: Sequence[str] = ALL_ENVIRONMENTS,
    ) -> None:
        self._read.faults.append(TableFault(ConfigFault(path, message, hint), tuple(at)))

    def _valid(
        self, kind: TypeAdapter[Any], value: object, path: tuple[str, ...], at: Sequence[str]
    ) -> Any:
        """Return *value* as *kind* takes it, or ``None`` with its faults noted."""
        try:
            return kind.validate_python(value)
        except ValidationError as error:
            for one in faults_of(error, ChangeWindow):
                self._fault((*path, *_place(one.path)), one.message, one.hint, at)
            return None

    # --- the tables ------------------------------------------------------------------------------

    def _environments(self, value: object) -> None:
        if not isinstance(value, Mapping):
            self._fault(("environments",), "must be a table", 'write NAME = ["pattern-*"] in it')
            return
        known: dict[str, Any] = {}
        for name, patterns in value.items():
            path = ("environments", name)
            known |= self._valid(_ENVIRONMENT, {name: patterns}, path, ALL_ENVIRONMENTS) or {}
        self._read.values["environments"] = known

    def _protected(self, value: object) -> None:
        names = self._valid(_PROTECTED, value, ("protected",), ALL_ENVIRONMENTS)
        if names is None:
            return
        self._read.values["protected"] = names
        for name in names:
            self._check_environment(name, ("protected",), ALL_ENVIRONMENTS)

    def _policy(self, value: object) -> None:
        if not isinstance(value, Mapping):
            self._fault(("policy",), "must be tables", 'write ACTION = "deny" in [policy.NAME]')
            return
        kept: dict[str, Any] = {}
        for name, table in value.items():
            path = ("policy", name)
            if self._valid(_NAMES, [name], path, ALL_ENVIRONMENTS) is None:
                continue
            entries = self._valid(_POLICY, table, path, (name,))
            if entries is None:
                continue
            self._check_environment(name, path)
            for action in entries:
                self._check_action(action, (*path, action), (name,))
            kept[name] = entries
        self._read.values["policy"] = kept

    def _windows(self, value: object) -> None:
        if not isinstance(value, list):
            self._fault(("change_windows",), "must be a list", "write [[change_windows]]")
            return
        windows: list[ChangeWindow] = []
        for number, one in enumerate(value):
            at, path = _named_by(one), ("change_windows", str(number))
            window = self._valid(_WINDOW, one, path, at)
            if window is None:
                continue
            for name in window.environments:
                self._check_environment(name, (*path, "environments"))
            for action in window.actions:
                self._check_action(action, (*path, "actions"), at)
            windows.append(window)
        self._read.values["change_windows"] = tuple(windows)

    # --- what can never match --------------------------------------------------------------------

    def _check_environment(self, name: str, path: tuple[str, ...], at: Sequence[str] = ()) -> None:
        """Note a fault if *name* is another word for a known environment, such as ``prod``."""
        own = {*map(normal_form, (*self._read.values.get("environments", ()), *self._own))}
        known = normal_form(name)
        meant = environment_by_usual_words(name)
        if is_pattern(name) or known in own or not meant or known in USUAL_WORDS:
            return
        if known.replace("-", "").replace("_", "").replace(" ", "") in USUAL_WORDS[meant]:
            self._fault(
                path,
                f"{name!a} is called {meant!r} here",
                f"write {meant}, or make it one of its own in [environments]",
                at or (name, meant),
            )

    def _check_action(self, action: str, path: tuple[str, ...], at: Sequence[str]) -> None:
        if specificity_of(action) is Specificity.ANY:
            return
        known = known_actions()
        if not any(matches(action, one) for one in known):
            self._fault(
                path,
                f"there is no action {action!a}",
                did_you_mean(normal_form(action), known),
                at,
            )


def _place(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return *path* without what pydantic adds to it: positions and ``[key]``."""
    return tuple(part for part in path if part != "[key]" and not part.isdigit())


def _named_by(window: object) -> Sequence[str]:
    """Return the environments that *window* may concern, whatever else is wrong with it."""
    if not isinstance(window, Mapping) or "environments" not in window:
        return ALL_ENVIRONMENTS
    try:
        return tuple(_PROTECTED.validate_python(window["environments"])) or ALL_ENVIRONMENTS
    except ValidationError:
        return ALL_ENVIRONMENTS


def known_actions() -> frozenset[str]:
    """Return the ids of all actions of installed adapters, and of retraining."""
    adapters, _ = registry.load_all_adapters()
    offered = (offer.id for adapter in adapters.values() for offer in adapter.actions)
    return frozenset({RETRAIN, *offered})
