"""A simulated company, served over loopback HTTP: for the demo, for tests, and for load.

=================  ==============================================================================
``world/``         the simulation: data, an event queue, and the controllers that change it
``kubernetes/``    a fake API server per cluster
``github/``        a fake GitHub (Enterprise Server's paths, and api.github.com by host name)
``mlflow/``        a fake MLflow server
``app``            one ASGI application of all servers; ``server`` runs it on a socket
``serve``          ``opsboard demo --serve``; ``process`` starts that and waits for it
``detection``      tells whether sources are the demo's; ``options`` says which world
=================  ==============================================================================

Classes of the simulated company begin with ``Demo``, those of the servers with ``Fake``, so that
they are not taken for the records of the board or for the structs of an adapter. Servers know the
world; the world knows no server, and no server knows another. Only the servers need the packages
of the extra ``demo``.

Why the demo is built like this: docs/adr/0008-demo-world.md.
"""
