"""Foreign logs → records. One module a source; none of them uses the database."""
