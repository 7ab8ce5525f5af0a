"""Kubernetes: roll-outs, pods, jobs and events of one or several clusters.

Getting into a cluster is own code over httpx (:mod:`.access`):
docs/adr/0003-no-kubernetes-client.md says which libraries were tried, and what they lack.
"""

from opsboard_adapters.kubernetes.adapter import Kubernetes

__all__ = ["Kubernetes"]
