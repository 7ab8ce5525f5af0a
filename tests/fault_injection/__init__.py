"""Whatever goes wrong outside, the rest of the board lives on, and the user reads what to do."""
