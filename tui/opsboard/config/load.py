"""Read the config file.

The file is TOML. A fault in the file's own syntax or in the board's settings is a
:exc:`ConfigError`. A fault in one source makes that source unusable and leaves the others alone:
it is in :attr:`Config.problems`, and the board shows it in place of the source. The same goes for a
fault in the rules for actions (:mod:`opsboard.config.rule_tables`).
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from opsboard.config import registry
from opsboard.config.action_rules import RuleError
from opsboard.config.broken_source import broken_source
from opsboard.config.earlier_names import with_present_names
from opsboard.config.paths import digest
from opsboard.config.problems import (
    ConfigError,
    ConfigFault,
    ConfigProblem,
    did_you_mean,
    faults_of,
)
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.rule_tables import TABLES, read_tables
from opsboard.config.settings import Settings
from opsboard.config.toml_lines import line_of
from opsboard.environments.names import normal_form
from opsboard.system import background
from opsboard.system.file_trust import find_trust_problem
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text
from opsboard.text.sanitize import sanitize

READ_TIMEOUT: Final = 10.0
"""Seconds to wait for the writer of a FIFO."""
_POSITION = re.compile(r"^(?P<message>.*) \(at line (?P<line>\d+), column \d+\)$")

_MEND_ADAPTER: Final = "another version of the package that it comes from may do"


def _without_place(fault: ConfigFault) -> ConfigProblem:
    return ConfigProblem(Path("config"), None, ".".join(fault.path), fault.message, fault.hint)


@dataclass(frozen=True, slots=True)
class Config:
    """A config file's content. *sources* includes stand-ins for the ones with *problems*.

    *hints* name what works and is written otherwise by now.

    *digest* is what :func:`opsboard.config.paths.digest` returns of its text. *read_only_by* is the
    key that makes all of it read-only, with its place, or ``""``. *locate* finds the place of a
    fault that is seen once all kinds of record are known.
    """

    settings: Settings
    sources: tuple[ResolvedSource, ...] = ()
    problems: tuple[ConfigProblem, ...] = ()
    hints: tuple[ConfigProblem, ...] = ()
    digest: str = ""
    read_only_by: str = ""
    locate: Callable[[ConfigFault], ConfigProblem] = field(
        default=_without_place, compare=False, repr=False
    )


def load_config(path: Path) -> Config:
    """Return the config in *path*. Raises :exc:`ConfigError` where it cannot be used at all."""
    return _Reader(path, _read(path)).config()


def _read(path: Path) -> str:
    """Return the text of *path*. It may name commands, so no other user may be able to write it."""
    if (why := find_trust_problem(path)) is not None:
        said = f"is refused, as it says which commands to run: {why.reason}"
        raise ConfigError([ConfigProblem(path, None, "", said, why.hint)])
    try:
        return _text_of(path)
    except TimeoutError:
        fault = f"cannot be read: nobody writes to it within {READ_TIMEOUT:g} s"
        raise ConfigError([ConfigProblem(path, None, "", fault)]) from None
    except OSError as error:
        cause = error.strerror or str(error)
        raise ConfigError([ConfigProblem(path, None, "", f"cannot be read: {cause}")]) from None
    except NotTextError as error:
        raise ConfigError([ConfigProblem(path, None, "", str(error), ENCODING_HINT)]) from None


def _text_of(path: Path) -> str:
    """Return the text of *path*. A FIFO, such as a shell's ``<(...)``, is waited for briefly."""
    if not path.is_fifo():
        return read_text(path)
    return background.run_in_thread(lambda: read_text(path)).result(READ_TIMEOUT)


class _Reader:
    """Validates one file; its text gives the line of each problem."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.problems: list[ConfigProblem] = []
        self.written: dict[tuple[str, ...], tuple[str, ...]] = {}
        """Path of a key by its present name -> as the file has it, under an earlier one."""
        self._taken: set[str] = set()
        """Names of sources."""

    def config(self) -> Config:
        document, earlier = with_present_names(self._parse())
        hints = [self._problem(ConfigFault(one.path, one.message, one.hint)) for one in earlier]
        if clashes := [hint for hint, one in zip(hints, earlier, strict=True) if one.clashes]:
            raise ConfigError(clashes)
        self.written = {(*one.path[:-1], one.name): one.path for one in earlier}
        tables = document.pop("sources", {})
        settings = self._settings(document, tables)
        if not isinstance(tables, Mapping):
            fault = ConfigFault(("sources",), "must be tables", "write [sources.NAME]")
            raise ConfigError([self._problem(fault)])
        self._taken.update(tables)
        sources = tuple(self._source(name, table) for name, table in tables.items())
        if settings.rule_errors:
            sources = (*sources, _stand_in(settings.rule_errors, tables))
        text_digest = digest(self.text)
        read_only_by = self._read_only_by(()) if settings.read_only else ""
        settings = settings.with_hints(map(str, hints))
        problems = tuple(self.problems)
        return Config(
            settings, sources, problems, tuple(hints), text_digest, read_only_by, self._problem
        )

    def _read_only_by(self, under: tuple[str, ...]) -> str:
        """Return ``read_only = true`` of the table *under* with its file and line, for messages."""
        table = f" in [{'.'.join(under)}]" if under else ""
        return f"read_only = true{table}, {self._place((*under, 'read_only'))}"

    def _place(self, path: tuple[str, ...]) -> str:
        line = line_of(self.text, path)
        return f"{self.path}:{line}" if line else str(self.path)

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except RecursionError:
            fault = "nested too deeply to be read"
            raise ConfigError([ConfigProblem(self.path, None, "", fault)]) from None
        except tomllib.TOMLDecodeError as error:
            found = _POSITION.match(str(error))
            line = (
                int(found["line"])
                if found
                else self.text.count("\n") + (not self.text.endswith("\n"))
            )
            message = found["message"] if found else str(error)
            raise ConfigError(
                [ConfigProblem(self.path, line, "", f"not valid TOML: {message}")]
            ) from None

    def _settings(self, document: Mapping[str, Any], sources: object) -> Settings:
        found = read_tables(document, _environments_of(sources))
        others = {key: value for key, value in document.items() if key not in TABLES}
        try:
            settings = Settings.model_validate({**others, **found.values})
        except ValidationError as error:
            faults = faults_of(error, _with_sources())
            raise ConfigError([self._problem(fault) for fault in faults]) from None
        problems = [self._problem(one.fault) for one in found.faults]
        self.problems.extend(problems)
        return settings.with_locations(self._denials(document)).with_rule_errors(
            [
                RuleError(str(problem), one.environments)
                for problem, one in zip(problems, found.faults, strict=True)
            ]
        )

    def _denials(self, document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
        """Return file and line of each entry of ``[policy]``, by its environment and its action."""
        tables = document.get("policy")
        items = tables.items() if isinstance(tables, Mapping) else ()
        return {
            (normal_form(name), normal_form(action)): self._place(("policy", name, action))
            for name, entries in items
            if isinstance(entries, Mapping)
            for action in entries
        }

    def _source(self, name: str, table: object) -> ResolvedSource:
        faults: list[ConfigFault] = []
        resolved = self._resolve(name, table, faults)
        if resolved is not None:
            return resolved
        problems = [self._problem(fault, under=("sources", name)) for fault in faults]
        self.problems.extend(problems)
        at_fault = "adapter" if faults[0].hint is _MEND_ADAPTER else "config file"
        shown = name if _can_be_read(name) else _free_name(sanitize(name), self._taken)
        self._taken.add(shown)
        return broken_source(shown, str(problems[0]), f"fix the {at_fault}, then start again")

    def _resolve(
        self, name: str, table: object, faults: list[ConfigFault]
    ) -> ResolvedSource | None:
        if not _can_be_read(name):
            hint = "write [sources.NAME] with a name that can be read and typed"
            faults.append(ConfigFault((), "is called by what is no text of one line", hint))
            return None
        if not isinstance(table, dict):
            faults.append(ConfigFault((), "must be a table", f"write [sources.{name}]"))
            return None
        values = dict(table)
        kind = values.pop("adapter", None)
        if not isinstance(kind, str):
            choices = ", ".join(registry.adapter_names())
            faults.append(
                ConfigFault((), "names no adapter", f'add adapter = "...", one of: {choices}')
            )
            return None
        try:
            adapter = registry.load_adapter(kind)
            settings = adapter.settings.model_validate(values)
            by = self._read_only_by(("sources", name)) if settings.read_only else ""
            return ResolvedSource(name, adapter, settings, read_only_by=by)
        except registry.RegistryError as error:
            known = registry.adapter_names()
            hint = _MEND_ADAPTER if kind in known else did_you_mean(kind, known)
            faults.append(ConfigFault(("adapter",), str(error), hint))
        except ValidationError as error:
            faults.extend(faults_of(error, adapter.settings, ("sources", name)))
        return None

    def _problem(self, fault: ConfigFault, under: tuple[str, ...] = ()) -> ConfigProblem:
        path = self.written.get(under + fault.path, under + fault.path)
        return ConfigProblem(
            self.path, line_of(self.text, path), ".".join(path), fault.message, fault.hint
        )


def _environments_of(sources: object) -> frozenset[str]:
    """Return the environments that *sources* set for all of their records."""
    tables = sources.values() if isinstance(sources, Mapping) else ()
    named = (table.get("environment") for table in tables if isinstance(table, Mapping))
    return frozenset(name for name in named if isinstance(name, str))


def _can_be_read(name: str) -> bool:
    """Tell whether the *name* of a source is a line of text, and nothing else."""
    return bool(name) and name == sanitize(name)


def _free_name(name: str, taken: Collection[str]) -> str:
    """Return *name*, or one like it that is not *taken*."""
    while not name or name in taken:
        name += "'"
    return name


def _stand_in(faults: Sequence[RuleError], taken: Mapping[str, Any]) -> ResolvedSource:
    """Return a stand-in source that shows *faults* on the board, in ``status`` and ``doctor``."""
    name = _free_name("config", taken)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    hint = "correct the file, then start again; until then, actions that it may concern are refused"
    return broken_source(name, f"{faults[0].message}{more}", hint)


@cache
def _with_sources() -> type[BaseModel]:
    """Return the model of the whole file, in which ``sources`` is a key like any other."""

    class Document(Settings):
        sources: dict[str, Any] = Field(default_factory=dict)

    return Document
