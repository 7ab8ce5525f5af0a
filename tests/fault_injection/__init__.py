"""Faults of servers, configs and terminals: the rest of the board goes on, and says what to do."""
