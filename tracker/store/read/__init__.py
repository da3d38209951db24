"""Reading from the database: rows for people, aggregates for evidence."""
