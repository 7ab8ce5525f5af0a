"""The identities that MLflow states: what a version was made of, what it is, and what serves.

Versions and aliases belong to the registry, runs and logged models to the tracking server; mostly
the two are one. A commit is the one that the run was started from, as MLflow's client notes it
(https://mlflow.org/docs/latest/ml/tracking/tracking-api/#system-tags); tags that people set by
themselves are taken for what they are, a declaration. What is not a full commit SHA, or was not
committed as it ran, states nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from opsboard.records.claims import Claim, Strength, stated
from opsboard.records.identity import (
    commit,
    dataset,
    logged_model,
    model_alias,
    model_version,
    training_run,
)
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.structs import DatasetInput, MLflowVersion


class _GitTags(NamedTuple):
    """Tags that name a commit together; *dirty* says that it was changed before it ran."""

    commit: str
    repositories: tuple[str, ...] = ()
    dirty: str = ""
    strength: Strength = Strength.LABEL


_GIT_TAGS: Final = (
    _GitTags(
        "mlflow.source.git.commit",
        ("mlflow.source.git.repoURL", "mlflow.gitRepoURL"),
        "mlflow.source.git.dirty",
        Strength.SHA,
    ),
    _GitTags(
        "mlflow.databricks.gitRepoCommit",
        ("mlflow.databricks.gitRepoUrl",),
        strength=Strength.SHA,
    ),
    _GitTags("git_commit", ("git_repository", "git_repo")),
    _GitTags("commit"),
)
"""``mlflow/utils/mlflow_tags.py``, and what people call such tags where they set them."""

_CONTEXT: Final = "mlflow.data.context"
"""The tag by which a dataset input says what it was used for: ``training``, ``eval``, ..."""
_WHOLE_HASH: Final = re.compile(r"(?:[a-z0-9]+:)?[0-9a-f]{32,128}", re.IGNORECASE)
"""A digest of 128 bits or more. MLflow's own have 32, of the first 10,000 rows."""
_RUN_LINK: Final = re.compile(
    r"(?P<base>https?://[^?#]+?)/?(?:\?[^#]*)?(?:#/?(?:mlflow/)?|/(?:ml/)?)"
    r"experiments/[^/?#]+/runs/(?P<run>[^/?#]+).*",
    re.IGNORECASE | re.DOTALL,
)
"""Where MLflow's pages, and those of Databricks, show a run."""
_COPIED: Final = re.compile(r"models:/+(?P<model>[^/@]+)/(?P<version>\d{1,18})/?")
"""The source of a version that ``copy_model_version`` has made of another one."""


class MLflowIdentities:
    """What is stated of the things of one *tracking* server, and of the *registry* beside it."""

    def __init__(self, tracking: str, registry: str | None = None) -> None:
        self._tracking = tracking
        self._registry = registry or tracking

    def made_of(self, version: MLflowVersion, origin: VersionOrigin) -> tuple[Claim, ...]:
        """Return what *version* was made of."""
        return stated(
            *self._runs(version, origin),
            self._logged(version),
            self._original(version),
            commit_of(version, origin),
            *(
                dataset_claim(one)
                for one in (origin.run.inputs.dataset_inputs if origin.run else ())
            ),
        )

    def is_(self, version: MLflowVersion, aliases: tuple[str, ...]) -> tuple[Claim, ...]:
        """Return what *version* is: itself, and what its *aliases* mean for now."""
        return stated(
            self.version(version.name, version.version, "MLflow registry"),
            *(
                model_alias(self._registry, version.name, alias, "MLflow alias, as it is now")
                for alias in aliases
            ),
        )

    def version(
        self, model: str, version: str, rule: str, strength: Strength = Strength.SHA
    ) -> Claim | None:
        """Return the claim of a version of a registered model."""
        return model_version(self._registry, model, version, rule, strength)

    def _runs(self, version: MLflowVersion, origin: VersionOrigin) -> Iterator[Claim | None]:
        """Yield the run that trained *version*, here or where its link leads.

        With a link, the run may be on another server: it is one of this one if it was found here.
        """
        linked = run_of_link(version.run_link)
        if linked is not None:
            yield linked
        if not version.run_link or (origin.run is not None and origin.run.id == version.run_id):
            yield training_run(self._tracking, version.run_id, "MLflow version: run_id")
        if not version.run_id and origin.run is not None:
            yield training_run(self._tracking, origin.run.id, "MLflow logged model: source_run_id")

    def _logged(self, version: MLflowVersion) -> Claim | None:
        rule = "MLflow version: model_id" if version.model_id else "MLflow version: source"
        return logged_model(self._tracking, version.logged_model, rule)

    def _original(self, version: MLflowVersion) -> Claim | None:
        found = _COPIED.fullmatch(version.source)
        if found is None or (found["model"], found["version"]) == version.key:
            return None
        return self.version(found["model"], found["version"], "MLflow version: source, copied")


def commit_of(version: MLflowVersion, origin: VersionOrigin) -> Claim | None:
    """Return the commit that *version* was trained from: the first that is told in full.

    What the run says comes first, then the logged model, then the version.
    """
    places = (
        ("run", origin.run.data.tags if origin.run else {}),
        ("logged model", origin.logged.info.tags if origin.logged else {}),
        ("version", version.tags),
    )
    claims = (
        _commit_in(tags, names, f"MLflow {place} tag {names.commit}")
        for place, tags in places
        if tags
        for names in _GIT_TAGS
    )
    return next((claim for claim in claims if claim is not None), None)


def _commit_in(tags: Mapping[str, str], names: _GitTags, rule: str) -> Claim | None:
    sha = tags.get(names.commit)
    if not sha or (names.dirty and tags.get(names.dirty, "").strip().lower() == "true"):
        return None
    url = next((tags[name] for name in names.repositories if tags.get(name)), "")
    return commit(url, sha, rule, names.strength)


def dataset_claim(used: DatasetInput) -> Claim | None:
    """Return the claim of a dataset that a run used, with what it used it for.

    A digest is as good as it is long: one that is cut short is a declaration.
    """
    context = used.tags.get(_CONTEXT, "").strip()
    rule = f"MLflow dataset input ({context})" if context else "MLflow dataset input"
    whole = _WHOLE_HASH.fullmatch(used.dataset.digest.strip()) is not None
    strength = Strength.DIGEST if whole else Strength.LABEL
    return dataset(used.dataset.name, used.dataset.digest, rule, strength)


def run_of_link(link: str) -> Claim | None:
    """Return the run that a version's ``run_link`` shows, on the server that it is on."""
    found = _RUN_LINK.fullmatch(link.strip())
    return training_run(found["base"], found["run"], "MLflow version: run_link") if found else None
