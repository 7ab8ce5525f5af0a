"""As much of GraphQL as gh and the board need: who is logged in, facts of a repository, commits.

Queries are parsed by the specification (October 2021, §2), without directives: fields with aliases
and arguments, named fragments, variables. What is unknown here becomes an error in the response.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from opsboard.demo.github.queries import FakeGitHubQueries
from opsboard.demo.github.repositories import READ_ONLY, stamp
from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import ME, node_id
from opsboard.demo.world.ci import DemoCommit, DemoRepository
from opsboard.demo.world.commits import DemoPullRequest, pull_requests_about

_TOKEN: Final = re.compile(r'#[^\n]*|(\.\.\.|[{}():!$=@\[\]]|"[^"]*"|[\w-]+)')
Data: TypeAlias = Mapping[str, Any]


class FakeGraphQLError(Exception):
    """The query cannot be answered; the text says why."""


@dataclass(slots=True)
class GraphQLField:
    """A field of a query, with its arguments and subfields."""

    name: str
    alias: str
    arguments: dict[str, str] = field(default_factory=dict)
    fields: list["GraphQLField"] = field(default_factory=list)
    spread: bool = False


class _Reader:
    """Parses a document token by token."""

    def __init__(self, text: str) -> None:
        self._tokens = [match[1] for match in _TOKEN.finditer(text) if match[1]]
        self._at = 0

    def next(self, wanted: str = "") -> str:
        """Return the next token, which must be *wanted* if that is given."""
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise FakeGraphQLError(f"This demo cannot read the query at {token or 'its end'!r}.")
        self._at += 1
        return token

    def peek(self) -> str:
        """Return the next token without consuming it; ``""`` at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def skip_to(self, token: str) -> None:
        """Skip what comes before *token*, such as names and types of variables."""
        while self.peek() != token:
            self.next()

    def fields(self) -> list[GraphQLField]:
        """Return the fields between the next braces."""
        self.next("{")
        found = []
        while self.peek() != "}":
            found.append(self._field())
        self.next("}")
        return found

    def _field(self) -> GraphQLField:
        name = self.next()
        if name == "...":
            spread = self.next()
            return GraphQLField(spread, spread, spread=True)
        alias = name
        if self.peek() == ":":
            self.next()
            name = self.next()
        one = GraphQLField(name, alias)
        if self.peek() == "(":
            self._arguments(one)
        if self.peek() == "{":
            one.fields = self.fields()
        return one

    def _arguments(self, one: GraphQLField) -> None:
        self.next("(")
        while self.peek() != ")":
            name = self.next()
            self.next(":")
            one.arguments[name] = self._value()
        self.next(")")

    def _value(self) -> str:
        """Return a scalar, or a variable with its ``$``. Lists and objects are skipped."""
        value = self.next()
        if value == "$":
            return f"${self.next()}"
        if value in {"[", "{"}:
            depth = 1
            while depth:
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(self.next(), 0)
        return value.strip('"')


def parse(text: str) -> tuple[list[GraphQLField], Mapping[str, list[GraphQLField]]]:
    """Return the fields of the query *text*, and its fragments. Raises :exc:`FakeGraphQLError`."""
    reader, query = _Reader(text), list[GraphQLField]()
    fragments: dict[str, list[GraphQLField]] = {}
    while kind := reader.peek():
        if kind == "fragment":
            reader.next()
            name = reader.next()
            reader.skip_to("{")
            fragments[name] = reader.fields()
        elif kind in {"query", "{"}:
            reader.skip_to("{")
            query = reader.fields()
        else:
            raise FakeGraphQLError(f"This demo serves only queries of GraphQL, no {kind}.")
    return query, fragments


def select(
    source: Data, wanted: list[GraphQLField], fragments: Mapping[str, list[GraphQLField]], of: str
) -> dict[str, Any]:
    """Return the fields *wanted* of *source*, an object of type *of*."""
    found: dict[str, Any] = {}
    for one in _spread(wanted, fragments, 0):
        if one.name not in source:
            raise FakeGraphQLError(f"This demo does not serve the field '{one.name}' of {of}.")
        value = source[one.name]
        if callable(value):
            value = value(one.arguments)
        found[one.alias] = _selected(value, one, fragments)
    return found


def _selected(
    value: object, one: GraphQLField, fragments: Mapping[str, list[GraphQLField]]
) -> object:
    if isinstance(value, Mapping):
        return select(value, one.fields, fragments, one.name)
    if isinstance(value, list):
        return [_selected(part, one, fragments) for part in value]
    return value


def _spread(
    wanted: list[GraphQLField], fragments: Mapping[str, list[GraphQLField]], depth: int
) -> Iterator[GraphQLField]:
    for one in wanted:
        if not one.spread:
            yield one
        elif depth < len(fragments) and one.name in fragments:
            yield from _spread(fragments[one.name], fragments, depth + 1)
        else:
            raise FakeGraphQLError(f"The fragment {one.name} leads nowhere.")


def answer(
    links: FakeGitHubUrls, reader: FakeGitHubQueries, source: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the response to the request body *source*: ``query`` and ``variables``."""
    given = source.get("variables")
    variables = given if isinstance(given, Mapping) else {}
    try:
        query, fragments = parse(str(source.get("query", "")))
        data = {}
        for one in _spread(query, fragments, 0):
            values = {
                name: str(variables.get(value[1:])) if value.startswith("$") else value
                for name, value in one.arguments.items()
            }
            found = _root(links, reader, one.name, values)
            data[one.alias] = select(found, one.fields, fragments, one.name)
    except FakeGraphQLError as error:
        return {"data": None, "errors": [{"message": str(error)}]}
    return {"data": data}


def _root(
    links: FakeGitHubUrls, reader: FakeGitHubQueries, name: str, values: Mapping[str, str]
) -> Data:
    if name == "viewer":
        return viewer(links)
    if name != "repository":
        raise FakeGraphQLError(f"This demo does not serve '{name}' in GraphQL.")
    owner, called = values.get("owner", ""), values.get("name", "")
    home = reader.repository(owner, called)
    if home is None:
        raise FakeGraphQLError(
            f"Could not resolve to a Repository with the name '{owner}/{called}'."
        )
    return {
        **repository(links, home),
        "defaultBranchRef": {"name": "main", "target": _head(links, home)},
        "object": _object_of(links, reader, home),
    }


def _head(links: FakeGitHubUrls, home: DemoRepository) -> Data:
    """Return the head of the default branch, with its history."""

    def history(arguments: Mapping[str, str]) -> Data:
        newest = home.main[::-1][: int(arguments.get("first", "0"))]
        return {"nodes": [commit(links, home, one) for one in newest]}

    return {**commit(links, home, home.head), "history": history}


def _object_of(
    links: FakeGitHubUrls, reader: FakeGitHubQueries, home: DemoRepository
) -> Callable[[Mapping[str, str]], Data | None]:
    """Return what finds a commit by the argument ``oid``."""

    def find(arguments: Mapping[str, str]) -> Data | None:
        found = reader.commit(home, arguments.get("oid", ""))
        return commit(links, home, found) if found else None

    return find


def commit(links: FakeGitHubUrls, home: DemoRepository, one: DemoCommit) -> Data:
    """Return a commit as a GraphQL object, with the pull requests that it came by."""
    nodes = [_pull_request(links, home, pull) for pull in pull_requests_about(home, one.sha)]
    return {
        "oid": one.sha,
        "message": one.title,
        "committedDate": stamp(one.at),
        "url": f"{links.page(home.full_name)}/commit/{one.sha}",
        "author": {"name": one.author.capitalize(), "user": {"login": one.author}},
        "associatedPullRequests": {"nodes": nodes},
    }


def _pull_request(links: FakeGitHubUrls, home: DemoRepository, pull: DemoPullRequest) -> Data:
    return {
        "number": pull.number,
        "title": pull.merge_commit.title,
        "state": "MERGED",
        "url": f"{links.page(home.full_name)}/pull/{pull.number}",
        "mergedAt": stamp(pull.merge_commit.at),
        "headRefOid": pull.head.sha,
        "mergeCommit": {"oid": pull.merge_commit.sha},
        "author": {"login": pull.head.author},
        "baseRepository": {"nameWithOwner": home.full_name},
    }


def viewer(links: FakeGitHubUrls) -> Data:
    """Return who is logged in."""
    return {"login": ME, "id": node_id("U", 1), "url": f"{links.web}/{ME}"}


def repository(links: FakeGitHubUrls, home: DemoRepository) -> Data:
    """Return a repository as a GraphQL object."""
    may_write = home.name not in READ_ONLY
    return {
        "id": node_id("R", home.id),
        "databaseId": home.id,
        "name": home.name,
        "nameWithOwner": home.full_name,
        "owner": {"id": node_id("O", 1), "login": home.owner},
        "description": home.description,
        "url": links.page(home.full_name),
        "sshUrl": f"git@github.com:{home.full_name}.git",
        "isPrivate": True,
        "isArchived": False,
        "hasIssuesEnabled": False,
        "hasWikiEnabled": False,
        "viewerPermission": "WRITE" if may_write else "READ",
        "defaultBranchRef": {"name": "main"},
        "parent": None,
        "mergeCommitAllowed": True,
        "rebaseMergeAllowed": True,
        "squashMergeAllowed": True,
    }
