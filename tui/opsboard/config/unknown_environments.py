"""Environment names in the config that match nothing known yet: ``opsboard doctor`` warns of them.

A server's own environments, such as GitHub's, are known only once they have been seen. So an
unknown name is no error in the config; but it may be a typo.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from opsboard.config.problems import did_you_mean
from opsboard.config.settings import Settings
from opsboard.environments.names import UNKNOWN, Specificity, matches, normal_form, specificity_of
from opsboard.environments.rules import USUAL_WORDS


class UnknownEnvironment(NamedTuple):
    """An unknown name in *key*, and what to do about it."""

    key: str
    message: str
    hint: str


def unknown_environments(
    settings: Settings, of_sources: Mapping[str, str]
) -> Iterator[UnknownEnvironment]:
    """Yield the unknown names in *settings*; *of_sources* are the environments that sources set."""
    own = {*USUAL_WORDS, *map(normal_form, settings.environments)}
    known = {UNKNOWN, *own, *map(normal_form, of_sources.values())}
    for key, name in _named_environments(settings):
        if specificity_of(name) is not Specificity.ANY and not any(
            matches(name, one) for one in known
        ):
            hint = did_you_mean(normal_form(name), known)
            yield UnknownEnvironment(key, f"nothing is called {name!a} as yet", hint)
    declared = own | {normal_form(name) for _, name in _named_environments(settings)}
    for source, name in of_sources.items():
        if normal_form(name) not in declared:
            message = f"nobody knows the environment {name!a}: every action there is typed"
            hint = f"write {normal_form(name)} = [] in [environments] to make it known"
            yield UnknownEnvironment(f"sources.{source}.environment", message, hint)


def _named_environments(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the names and patterns of environments in *settings*, each with its key."""
    yield from (("protected", name) for name in settings.protected)
    yield from ((f"policy.{name}", name) for name in settings.policy)
    for window in settings.change_windows:
        yield from (("change_windows", name) for name in window.environments)
