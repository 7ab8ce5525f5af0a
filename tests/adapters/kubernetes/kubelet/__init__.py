"""A small kubelet for a true API server: logs, exec, attach and port-forward over TLS.

A bare API server has no node. This one stands in for the kubelet of a :class:`Node` object that a
test makes: the server connects to it for whatever needs the container itself, so that the real
kubectl and the board both go through the real API server.
"""
