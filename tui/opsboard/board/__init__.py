"""The state: all records, the health and age of the sources, and the alerts that follow."""
