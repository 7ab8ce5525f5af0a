"""Logs of pods: all containers of a pod, a Job or a workload, merged in the order of their times.

- :mod:`.containers`: which containers a log is of;
- :mod:`.merge`: lines of many containers in one order;
- :mod:`.container_log`: one container, over any number of connections;
- :mod:`.reader`: all of them together, joined by the pods that a roll-out makes.

Source: *Logging Architecture*, and ``readNamespacedPodLog`` in the API reference.
"""

from opsboard_adapters.kubernetes.logs.containers import log_parts
from opsboard_adapters.kubernetes.logs.reader import LogReader

__all__ = ["LogReader", "log_parts"]
