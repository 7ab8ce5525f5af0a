"""Environments (``production``, ``staging``, ...): their names, and which names mean which."""
