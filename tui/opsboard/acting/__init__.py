"""Acting on the world: every mutation goes this way, and no other.

A request becomes a :class:`~opsboard.adapter.Plan` (the adapter reads), the :mod:`.policy` judges
it, the :mod:`.guard` takes a person's consent, writes the intent to the :mod:`.audit` and mints
the permit, :mod:`.operations` carries it out and follows it to a verdict, and what a crash left
open is settled at the next start (:mod:`.settling`).
"""
