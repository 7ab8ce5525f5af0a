"""Seeded stories: something is changed, and some time later something that hangs on it goes red.

    >>> from opsboard.demo.world.stories import story
    >>> told = story(7)
    >>> told.symptom, told.red_at          # what went red, and when
    >>> told.initial, told.events          # the board as it began, and all that sources said since
    >>> told.gaps                          # the stretches in which nobody looked
    >>> told.is_cause(ref, at)             # is the transition of *ref* at the time *at* the cause?

They are the truth that a ranking of "what changed before it went red" is measured by. Each has a
small company of its own, drawn from the seed: teams, services, clusters, models. Its records are
what the built-in adapters state of such a company, with the same ids, fields and identities; a
transition has the time of its source and the time at which a board would have seen it.

Beside the cause there are at least :data:`~opsboard.demo.world.stories.model.DISTRACTORS` other
changes at about the same time that have nothing to do with it: roll-outs of other services, of the
same team and in the same environment, config that nothing red reads, aliases of other models.
:attr:`~opsboard.demo.world.stories.model.Story.joins` lists which records truly hang together, so
that a join can be called found, missing or wrong.

Some records are of a kind that a third party declares; within :func:`third_party_kinds` that kind
is known, as the board knows those of the adapters that are installed.

The same seed gives the same story. A ranking must not be fitted to how stories are made.
"""

from opsboard.demo.world.stories.families import FAMILIES
from opsboard.demo.world.stories.generator import story
from opsboard.demo.world.stories.model import (
    DISTRACTORS,
    EventKey,
    Story,
    StoryEvent,
    StoryGap,
    StoryJoin,
)
from opsboard.demo.world.stories.tables import third_party_kinds

__all__ = [
    "DISTRACTORS",
    "FAMILIES",
    "EventKey",
    "Story",
    "StoryEvent",
    "StoryGap",
    "StoryJoin",
    "story",
    "third_party_kinds",
]
