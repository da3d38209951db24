"""The database: schema, engine and upgrade, journal (writes), reductions (reads)."""
