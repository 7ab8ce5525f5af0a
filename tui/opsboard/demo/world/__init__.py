"""The simulated company: clusters, repositories and models, apart from any API that shows them.

It is a discrete-event simulation, made from a seed and a time by
:func:`~opsboard.demo.world.seed_data.create_world` and moved by
:meth:`~opsboard.demo.world.world.DemoWorld.advance`. The same seed and times give the same world,
in however many steps it is moved. The packages beside this one serve it through the APIs of
Kubernetes, GitHub and MLflow.
"""
