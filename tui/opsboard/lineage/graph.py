"""The parts of the graph: what stands in it, and what an edge says."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from opsboard.records import Claim, Identity, Ref, Strength

Node: TypeAlias = Ref | Identity
"""A record, or a thing of which there is no record: a commit, say."""


class Edge(NamedTuple):
    """*downstream* is made of, runs or is about *upstream*.

    *rule* says how that is known. *note* says of a candidate why it is no more than that, and what
    would mend it. What *owns* its downstream has made it, and may be made of something else by now.
    """

    upstream: Node
    downstream: Node
    rule: str
    strength: Strength
    note: str = ""
    owns: bool = False

    @property
    def is_candidate(self) -> bool:
        """Whether it is a guess: drawn broken, and never used for anything else."""
        return self.strength is Strength.CANDIDATE


class ClaimVerdict(NamedTuple):
    """How far a claim can be trusted beside all others, and why no further."""

    strength: Strength
    note: str = ""


class LineageRules(NamedTuple):
    """What a user has declared, because no source can know it.

    *same_server* maps an address to the one under which the board knows the same server.
    *built_from* maps an image's registry and repository to the address of its source repository.
    """

    same_server: Mapping[str, str] = MappingProxyType({})
    built_from: Mapping[str, str] = MappingProxyType({})


NO_RULES: Final = LineageRules()


def last_part(scope: str) -> str:
    """Return the last name in a path: ``cart`` of ``registry.example/shop/cart``."""
    return scope.rpartition("/")[2]


def solid(claims: Iterable[Claim], type_: str) -> list[Claim]:
    """Return those of *claims* that are of *type_* and no candidates."""
    return [one for one in claims if one.type == type_ and one.strength is not Strength.CANDIDATE]
