"""A second set of seeded stories, by another author, who had not read the ranking before.

    >>> from bench.independent_stories import independent_story
    >>> told = independent_story(7)

The families are taken from what post-mortems tell, not from what the board can join: in three of
them nothing in the records joins the cause to what went red (:data:`UNJOINED`). They share no code
with :mod:`opsboard.demo.world.stories` but the type :class:`Story`. A ranking must not be fitted to
them.
"""

from bench.independent_stories.families import FAMILIES, UNJOINED, independent_story

__all__ = ["FAMILIES", "UNJOINED", "independent_story"]
