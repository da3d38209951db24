"""Drafts of maps: what the columns of a table probably mean, with the evidence for it."""
