"""Who calls whom, by the addresses of services that a workload's variables and arguments name.

That one workload calls another is no part of what it is made of: calls stand in no chain, and
nothing is concluded from them. They only say how near a change may be to a failure. Which workload
is behind an address is a guess, by its name: a Service usually has that of what it selects.
"""

from collections.abc import Iterator
from typing import Final

from opsboard.lineage.graph import Edge
from opsboard.lineage.index import LineageIndex
from opsboard.records import Identity, Record, Strength
from opsboard.records.claims import SERVICE_ADDRESS

NOTE: Final = "it has the name of the service that is called; that it is behind it is not known"


def callees(index: LineageIndex, record: Record) -> Iterator[Edge]:
    """Yield candidate edges from what *record* calls, as far as it is on the board."""
    for claim in record.inputs:
        if claim.type == SERVICE_ADDRESS:
            identity = Identity(*index.identity(claim))
            rule = f"calls {identity.value}"
            for ref in sorted(index.makers(identity)):
                if ref != record.ref:
                    yield Edge(ref, record.ref, rule, Strength.CANDIDATE, NOTE)
