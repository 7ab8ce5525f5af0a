"""Changing something in the world: every change goes through here, and no other way.

A request becomes a :class:`~opsboard.adapter.Plan`, for which the adapter only reads. The
:mod:`.policy` decides whether it may be carried out, the :mod:`.guard` checks a person's consent,
writes the intent to the :mod:`.audit` log and issues the permit. :mod:`.execution` carries it out
and observes it to a verdict; :mod:`.coordinator` puts all of that together. What a crashed program
left open is continued by the next one (:mod:`.recovery`).
"""
