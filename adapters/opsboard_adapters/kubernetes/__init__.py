"""Kubernetes: roll-outs, pods, jobs and events of one or several clusters.

Getting into a cluster is own code over httpx (:mod:`.access`), because no library at hand both
covers what kubectl does and fits the memory budget of the board. Looked at in November 2026, on
Python 3.11: kubernetes-asyncio 36.1 covers it all, but even its configuration loader imports
every API model, 94 MiB of the board's 150; kr8s 0.20 knows no ``tokenFile`` and leaves decoded
private keys in the temporary folder; lightkube 1.0 knows neither ``proxy-url`` nor exec plugins of
``v1`` nor a ``KUBECONFIG`` of several files.
"""

from opsboard_adapters.kubernetes.adapter import Kubernetes

__all__ = ["Kubernetes"]
