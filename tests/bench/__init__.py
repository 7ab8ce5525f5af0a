"""Tests of the benchmark: of its arithmetic and its table, not of any time."""
