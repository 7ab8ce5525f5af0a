"""The model registry as last read: models, versions, and which of them are in use."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from opsboard_adapters.mlflow.structs import MLflowVersion, RegisteredModel

_STAGES_IN_USE = ("Production", "Staging")


class RegistryState:
    """Registered models with their versions. *leading_aliases* say which version serves."""

    def __init__(self, leading_aliases: Sequence[str]) -> None:
        self._leading = leading_aliases
        self.models: Mapping[str, RegisteredModel] = {}
        self._versions: dict[str, dict[str, MLflowVersion]] = {}
        self._ordered: dict[str, list[MLflowVersion]] = {}
        self.logged_by_run: dict[str, set[str]] = {}
        """The ids of the logged models that versions are of, by the run that they name."""
        self._by_logged: dict[str, dict[tuple[str, str], None]] = {}
        """Names and numbers of the versions of each logged model."""
        self.changes = 0
        """A counter that grows with every change."""
        self._read: set[str] = set()
        """Models of which all versions have been read, be there none."""

    def replace_models(self, models: Iterable[RegisteredModel], *, whole: bool = True) -> set[str]:
        """Take *models* as all there are, or as some of them where they are not the *whole*;
        return the names of those that changed or are new. The versions of those that are gone
        are gone too."""
        before = self.models
        found = {model.name: model for model in models}
        now = found if whole else {**before, **found}
        if now == before:
            return set()
        self.models = now
        self.changes += 1
        if whole:
            for name in (self._versions.keys() | self._read) - found.keys():
                self._forget_versions(name)
        return {
            name
            for name, model in found.items()
            if name not in before or _touched(before[name]) != _touched(model)
        }

    def replace_versions(self, versions: Iterable[MLflowVersion]) -> None:
        """Take *versions* as all there are."""
        self._versions, self._ordered = {}, {}
        self.changes += 1
        self.merge(versions)
        self._read = {*self.models}

    def replace_versions_of(
        self, model: str, versions: Iterable[MLflowVersion], *, whole: bool = True
    ) -> None:
        """Take *versions* as all that *model* has, or as some where they are not the *whole*."""
        if whole:
            self._forget_versions(model)
            self._read.add(model)
        self.changes += 1
        self.merge(versions)

    def add_model(self, model: RegisteredModel) -> None:
        """Take *model* as it is now."""
        self.replace_models([model], whole=False)

    def _forget_versions(self, model: str) -> None:
        self._versions.pop(model, None)
        self._ordered.pop(model, None)
        self._read.discard(model)

    def merge(self, versions: Iterable[MLflowVersion]) -> None:
        """Add *versions*, or put them in the place of what was known of them."""
        for version in versions:
            self.changes += 1
            self._versions.setdefault(version.name, {})[version.version] = version
            self._ordered.pop(version.name, None)
            if version.run_id and version.logged_model:
                logged = self.logged_by_run.setdefault(version.run_id, set())
                logged.add(version.logged_model)
            if version.logged_model:
                of_it = self._by_logged.setdefault(version.logged_model, {})
                of_it[version.name, version.version] = None

    def knows(self, version: MLflowVersion) -> bool:
        """Return whether *version* is known exactly so."""
        return self._versions.get(version.name, {}).get(version.version) == version

    def versions(self) -> list[MLflowVersion]:
        """Return all versions."""
        return [version for group in self._versions.values() for version in group.values()]

    def is_read(self, model: str) -> bool:
        """Return whether all versions of *model* have been read."""
        return model in self._read

    def count(self, model: str) -> int:
        """Return how many versions of *model* are known."""
        latest = self.models[model].latest_versions if model in self.models else ()
        return len(self._versions.get(model, ())) or len(latest)

    def versions_of(self, model: str) -> Sequence[MLflowVersion]:
        """Return the versions of *model*, newest first."""
        ordered = self._ordered.get(model)
        if ordered is None:
            known = self._versions.get(model, {}).values()
            ordered = sorted(known, key=lambda version: version.number, reverse=True)
            self._ordered[model] = ordered
        return ordered

    def version(self, model: str, version: str) -> MLflowVersion | None:
        """Return what is known of a version."""
        known = self._versions.get(model, {}).get(version)
        if known is not None or model not in self.models:
            return known
        latest = self.models[model].latest_versions
        return next((one for one in latest if one.version == version), None)

    def aliases_of(self, model: str, version: str) -> tuple[str, ...]:
        """Return the aliases that point to a version."""
        if model not in self.models:
            return ()
        aliases = self.models[model].aliases
        return tuple(sorted(alias for alias, target in aliases.items() if target == version))

    def ordered_aliases(self, aliases: Iterable[str]) -> list[str]:
        """Return *aliases*, those that lead first: they say where a version is at work."""
        lead = {one.lower(): place for place, one in enumerate(self._leading)}
        return sorted(aliases, key=lambda name: (lead.get(name.lower(), len(lead)), name))

    def latest(self, model: str) -> str:
        """Return the newest version of *model*, or ``""``."""
        known = self.versions_of(model)
        if known:
            return known[0].version
        latest = self.models[model].latest_versions if model in self.models else ()
        return max(latest, key=lambda version: version.number).version if latest else ""

    def serving(self, model: str) -> str:
        """Return the version that the leading alias points to, else the one in production."""
        if model not in self.models:
            return ""
        return self._led(model) or self._staged(model, "Production")

    def shown(self, model: str) -> MLflowVersion | None:
        """Return the version that the row of *model* is about: what serves, or else the latest."""
        return self.version(model, self.serving(model) or self.latest(model))

    def leading_alias(self, model: str) -> str:
        """Return the alias that says which version of *model* serves, or ``""``."""
        aliases = {name.lower(): name for name in self.models[model].aliases}
        return next((aliases[one.lower()] for one in self._leading if one.lower() in aliases), "")

    def _led(self, model: str) -> str:
        return self.models[model].aliases.get(self.leading_alias(model), "")

    def _staged(self, model: str, stage: str) -> str:
        known = self.versions_of(model) or self.models[model].latest_versions
        staged = [version for version in known if version.stage == stage]
        return max(staged, key=lambda version: version.number).version if staged else ""

    def resolve(self, model: str, word: str) -> str:
        """Return the version that *word* means: its number, an alias (``@`` optional), a stage.

        Without a word, that is the version that serves, or else the latest; ``""`` where no
        version is meant, such as by an alias that there is not.
        """
        if model not in self.models:
            return ""
        if not word:
            return self.serving(model) or self.latest(model)
        aliases = self.models[model].aliases
        bare = word.removeprefix("@")
        number = bare.removeprefix("v")
        known = aliases.get(bare) or self._staged(model, bare.capitalize())
        return known or (number if number.isascii() and number.isdigit() else "")

    def version_of_logged(self, model_id: str) -> tuple[str, str] | None:
        """Return name and version of what was registered of a logged model (``m-...``).

        Of several, that is one in use, else the last one that was told; ``None`` where there is
        none.
        """
        known = [
            (name, number)
            for name, number in self._by_logged.get(model_id, ())
            if (one := self.version(name, number)) is not None and one.logged_model == model_id
        ]
        used = [(name, number) for name, number in known if number in self.in_use(name)]
        return next(reversed(used or known), None)

    def in_use(self, model: str) -> Collection[str]:
        """Return the versions that matter: with an alias, in a stage, serving, or the latest.

        Where a leading alias says what serves, stages say nothing any more.
        """
        if model not in self.models:
            return {self.latest(model)} - {""}
        aliased = set(self.models[model].aliases.values())
        staged = {one.version for one in self.versions_of(model) if one.stage in _STAGES_IN_USE}
        return (aliased | (set() if self._led(model) else staged) | {self.latest(model)}) - {""}


def _touched(model: RegisteredModel) -> int:
    return model.last_updated_timestamp
