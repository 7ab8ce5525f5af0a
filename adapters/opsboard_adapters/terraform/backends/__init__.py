"""Where states are kept, each kind of place in a module of its own; all of them only read."""
