"""Kubernetes: roll-outs, pods, jobs and events of one or several clusters.

Logging in to a cluster is own code over httpx (:mod:`.access`):
docs/adr/0003-no-kubernetes-client.md says which libraries were tried, and what they lack.

From a cluster to the board: :mod:`.client` sends requests, :mod:`.reflector` lists and watches one
resource, :mod:`.informer` turns its events into changes, with the records that :mod:`.parse` makes
of :mod:`.structs`. :mod:`.source` does so for all clusters; :mod:`.actions` change them.
"""

from opsboard_adapters.kubernetes.adapter import Kubernetes

__all__ = ["Kubernetes"]
