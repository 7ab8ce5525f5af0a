"""Will it start? Asked while a plan is on the screen, and never a reason to wait for it.

The source of the plan tells what it knows, other sources whether they hold what it needs, the
ledger what happened when it ran before, and what the user has declared is run. All of it at once,
within seconds; what could not be told is told.
"""
