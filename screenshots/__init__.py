"""Screenshots of the board, made from the demo world: ``python -m screenshots``."""
