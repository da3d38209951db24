"""Writing to the database: entries, work items, team data, imports, and the change log."""
