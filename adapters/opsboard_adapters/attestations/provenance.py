"""SLSA provenance: how an artifact was built, of which commits, and which of them is its source.

Known are versions 0.2 and 1 (https://slsa.dev/spec/v1.0/provenance), with what BuildKit and GitHub
Actions put into them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from opsboard.records.identity import is_commit, repository
from opsboard_adapters.attestations.statement import (
    Statement,
    decode_statement,
    open_statement,
)
from opsboard_adapters.times import as_utc

SLSA: Final = "https://slsa.dev/provenance/"
_MAX_COMMITS: Final = 20
_GIT_SCHEMES: Final = ("git+", "git://", "ssh://", "git@")


@dataclass(frozen=True, slots=True)
class SourceCommit:
    """A commit that a build has used; *uri* is that of its repository, as it is written."""

    uri: str
    sha: str

    @property
    def repository(self) -> str:
        """The repository as identities write it; ``""`` where *uri* names none."""
        return repository(self.uri)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a statement says of a build; nothing of it is verified.

    *commits* are all that the build has used: of its workflows and of submodules too. *source* is
    the one that was built, where that is clear.
    """

    predicate_type: str
    builder: str = ""
    build_type: str = ""
    commits: tuple[SourceCommit, ...] = ()
    source: SourceCommit | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    invocation: str = ""

    @property
    def version(self) -> str:
        """The version of SLSA, as in ``v1``."""
        return self.predicate_type.removeprefix(SLSA)


def decode_provenance(content: bytes, digests: Collection[str]) -> Provenance | None:
    """Return the provenance in *content*, JSON, if it is about one of *digests*, else ``None``."""
    return _provenance(decode_statement(content, digests))


def open_provenance(value: object, digests: Collection[str]) -> Provenance | None:
    """Return the provenance in *value*, decoded JSON, if it is about one of *digests*."""
    return _provenance(open_statement(value, digests))


def _provenance(statement: Statement | None) -> Provenance | None:
    if statement is None or not statement.predicate_type.startswith(SLSA):
        return None
    version = statement.predicate_type.removeprefix(SLSA)
    read = _version_1 if version.startswith("v1") else _version_0
    return read(statement.predicate, statement.predicate_type)


def _version_1(predicate: Mapping[str, Any], kind: str) -> Provenance:
    definition, run = _dict(predicate, "buildDefinition"), _dict(predicate, "runDetails")
    metadata, parameters = _dict(run, "metadata"), _dict(definition, "externalParameters")
    vcs = _dict(_dict(metadata, "buildkit_metadata"), "vcs")
    config = _dict(parameters, "configSource")
    commits = _commits((*_dicts(definition, "resolvedDependencies"), config), vcs)
    workflow = _text(_dict(parameters, "workflow"), "repository")
    return Provenance(
        kind,
        _text(_dict(run, "builder"), "id"),
        _text(definition, "buildType"),
        commits,
        _source(commits, (workflow, _text(config, "uri"), _text(vcs, "source"))),
        _time(metadata, "startedOn"),
        _time(metadata, "finishedOn"),
        _text(metadata, "invocationId"),
    )


def _version_0(predicate: Mapping[str, Any], kind: str) -> Provenance:
    metadata, invocation = _dict(predicate, "metadata"), _dict(predicate, "invocation")
    vcs = _dict(_dict(metadata, "https://mobyproject.org/buildkit@v1#metadata"), "vcs")
    config = _dict(invocation, "configSource")
    commits = _commits((config, *_dicts(predicate, "materials")), vcs)
    return Provenance(
        kind,
        _text(_dict(predicate, "builder"), "id"),
        _text(predicate, "buildType"),
        commits,
        _source(commits, (_text(config, "uri"), _text(vcs, "source"))),
        _time(metadata, "buildStartedOn"),
        _time(metadata, "buildFinishedOn"),
        _text(metadata, "buildInvocationID") or _text(metadata, "buildInvocationId"),
    )


def _source(commits: Sequence[SourceCommit], named: Sequence[str]) -> SourceCommit | None:
    """Return that of *commits* which was built: of the first repository that is *named*, if any.

    Other commits are used too, those of a reusable workflow among them. Of several that may be
    meant, none is taken.
    """
    own = next(filter(None, map(repository, named)), "")
    fitting = [one for one in commits if not own or one.repository == own]
    return fitting[0] if len({one.sha for one in fitting}) == 1 else None


def _commits(
    parts: Sequence[Mapping[str, Any]], vcs: Mapping[str, Any]
) -> tuple[SourceCommit, ...]:
    """Return the commits among *parts*, and in what BuildKit says of the repository (*vcs*)."""
    found = list(_commits_of(parts))
    revision = _text(vcs, "revision").lower()
    if is_commit(revision):
        found.append(SourceCommit(_text(vcs, "source"), revision))
    by_sha = {one.sha: one for one in reversed(found) if one.uri}
    return tuple(dict.fromkeys(by_sha.get(one.sha, one) for one in found))[:_MAX_COMMITS]


def _commits_of(parts: Sequence[Mapping[str, Any]]) -> Iterator[SourceCommit]:
    for part in parts:
        digest = _dict(part, "digest")
        uri = _text(part, "uri")
        sha = (_text(digest, "gitCommit") or _text(digest, "sha1")).lower()
        if is_commit(sha) and ("gitCommit" in digest or _is_git(uri)):
            yield SourceCommit(uri, sha)


def _is_git(uri: str) -> bool:
    """Tell whether *uri* is of a git repository: the SHA-1 of a file looks like that of a commit.

    A host of repositories has downloads, too: below the repository.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    path = parts.path.partition("@")[0].rstrip("/")
    plain = parts.netloc == "github.com" and path.count("/") == 2
    return uri.startswith(_GIT_SCHEMES) or path.endswith(".git") or plain


def _dict(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _dicts(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = value.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _time(value: Mapping[str, Any], key: str) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat(_text(value, key)))
    except ValueError:
        return None
