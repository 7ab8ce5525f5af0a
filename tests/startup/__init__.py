"""Tests of what is known before the config and the adapters are read."""
