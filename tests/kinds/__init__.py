"""Kinds of record: declared by the board and by adapters alike."""
