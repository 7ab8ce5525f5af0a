"""Benchmarks of the whole program: each figure beside a baseline and against a budget."""
