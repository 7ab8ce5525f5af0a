"""The ledger: what was live when, and what changed, over sessions and boards.

``model``      the values: :class:`~opsboard.history.model.Transition`, ``Gap``
``state``      all records at a time: :class:`~opsboard.history.state.HistoricalState`
``ledger``     :class:`~opsboard.history.ledger.Ledger`: the file, its sources, and writing
``reader``     :class:`~opsboard.history.reader.LedgerReader`: reading, for the present sources only
``schema``     the tables, and the migration of earlier ones
``packing``    records as small rows

SQLite only: no event loop, no HTTP, no screen. ``docs/history.md`` says what is kept, and for whom.
"""
