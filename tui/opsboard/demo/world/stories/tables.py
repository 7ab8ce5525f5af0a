"""Feature tables: a kind of record that none of the built-in adapters has, as a third party's has.

It joins in by stating which data a table holds, and which it was made of.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opsboard.demo.world.stories.stage import StoryTable
from opsboard.frozen import frozen
from opsboard.kinds import NAME, STATUS, RecordKind, age_column, text_column
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Record, Ref, Status, Text
from opsboard.records.claims import stated
from opsboard.records.identity import dataset

SOURCE = "feature-store"
_ORIGIN = f"{__name__}:FEATURE_TABLE"


@frozen
class FeatureTable(Record):
    """A table that models are trained on; *version* is the digest of what it holds."""

    kind: Kind = Kind("feature-table")
    version: Text = ""


FEATURE_TABLE = RecordKind(
    FeatureTable.kind,
    FeatureTable,
    title="Feature tables",
    columns=(STATUS, NAME, text_column("version", "version", 8, 12), age_column("updated_at")),
    identities=("dataset",),
    represents=("dataset",),
)


@contextmanager
def third_party_kinds() -> Iterator[None]:
    """Have the kinds that stories bring with them known, as those of an installed adapter are."""
    KINDS.add((FEATURE_TABLE,), _ORIGIN)
    try:
        yield
    finally:
        KINDS.drop(_ORIGIN)


def table_ref(table: StoryTable) -> Ref:
    return Ref(SOURCE, Kind("feature-table"), table.name)


def table_record(table: StoryTable) -> FeatureTable:
    """Return *table* as the feature store has it."""
    made_of = table.made_of
    return FeatureTable(
        source=SOURCE,
        id=table.name,
        name=table.name,
        status=Status.OK,
        updated_at=table.at,
        version=table.digest,
        inputs=stated(dataset(made_of.name, made_of.digest, "feature store") if made_of else None),
        outputs=stated(dataset(table.name, table.digest, "feature store")),
    )
