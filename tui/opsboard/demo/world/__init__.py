"""The world of the demo: a plausible company, told by no one API.

The world is a simulation of discrete events. It is made from a seed and a time, and moved by
:meth:`~opsboard.demo.world.world.World.advance`. The same seed and the same times give the same
world, however many steps are taken to get there. The packages beside this one tell it through
the APIs of GitHub, Kubernetes and MLflow.
"""
