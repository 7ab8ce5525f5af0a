"""Feature tables: a kind of record that none of the built-in adapters has, as a third party's has.

It joins in by stating which data a table holds, and which it was made of.
"""

from opsboard.demo.world.stories.stage import StoryTable
from opsboard.frozen import frozen
from opsboard.records import Kind, Record, Ref, Status, Text
from opsboard.records.claims import stated
from opsboard.records.identity import dataset

SOURCE = "feature-store"


@frozen
class FeatureTable(Record):
    """A table that models are trained on; *version* is the digest of what it holds."""

    kind: Kind = Kind("feature-table")
    version: Text = ""


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
