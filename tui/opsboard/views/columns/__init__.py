"""The columns of each pane, a module for each family of records."""
