"""Tests of the delivery figures."""
