"""The join: what is made of what, by the identities that records state.

A source states what it knows and knows nothing of the other sources. :class:`LineageIndex` joins
what is equal; each :class:`Edge` names the rule that it goes by and how far that can be trusted. A
guess is a *candidate*: it is shown as one, and nothing is concluded from it. Pure: no I/O, no
clock.
"""

from opsboard.lineage.chain import Chain, chain
from opsboard.lineage.containment import Containment
from opsboard.lineage.graph import Edge, LineageRules, Node
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.mending import Missing
from opsboard.lineage.walk import solid_downstream, solid_upstream

__all__ = [
    "Chain",
    "Containment",
    "Edge",
    "LineageIndex",
    "LineageRules",
    "Missing",
    "Node",
    "chain",
    "solid_downstream",
    "solid_upstream",
]
