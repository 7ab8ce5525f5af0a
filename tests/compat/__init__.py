"""What is scripted against or kept by users, recorded from 9af61d2 and held against the program.

``before.json`` was made by the program of commit 9af61d2, the last one before everything was
renamed: ``python -m tests.compat.record`` with that tree on ``PYTHONPATH``. ``docs/renames.toml``
says what is spelled otherwise since. Nothing else may differ.
"""
