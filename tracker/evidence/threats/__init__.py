"""Threats: known ways for a comparison to mislead, detected in the data."""
