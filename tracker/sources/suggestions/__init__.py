"""Drafts of maps for tables: the probable meaning of each column, with the evidence."""
