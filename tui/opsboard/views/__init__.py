"""What a pane shows: its columns, its order, its filter. Plain data, the same on every screen.

Nothing here knows a terminal, so ``opsboard status`` prints what the board would show.
"""
