"""What the program costs, measured on the whole program, beside a baseline, against a budget."""
