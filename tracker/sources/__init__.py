"""Readers of foreign logs: one module a source, from a file to records, without the database."""
