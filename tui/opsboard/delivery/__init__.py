"""Delivery figures: what was deployed, what failed, and how long both took, out of the ledger.

``versions``       what is deployed, and when two of it are the same
``sightings``      what a record says of a version at a time: rolled out, live, failing, gone
``lane``           one service in one environment, or one alias of a model, from first to last
``verdicts``       which deployments failed, how that is known, and when it was over
``changes``        which commits a deployment brought, and when each was made
``drift_spans``    from when to when a model drifted
``spread``         medians and shares of few values, also of what has not ended yet
``figures``        the five measures of a lane within a window
``read_delivery``  all of it out of the ledger

No I/O beyond the reader that is given, no screen, no clock. ``docs/delivery.md`` says how each
figure is made.
"""
