"""Foreign logs → records. One file a source; none knows the database."""
