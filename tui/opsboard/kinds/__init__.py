"""Kinds of record: what is shown of each, what is an alert, and what is remembered."""
