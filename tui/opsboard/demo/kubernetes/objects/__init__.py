"""The world's objects as JSON of the Kubernetes API."""
